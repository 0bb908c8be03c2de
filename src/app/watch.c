/* SPDX-License-Identifier: BSD-2-Clause */
/* watch.c - what operators see: the metric families, the gauges, readiness, the turn's log line. */
#include <stdio.h>
#include <unistd.h>

#include "app/app_int.h"
#include "app/bind.h"
#include "app/routes.h"
#include "base/clock.h"
#include "ops/ops_http.h"

static const double seconds[] = {
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30};
#define SECONDS .bounds = seconds, .bound_count = sizeof(seconds) / sizeof(seconds[0])

const struct metric_family app_families[M_FAMILIES] = {
    [M_MO] = {"dakiya_mo_total", METRIC_COUNTER, "link,outcome",
	"Messages from phones, by what was answered upstream."},
    [M_MT] = {"dakiya_mt_total", METRIC_COUNTER, "class,outcome",
	"Messages to phones that left the outbox."},
    [M_SUBMIT] = {"dakiya_submit_total", METRIC_COUNTER, "link,status",
	"submit_sm answers, a segment each."},
    [M_RECEIPT] = {"dakiya_receipts_total", METRIC_COUNTER, "link,state", "Delivery receipts."},
    [M_RECEIPT_MATCH] = {"dakiya_receipts_matched_total", METRIC_COUNTER, "link,outcome",
	"Delivery receipts, by what was found: parked ones came before their message was known as "
	"sent, "
	"late ones say less than was known."},
    [M_RECEIPT_FORM] = {"dakiya_link_receipt_ids", METRIC_GAUGE, "link,form",
	"1 for the form that a link's receipts give message ids, once it is learnt."},
    [M_MT_STATE] = {"dakiya_mt_delivery_total", METRIC_COUNTER, "class,state",
	"Messages by the last state of their worst part."},
    [M_EVENT] = {"dakiya_events_total", METRIC_COUNTER, "outcome", "Events from backends."},
    [M_TURN] = {"dakiya_turns_total", METRIC_COUNTER, "service,outcome",
	"Turns of dialogues, by how they ended."},
    [M_TURN_SECONDS] = {"dakiya_turn_seconds", METRIC_HISTOGRAM, "",
	"From an input's arrival to the first submit_sm of its answer.", SECONDS},
    [M_BACKEND] = {"dakiya_backend_requests_total", METRIC_COUNTER, "backend,outcome",
	"Requests to backends, by HTTP status or failure."},
    [M_BACKEND_SECONDS] = {"dakiya_backend_seconds", METRIC_HISTOGRAM, "backend",
	"Time a backend took to answer.", SECONDS},
    [M_BACKEND_RETRY] = {"dakiya_backend_retries_total", METRIC_COUNTER, "backend",
	"Requests made again in the same turn."},
    [M_BREAKER] = {"dakiya_backend_breaker", METRIC_GAUGE, "backend",
	"Circuit breaker: 0 closed, 1 open, 2 half-open."},
    [M_STORE_SECONDS] = {"dakiya_store_seconds", METRIC_HISTOGRAM, "step",
	"Time a step of the store took.", SECONDS},
    [M_STORE_UP] = {"dakiya_store_up", METRIC_GAUGE, "", "1 while Redis answers."},
    [M_LINK_STATE] = {"dakiya_link_state", METRIC_GAUGE, "link,state",
	"Binds of a link in each state."},
    [M_LINK_BINDS] = {"dakiya_link_binds_total", METRIC_COUNTER, "link", "Times a link was bound."},
    [M_LINK_WINDOW] = {"dakiya_link_window_used", METRIC_GAUGE, "link", "Submits without an answer."},
    [M_LINK_RATE] = {"dakiya_link_rate", METRIC_GAUGE, "link",
	"Submits a second that a link may send now: its rate, or less after it was throttled; 0: no "
	"limit."},
    [M_LINK_PDU] = {"dakiya_link_pdus_total", METRIC_COUNTER, "link,direction", "PDUs."},
    [M_LINK_BAD_PDU] = {"dakiya_link_bad_pdus_total", METRIC_COUNTER, "link",
	"PDUs that could not be read."},
    [M_LINK_NOTICE] = {"dakiya_link_notices_total", METRIC_COUNTER, "link,kind",
	"alert_notification and outbind, with which nothing is done; late: answers to nothing."},
    [M_LANE_DEPTH] = {"dakiya_outbox_depth", METRIC_GAUGE, "class",
	"Messages waiting or on their way, of those in memory."},
    [M_TURNS_OPEN] = {"dakiya_inbox_depth", METRIC_GAUGE, "",
	"Inputs that are accepted and not yet answered."},
    [M_RETRY] = {"dakiya_mt_retries_total", METRIC_COUNTER, "class,reason",
	"Submits that were not answered with OK, by what was made of it."},
    [M_DLT] = {"dakiya_dlt_total", METRIC_COUNTER, "link,code",
	"Messages that did not match their DLT template, by the portals' error code."},
    [M_DEAD] = {"dakiya_dead_letters_total", METRIC_COUNTER, "class,reason",
	"Messages and inputs given up."},
    [M_RECOVERED] = {"dakiya_recovered_total", METRIC_COUNTER, "kind",
	"Inputs found in the store that this process had not seen."},
    [M_USSD_STEP] = {"dakiya_ussd_requests_total", METRIC_COUNTER, "profile,kind",
	"Requests of USSD sessions, by what they were."},
    [M_USSD_SCREEN] = {"dakiya_ussd_screens_total", METRIC_COUNTER, "profile,outcome",
	"USSD screens: more and end as the dialogue said, repeat, late (the answer comes by SMS), "
	"away, full, unknown; refused and undelivered by the network."},
    [M_USSD_SESSION] = {"dakiya_ussd_sessions_total", METRIC_COUNTER, "profile,outcome",
	"USSD sessions begun, and how they ended."},
    [M_USSD_SECONDS] = {"dakiya_ussd_screen_seconds", METRIC_HISTOGRAM, "profile",
	"From a USSD request to its screen.", SECONDS},
    [M_USSD_OVERDUE] = {"dakiya_ussd_overdue_total", METRIC_COUNTER, "profile",
	"Screens that left after the network's limit."},
    [M_USSD_PUSH] = {"dakiya_ussd_push_total", METRIC_COUNTER, "profile,outcome",
	"Alerts that were to pop up: pushed, then confirmed (a notice was shown) or answered (a "
	"menu)."},
    [M_USSD_PUSH_SMS] = {"dakiya_ussd_push_sms_total", METRIC_COUNTER, "profile,reason",
	"Alerts that went as an SMS although they may pop up, by why."},
    [M_OTP] = {"dakiya_otp_total", METRIC_COUNTER, "outcome",
	"One-time codes: sent, verified, and what was refused or wrong."},
    [M_REMIND] = {"dakiya_reminders_total", METRIC_COUNTER, "outcome",
	"Events of the schedule: kept, due, merged with another into one, put off to the next day or "
	"the "
	"end of the quiet hours, replaced and cancelled by newer ones, expired."},
    [M_REMIND_PERSONS] = {"dakiya_reminders_persons", METRIC_GAUGE, "",
	"Persons for whom the schedule has something, as last seen."},
    [M_RESIDENT] = {"dakiya_resident_bytes", METRIC_GAUGE, "", "Resident memory."},
};

static double resident(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	unsigned long total, pages = 0;

	if (!f)
		return 0;
	if (fscanf(f, "%lu %lu", &total, &pages) != 2)
		pages = 0;
	fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* What all binds of a link are together. A limit that only some have is shown: they were throttled. */
static void collect_link(struct app *a, const struct app_link *first)
{
	const char *name = first->opt->name;
	struct smpp_link_stats s, sum = {0};
	unsigned in[SMPP_LINK_DOWN + 1] = {0};

	for (size_t i = 0; i < a->link_count; i++) {
		const struct app_link *al = &a->links[i];

		if (al->first != first)
			continue;
		bind_stats(al, &s);
		in[bind_state(al)]++;
		sum.binds += s.binds;
		sum.window_used += s.window_used;
		sum.rate += bind_sends(al) ? s.rate : 0;
		sum.pdu_in += s.pdu_in;
		sum.pdu_out += s.pdu_out;
		sum.bad_pdu += s.bad_pdu;
		sum.alerts += s.alerts;
		sum.outbinds += s.outbinds;
		sum.late_resp += s.late_resp;
	}
	for (unsigned i = 0; i <= SMPP_LINK_DOWN; i++)
		metrics_set(a->metrics, M_LINK_STATE, in[i], name,
		    smpp_link_state_name((enum smpp_link_state)i), NULL);
	if (receipt_habit_is_sure(&first->habit))
		for (int f = 0; f < RECEIPT_FORMS; f++)
			metrics_set(a->metrics, M_RECEIPT_FORM, (int)first->habit.form == f, name,
			    receipt_form_name((enum receipt_form)f), NULL);
	metrics_set(a->metrics, M_LINK_BINDS, (double)sum.binds, name, NULL);
	metrics_set(a->metrics, M_LINK_WINDOW, (double)sum.window_used, name, NULL);
	metrics_set(a->metrics, M_LINK_RATE, sum.rate, name, NULL);
	metrics_set(a->metrics, M_LINK_PDU, (double)sum.pdu_in, name, "in", NULL);
	metrics_set(a->metrics, M_LINK_PDU, (double)sum.pdu_out, name, "out", NULL);
	metrics_set(a->metrics, M_LINK_NOTICE, (double)sum.alerts, name, "alert_notification", NULL);
	metrics_set(a->metrics, M_LINK_NOTICE, (double)sum.outbinds, name, "outbind", NULL);
	metrics_set(a->metrics, M_LINK_NOTICE, (double)sum.late_resp, name, "late", NULL);
	metrics_set(a->metrics, M_LINK_BAD_PDU, (double)sum.bad_pdu, name, NULL);
}

static void collect(void *arg)
{
	struct app *a = arg;

	if (a->is_over)
		return;
	for (size_t i = 0; i < a->link_count; i++)
		if (a->links[i].first == &a->links[i])
			collect_link(a, &a->links[i]);
	for (size_t i = 0; i < a->backend_count; i++)
		metrics_set(a->metrics, M_BREAKER, a->backends[i].breaker.state,
		    a->backends[i].opt->name, NULL);
	for (unsigned c = 0; c < MSG_CLASSES; c++)
		metrics_set(a->metrics, M_LANE_DEPTH, (double)routes_depth(a, (enum msg_class)c),
		    msg_class_name((enum msg_class)c), NULL);
	metrics_set(a->metrics, M_TURNS_OPEN, (double)a->turn_count, NULL);
	metrics_set(a->metrics, M_REMIND_PERSONS, (double)remind_persons(a), NULL);
	metrics_set(a->metrics, M_STORE_UP, a->store_up, NULL);
	metrics_set(a->metrics, M_RESIDENT, resident(), NULL);
}

static bool ready(struct buf *out, void *arg)
{
	struct app *a = arg;
	bool bound = false;

	if (a->is_over) {
		buf_adds(out, "stopping\n");
		return false;
	}
	for (size_t i = 0; i < a->link_count; i++) {
		enum smpp_link_state s = bind_state(&a->links[i]);
		const char *why = a->links[i].link ? smpp_link_why(a->links[i].link) : "";

		bound |= s == SMPP_LINK_BOUND && bind_sends(&a->links[i]);
		buf_addf(out, "link %s: %s%s%s\n", a->links[i].name,
		    s == SMPP_LINK_BOUND ? "ok" : smpp_link_state_name(s), *why ? ", " : "", why);
		if (receipt_habit_is_sure(&a->links[i].habit))
			buf_addf(out, "link %s: receipts have ids %s\n", a->links[i].opt->name,
			    receipt_form_words(a->links[i].habit.form));
	}
	/* For the reader only: a bridge whose backend is away answers people and keeps what they asked. */
	for (size_t i = 0; i < a->backend_count; i++) {
		const struct breaker *b = &a->backends[i].breaker;

		buf_addf(out, "backend %s: ", a->backends[i].opt->name);
		if (b->failures > 0 || b->state != BREAKER_CLOSED)
			buf_addf(out, "failing, breaker %s\n", breaker_state_name(b->state));
		else
			buf_adds(out, "ok\n");
	}
	buf_addf(out, "redis: %s\n", a->store_up ? "ok" : "away");
	if (a->stopping)
		buf_adds(out, "stopping\n");
	return bound && a->store_up && !a->stopping;
}

void watch_turn(struct app *a, const struct live_turn *lt)
{
	const struct turn *t = lt->t;
	struct log_ctx ctx = {.trace = lt->id};
	char masked[24];

	if (lt->up.kind == UPSTREAM_SMPP || lt->up.kind == UPSTREAM_SMS)
		ctx.link = lt->up.link->opt->name;
	metrics_add(a->metrics, M_TURN, 1, t->service, t->outcome, NULL);
	LOG(&ctx, LOG_INFO, "turn", "from=%s service=%s outcome=%s replies=%zu calls=%u took_us=%llu",
	    log_mask(t->msisdn, masked, sizeof(masked)), t->service, t->outcome, t->out_count, t->calls,
	    (unsigned long long)(t->began_us ? clock_mono_us() - t->began_us : 0));
}

void watch_store(struct app *a, const char *step, uint64_t began_us)
{
	metrics_observe(a->metrics, M_STORE_SECONDS, (double)(clock_mono_us() - began_us) / 1e6, step,
	    NULL);
}

void watch_start(struct app *a)
{
	const struct opt_listen *o = a->opt->ops;

	ops_http_route(a->ops, &(struct ops_http_conf){.metrics = a->metrics,
				   .ring = a->ring,
				   .token = o->token,
				   .collect = collect,
				   .ready = ready,
				   .arg = a});
}
