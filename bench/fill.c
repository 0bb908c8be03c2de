/* SPDX-License-Identifier: BSD-2-Clause */
/* fill.c - fills a Redis for bench/run with what dakiyad would have left there: sessions of the load
 * generator's phones, or messages to other phones that nobody has sent yet.
 * usage: bench/fill unix:PATH session|reply|info COUNT */
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "engine/record.h"
#include "engine/turn.h"
#include "store/store.h"

#define AT_ONCE 500u
#define LIFE_MS (24u * 3600 * 1000)
#define ID_EPOCH_MS 1735689600000ull /* as app.c counts ids */
#define ID_MS_SHIFT 20u
#define PHONES_OF_LOAD "9198" /* drive.c numbers its phones so, from 0 in eight digits */
#define OTHER_PHONES "9197"

static struct {
	struct event_base *base;
	struct store *store;
	bool is_session;
	enum msg_class class;
	uint64_t now_ms, id;
	unsigned long count, begun, done;
	bool failed;
} fill;

static void on_done(const struct store_done *d, void *arg);

static void put_message(struct store_commit *c)
{
	struct out_record r = {.class = fill.class,
	    .msisdn = sv_from(c->msisdn),
	    .address = SV("56161"),
	    .text = SV("Your card is due for renewal. Please visit your centre."),
	    .text_id = SV("renewal"),
	    .lang = SV("en"),
	    .at_ms = fill.now_ms,
	    .expires_ms = fill.now_ms + LIFE_MS};
	struct buf rec;
	struct store_out o;

	buf_init(&rec, STORE_RECORD_MAX);
	r.trace = fill.id += TURN_ID_STEP;
	out_record_encode(&r, &rec);
	o = (struct store_out){.id = fill.id + 1, .class = fill.class, .record = buf_sv(&rec)};
	c->out = &o;
	c->out_count = 1;
	fill.store->ops->commit(fill.store, c, on_done, NULL);
	buf_clear(&rec);
}

static void put_session(struct store_commit *c)
{
	struct session *s = session_new();
	struct buf blob;

	buf_init(&blob, STORE_SESSION_MAX);
	way_encode(&(struct way){SV("load"), SV("56161")}, &blob);
	session_encode(s, &blob);
	c->session = buf_sv(&blob);
	c->session_ms = LIFE_MS;
	fill.store->ops->commit(fill.store, c, on_done, NULL);
	buf_clear(&blob);
	session_free(s);
}

static void next(void)
{
	char msisdn[24];
	struct store_commit c = {.msisdn = msisdn};

	snprintf(msisdn, sizeof(msisdn), "%s%08lu", fill.is_session ? PHONES_OF_LOAD : OTHER_PHONES,
	    fill.begun++);
	if (fill.is_session)
		put_session(&c);
	else
		put_message(&c);
}

static void on_done(const struct store_done *d, void *arg)
{
	(void)arg;
	fill.failed |= d->rc != STORE_OK;
	fill.done++;
	if (fill.failed || fill.done == fill.count)
		event_base_loopbreak(fill.base);
	else if (fill.begun < fill.count)
		next();
}

static void on_state(bool up, const char *reason, void *arg)
{
	(void)reason, (void)arg;
	fill.failed |= !up;
	for (unsigned i = 0; up && i < AT_ONCE && fill.begun < fill.count; i++)
		next();
}

static bool read_args(int argc, char **argv)
{
	static const char *const kinds[] = {"reply", "info"};
	static const enum msg_class classes[] = {CLASS_REPLY, CLASS_INFO};
	bool known = false;
	char *end;

	if (argc != 4)
		return false;
	fill.is_session = known = strcmp(argv[2], "session") == 0;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(argv[2], kinds[i]) == 0) {
			fill.class = classes[i];
			known = true;
		}
	errno = 0;
	fill.count = strtoul(argv[3], &end, 10);
	return known && errno == 0 && *end == '\0' && fill.count > 0 && fill.count < 100000000;
}

int main(int argc, char **argv)
{
	struct store_redis_conf cf = {.partitions = STORE_PARTITIONS_DEFAULT,
	    .connect_ms = 5000,
	    .command_ms = 30000,
	    .reconnect_min_ms = 50,
	    .reconnect_max_ms = 500,
	    .inbox_max = 1u << 30,
	    .outbox_max = 1u << 30,
	    .dead_max = 1000,
	    .inbox_ms = LIFE_MS,
	    .dead_ms = LIFE_MS};
	char why[256] = "";

	if (!read_args(argc, argv)) {
		fputs("usage: fill unix:PATH session|reply|info COUNT\n", stderr);
		return 2;
	}
	log_init(LOG_WARN, LOG_LOGFMT);
	cf.address = argv[1];
	fill.now_ms = clock_wall_ms();
	fill.id = (fill.now_ms - ID_EPOCH_MS) << ID_MS_SHIFT;
	fill.base = event_base_new();
	fill.store = store_redis_new(fill.base, &cf, on_state, NULL, why, sizeof(why));
	if (!fill.store) {
		fprintf(stderr, "fill: %s\n", why);
		return 1;
	}
	event_base_dispatch(fill.base);
	fill.count = fill.begun; /* what shutting down completes asks for no more */
	fill.store->ops->free(fill.store);
	for (int i = 0; i < 10; i++)
		event_base_loop(fill.base, EVLOOP_NONBLOCK);
	event_base_free(fill.base);
	if (fill.failed)
		fputs("fill: the store failed\n", stderr);
	return fill.failed;
}
