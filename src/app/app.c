/* SPDX-License-Identifier: BSD-2-Clause */
/* app.c - start everything in order, keep time, stop in order. */
#include "app/app.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/app_int.h"
#include "app/bind.h"
#include "app/listeners.h"
#include "app/routes.h"
#include "app/sms.h"
#include "app/ussd.h"
#include "base/clock.h"

#define TICK_MS 250u
#define DUE_EVERY 2u /* ticks */
#define CALL_WAIT_MAX_MS 1000u
#define ID_EPOCH_MS \
	1735689600000ull /* 2025-01-01: keeps ids below 2^60, so that 3 bits fit beside them */
#define ID_MS_SHIFT 20u
#define RING_LINES 4096u
#define RING_OCTETS (1u << 20)

uint64_t app_new_id(struct app *a)
{
	uint64_t ms = clock_wall_ms();
	uint64_t id = (ms > ID_EPOCH_MS ? ms - ID_EPOCH_MS : 0) << ID_MS_SHIFT;

	/* Two processes do not meet: each begins a millisecond at a place of its own. */
	if (id > a->last_id)
		id |= (random_u64() & ((1u << (ID_MS_SHIFT - 1)) - 1)) & ~(uint64_t)(TURN_ID_STEP - 1);
	else
		id = a->last_id + TURN_ID_STEP;
	a->last_id = id;
	return id;
}

/* ---- time ---- */

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	struct app *a = arg;

	(void)fd, (void)what;
	peers_tick(a);
	for (size_t i = 0; i < a->link_count; i++)
		ussd_smpp_room(&a->links[i]); /* those whose link went, or whose time is over */
	sender_tick(a);
	recover_tick(a);
	remind_tick(a);
	join_tick(a);
	acks_tick(a);
	if (!a->stopping || !a->stopped)
		return;
	/* done_ids: what was sent and is not noted yet; a restart would send it again. */
	if ((a->turn_count == 0 && sender_in_flight(a) == 0 && !a->done_ids) ||
	    clock_mono_ms() >= a->stop_by_ms) {
		void (*stopped)(void *) = a->stopped;

		a->stopped = NULL;
		app_last_screens(a, false);
		for (size_t i = 0; i < a->link_count; i++)
			bind_stop(&a->links[i]);
		stopped(a->stopped_arg);
	}
}

/* Calls wait in order, and their time runs meanwhile. When they wait too long everything is answered too
 * late and is of no use to anybody: it is better that the network keeps what is new. Whom a new text is
 * for is not known yet, so one backend that is behind keeps nobody out until its turns are half of all. */
static bool is_behind(const struct app *a)
{
	size_t behind = 0;

	for (size_t i = 0; i < a->backend_count; i++) {
		uint64_t most = (uint64_t)a->backends[i].opt->timeout_ms / 4;

		if (most > CALL_WAIT_MAX_MS)
			most = CALL_WAIT_MAX_MS;
		if (http_out_wait_ms(a->backends[i].http) > most)
			behind++;
	}
	return behind > 0 &&
	       (behind == a->backend_count || a->turn_count > (size_t)a->opt->limits->turns / 2);
}

/* An eighth is left to what phones do not bring: a flood of theirs must not refuse a code or an alert. */
bool app_has_room(const struct app *a, enum app_source s)
{
	size_t max = (size_t)a->opt->limits->turns;

	if (s != SOURCE_SYSTEM)
		max -= max / 8;
	/* On a screen somebody waits: the dialogue says what there is to say, also when that is late. */
	return a->turn_count < max && (s != SOURCE_SMS || !is_behind(a));
}

bool app_takes_text(const struct app *a, struct sv msisdn, struct sv address)
{
	const struct out_record reply = {.class = CLASS_REPLY, .msisdn = msisdn, .address = address};

	return app_has_room(a, SOURCE_SMS) && !routes_waits(a, routes_of(a, &reply), CLASS_REPLY);
}

void app_reap(struct app *a)
{
	struct live_turn *lt;

	while ((lt = SLIST_FIRST(&a->graves)) != NULL) {
		SLIST_REMOVE_HEAD(&a->graves, grave);
		HASH_DEL(a->turns, lt);
		a->turn_count--;
		turn_free(lt->t);
		packs_leave(a, lt->packs);
		ussd_live_free(lt->ussd);
		buf_clear(&lt->session);
		free(lt->dedup_key);
		free(lt->parts_key);
		free(lt);
	}
}

/* ---- start ---- */

static void on_store(bool up, const char *reason, void *arg)
{
	struct app *a = arg;

	LOG(NULL, up ? LOG_INFO : LOG_ERR, "redis", "up=%d reason=\"%s\"", up, reason ? reason : "");
	if (up)
		peers_connected(a);
	else
		a->store_up = a->is_reading = false;
}

void app_joined(struct app *a, bool look)
{
	if (!a->store->ops->is_up(a->store))
		a->store_up = a->is_reading = false;
	else if (look || ((!a->store_up || a->missed) && !a->is_reading))
		recover_start(a);
}

void app_last_screens(struct app *a, bool are_dropped)
{
	struct live_turn *lt, *tmp;
	const struct turn_ev ev = {
	    .kind = TURN_EV_DEADLINE, .is_last = true, .is_dropped = are_dropped};

	HASH_ITER(hh, a->turns, lt, tmp)
	if (lt->ussd && !lt->dead)
		app_feed(a, lt, &ev);
}

void app_drop_all(struct app *a)
{
	struct live_turn *lt, *ltmp;
	struct person *p, *ptmp;

	app_last_screens(a, true);
	HASH_ITER(hh, a->turns, lt, ltmp)
	if (!lt->dead) {
		lt->dead = true;
		lt->person = NULL;
		SLIST_INSERT_HEAD(&a->graves, lt, grave);
	}
	HASH_ITER(hh, a->persons, p, ptmp)
	{
		HASH_DEL(a->persons, p);
		free(p);
	}
	for (size_t i = 0; i < a->link_count; i++)
		a->links[i].partial = NULL;
	sender_forget_all(a);
	routes_free(a);
	routes_start(a);
}

static bool start_store(struct app *a, struct buf *err)
{
	const struct options *o = a->opt;
	struct store_redis_conf cf = {
	    .address = o->redis,
	    .partitions = (unsigned)o->partitions,
	    .connect_ms = (uint64_t)o->redis_timeout_ms,
	    .command_ms = (uint64_t)o->redis_timeout_ms,
	    .reconnect_min_ms = 50,
	    .reconnect_max_ms = 2000,
	    .inbox_max = (size_t)o->limits->inbox,
	    .outbox_max = (size_t)o->limits->outbox,
	    .dead_max = (size_t)o->limits->dead,
	    .schedule_max = (size_t)o->reminders->persons,
	    .schedule_each = (size_t)o->reminders->per_person,
	    .inbox_ms = 7ull * 24 * 3600 * 1000,
	    .dead_ms = 30ull * 24 * 3600 * 1000,
	};
	char why[256] = "";

	if (strcmp(o->redis, "embedded") == 0) {
		a->embed = redis_embed_new(a->base, o->state_dir,
		    o->appendfsync ? "always" : "everysec", why, sizeof(why));
		if (!a->embed) {
			buf_addf(err, "redis: %s\n", why);
			return false;
		}
		cf.address = redis_embed_address(a->embed);
	}
	a->store = store_redis_new(a->base, &cf, on_store, a, why, sizeof(why));
	if (!a->store)
		buf_addf(err, "redis: %s\n", why);
	return a->store != NULL;
}

static struct http_in *listen_on(struct app *a, const struct opt_listen *o, const char *what,
    struct buf *err)
{
	struct http_in_conf cf = {.listen = o->listen,
	    .max_header = 8192,
	    .max_body = (size_t)o->max_body,
	    .max_open = (size_t)a->opt->limits->turns,
	    .deadline_ms = 10000};
	char why[256] = "";
	struct http_in *h = http_in_new(a->base, &cf, why, sizeof(why));

	if (!h)
		buf_addf(err, "%s: cannot listen on %s\n", what, why);
	return h;
}

static void start_backends(struct app *a)
{
	struct http_out_conf cf = {.max_active = (size_t)a->opt->limits->connections,
	    .max_waiting = (size_t)a->opt->limits->turns,
	    .max_idle = (size_t)a->opt->limits->connections,
	    .max_body = 65536};

	a->backend_count = a->opt->backends.n;
	a->backends = xcalloc(a->backend_count + 1, sizeof(*a->backends));
	for (size_t i = 0; i < a->backend_count; i++) {
		const struct opt_backend *o = a->opt->backends.v[i];

		a->backends[i].opt = o;
		a->backends[i].http = http_out_new(a->base, &cf);
		breaker_init(&a->backends[i].breaker,
		    &(struct breaker_conf){
			(unsigned)o->trip_after, (uint64_t)o->pause_ms, (uint64_t)o->pause_max_ms});
	}
}

static bool write_ports(struct app *a, struct buf *err)
{
	char *tmp = xasprintf("%s.new", a->opt->port_file);
	FILE *f = fopen(tmp, "we");
	bool ok =
	    f && fprintf(f, "events=%u\nops=%u\n", http_in_port(a->events), http_in_port(a->ops)) > 0;

	if (f)
		ussd_http_ports(a, f);
	if (f)
		sms_in_ports(a, f);
	if (f && fclose(f) != 0)
		ok = false;
	ok = ok && rename(tmp, a->opt->port_file) == 0;
	if (!ok)
		buf_addf(err, "port_file: %s cannot be written: %s\n", a->opt->port_file,
		    strerror(errno));
	free(tmp);
	return ok;
}

static struct app *not_started(struct app *a)
{
	packs_free(app_free(a));
	return NULL;
}

struct app *app_new(struct event_base *base, const struct options *o, struct packs *packs,
    struct buf *err)
{
	struct app *a = xcalloc(1, sizeof(*a));
	struct timeval tick = {0, TICK_MS * 1000};

	a->base = base;
	a->opt = o;
	app_set_packs(a, packs);
	a->tick_ms = clock_mono_ms();
	SLIST_INIT(&a->graves);
	TAILQ_INIT(&a->acks_by_age);
	LIST_INIT(&a->awaits);
	a->ring = log_ring_new(RING_LINES, RING_OCTETS);
	log_set_sink(log_ring_put, a->ring);
	a->metrics = metrics_new(app_families, M_FAMILIES);
	routes_start(a);
	start_backends(a);
	a->ops = listen_on(a, o->ops, "ops", err);
	a->events = a->ops ? listen_on(a, o->events, "events", err) : NULL;
	if (!a->events || !start_store(a, err) || !otp_start(a, err) || !remind_start(a, err))
		return not_started(a);
	watch_start(a);
	events_in_route(a);
	otp_in_route(a);
	if (!links_start(a, err) || !ussd_http_start(a, err))
		return not_started(a);
	a->tick = event_new(base, -1, EV_PERSIST, on_tick, a);
	event_add(a->tick, &tick);
	if (o->port_file && !write_ports(a, err))
		return not_started(a);
	LOG(NULL, LOG_INFO, "ready", "events=%u ops=%u links=%zu backends=%zu", http_in_port(a->events),
	    http_in_port(a->ops), a->link_count, a->backend_count);
	return a;
}

/* ---- stop ---- */

void app_stop(struct app *a, void (*done)(void *), void *arg)
{
	if (a->stopping)
		return;
	a->stopping = true;
	a->stopped = done;
	a->stopped_arg = arg;
	a->stop_by_ms = clock_mono_ms() + (uint64_t)a->opt->drain_ms;
	http_in_pause(a->events);
	listeners_pause(a);
	LOG(NULL, LOG_INFO, "stopping", "turns=%zu in_flight=%zu", a->turn_count, sender_in_flight(a));
}

bool app_is_stopping(const struct app *a)
{
	return a->stopping;
}

/* Whatever completes during the frees below finds a turn that is dead or an app without it. */
struct packs *app_free(struct app *a)
{
	struct live_turn *lt, *ltmp;
	struct person *p, *ptmp;
	struct packs *packs;

	a->stopping = true;
	a->store_up = a->is_reading = false;
	a->is_over = a->pumping = true; /* a page still being read must look for no link that is gone */
	if (a->tick)
		event_free(a->tick);
	HASH_ITER(hh, a->turns, lt, ltmp)
	if (!lt->dead) {
		lt->dead = true;
		SLIST_INSERT_HEAD(&a->graves, lt, grave);
	}
	join_hang_up(a);
	links_free(a);
	for (size_t i = 0; i < a->backend_count; i++)
		http_out_free(a->backends[i].http);
	if (a->store)
		a->store->ops->free(a->store);
	/* Completions come later, from the loop: let them come. */
	for (int i = 0; i < 100; i++)
		event_base_loop(a->base, EVLOOP_NONBLOCK);
	app_reap(a);
	HASH_ITER(hh, a->persons, p, ptmp)
	{
		HASH_DEL(a->persons, p);
		free(p);
	}
	while (!LIST_EMPTY(&a->awaits))
		await_free(LIST_FIRST(&a->awaits));
	join_free_all(a);
	acks_free(a);
	sender_free(a);
	recover_free(a);
	peers_free(a);
	for (size_t i = 0; i < a->link_count; i++) {
		ussd_link_free(a->links[i].ussd);
		sms_link_free(a->links[i].sms);
	}
	ussd_push_free(a);
	ussd_http_free(a);
	listeners_free(a);
	otp_free(a);
	remind_free(a);
	if (a->events)
		http_in_free(a->events);
	if (a->ops)
		http_in_free(a->ops);
	redis_embed_free(a->embed);
	routes_free(a);
	packs = packs_take(a);
	log_set_sink(NULL, NULL);
	log_ring_free(a->ring);
	metrics_free(a->metrics);
	links_clear(a);
	free(a->backends);
	free(a);
	return packs;
}
