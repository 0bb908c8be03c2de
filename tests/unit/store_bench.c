/* SPDX-License-Identifier: BSD-2-Clause */
/* store_bench.c - what a step of the store costs: `store_bench [conversations [window [turns [NAME VALUE]...]]]`.
 * Runs accept, commit, sent, receipt one after another for each person, `window` persons at a time, over a
 * redis-server of its own with an append-only file, and prints processor time of both sides in
 * microseconds a step. NAME and VALUE are settings of redis-server. Not a test; the figures are in docs/internals/store.md. */
#include "config.h"

#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/log.h"
#include "store_rig.h"

enum step { ACCEPT, COMMIT, SENT, RECEIPT, STEPS };
static const char *const names[STEPS] = {"accept", "commit", "sent", "receipt"};

struct person {
	char msisdn[32];
	uint64_t id, version;
};

static struct {
	struct person *who;
	size_t count, begun, done, window;
	enum step from, to; /* steps of this run */
	size_t failed;
	size_t at_form; /* receipt: which of three ids is the right one */
} bench;

struct run {
	struct person *p;
	enum step at;
};

static void next(struct run *r);
static void on_done(const struct store_done *d, void *arg);

static void receipt(struct run *r, struct sv id)
{
	struct sv ids[3] = {SV("no such id"), SV("nor this"), SV("nor that")};
	struct store_receipt t = {.msisdn = r->p->msisdn,
	    .link = "smsc1",
	    .ids = ids,
	    .id_count = 3,
	    .state = '2',
	    .park_count = 1,
	    .park_ms = 600000,
	    .keep_ms = 600000};

	ids[bench.at_form] = id;
	rig.s->ops->receipt(rig.s, &t, on_done, r);
}

static void on_done(const struct store_done *d, void *arg)
{
	struct run *r = arg;

	if (d->rc != STORE_OK)
		bench.failed++;
	if (r->at == COMMIT && d->rc == STORE_OK)
		r->p->version++;
	if (r->at < bench.to) {
		r->at++;
	} else {
		bench.done++;
		if (bench.begun == bench.count) {
			free(r);
			return;
		}
		r->p = &bench.who[bench.begun++];
		r->at = bench.from;
	}
	next(r);
}

static void next(struct run *r)
{
	static char blob[150], record[120], reply[220];
	struct person *p = r->p;
	char value[24];
	struct sv id;

	if (blob[0] == '\0') {
		memset(blob, 's', sizeof blob);
		memset(record, 'i', sizeof record);
		memset(reply, 'o', sizeof reply);
	}
	snprintf(value, sizeof value, "m%llu", (unsigned long long)p->id);
	id = sv_from(value);
	if (r->at == ACCEPT) {
		struct store_accept a = {.msisdn = p->msisdn,
		    .dedup_key = SV("smsc1"),
		    .dedup_value = id,
		    .dedup_ms = 600000,
		    .id = p->id,
		    .record = {record, sizeof record}};

		rig.s->ops->accept(rig.s, &a, on_done, r);
	} else if (r->at == COMMIT) {
		struct store_out o = {.id = p->id, .class = 2, .record = {reply, sizeof reply}};
		struct store_commit c = {.msisdn = p->msisdn,
		    .version = p->version,
		    .session = {blob, sizeof blob},
		    .session_ms = 1800000,
		    .in_id = p->id,
		    .out = &o,
		    .out_count = 1};

		rig.s->ops->commit(rig.s, &c, on_done, r);
	} else if (r->at == RECEIPT) {
		receipt(r, id);
	} else {
		struct store_sent t = {.msisdn = p->msisdn,
		    .out_id = p->id,
		    .class = 2,
		    .link = "smsc1",
		    .message_ids = &id,
		    .message_id_count = 1,
		    .receipt_ms = 600000,
		    .record = {record, 60}};

		rig.s->ops->sent(rig.s, &t, on_done, r);
	}
}

static double server_us(void)
{
	char path[64], text[1024];
	unsigned long user = 0, sys = 0;
	FILE *f;
	size_t n;

	snprintf(path, sizeof path, "/proc/%ld/stat", (long)rig.server);
	f = fopen(path, "r");
	n = f != NULL ? fread(text, 1, sizeof text - 1, f) : 0;
	text[n] = '\0';
	if (f != NULL)
		fclose(f);
	if (sscanf(text, "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &sys) !=
	    2)
		return 0;
	return (double)(user + sys) * 10000.0;
}

static double own_us(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1e6 +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void run(enum step from, enum step to, const char *label)
{
	uint64_t begun = clock_mono_us();
	double server = server_us(), own = own_us(), took;

	bench.from = from;
	bench.to = to;
	bench.begun = bench.done = 0;
	while (bench.begun < bench.window && bench.begun < bench.count) {
		struct run *r = xcalloc(1, sizeof *r);

		r->p = &bench.who[bench.begun++];
		r->at = from;
		next(r);
	}
	while (bench.done < bench.count)
		event_base_loop(rig.base, EVLOOP_ONCE);
	took = (double)(clock_mono_us() - begun);
	printf("%-14s %8.0f/s  redis-server %5.2f us  store %5.2f us\n", label,
	    (double)bench.count / took * 1e6, (server_us() - server) / (double)bench.count,
	    (own_us() - own) / (double)bench.count);
}

int main(int argc, char **argv)
{
	size_t count = argc > 1 ? (size_t)rig_number(argv[1]) : 100000;
	size_t turns = argc > 3 ? (size_t)rig_number(argv[3]) : 3;

	bench.window = argc > 2 ? (size_t)rig_number(argv[2]) : 100;
	bench.count = count;
	bench.who = xcalloc(count, sizeof *bench.who);
	log_init(LOG_WARN, LOG_LOGFMT);
	for (size_t i = 0; i < count; i++)
		snprintf(bench.who[i].msisdn, sizeof bench.who[i].msisdn, "9198%08zu", i);
	rig_init(&rig);
	rig.cf.partitions = STORE_PARTITIONS_DEFAULT;
	rig.cf.inbox_max = rig.cf.outbox_max = 1000000;
	rig.cf.inbox_ms = 86400000;
	rig_server_start(&rig);
	for (int i = 4; i + 1 < argc; i += 2)
		(void)rig_redis(rig.socket, "CONFIG SET %s %s", argv[i], argv[i + 1]);
	rig_open(&rig, true);
	for (size_t turn = 1; turn <= turns; turn++) {
		for (size_t i = 0; i < count; i++)
			bench.who[i].id = turn * 1000000000u + i;
		if (turn == 1) { /* alone, with everybody new and boxes that grow to all of them */
			for (enum step s = ACCEPT; s < STEPS; s++)
				run(s, s, names[s]);
			for (bench.at_form = 1; bench.at_form < 3; bench.at_form++) {
				run(SENT, SENT, "sent again");
				run(RECEIPT, RECEIPT,
				    bench.at_form == 1 ? "second form" : "third form");
			}
		} else {
			run(ACCEPT, SENT, "conversation");
		}
	}
	printf("window %zu, failed %zu\n", bench.window, bench.failed);
	rig_close(&rig);
	rig_clear(&rig);
	free(bench.who);
	return bench.failed != 0;
}
