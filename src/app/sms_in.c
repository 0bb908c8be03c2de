/* SPDX-License-Identifier: BSD-2-Clause */
/* sms_in.c - requests of an SMS provider: messages of persons, whole or in parts, and delivery reports. A request
 * is answered with 2xx when all that it brings is stored, and may wait for the answer to the person. */
#include <stdio.h>
#include <stdlib.h>
#include <uthash.h>

#include "app/http_fields.h"
#include "app/listeners.h"
#include "app/sms.h"
#include "app/sms_auth.h"
#include "base/clock.h"
#include "codec/escape.h"
#include "codec/json_at.h"
#include "codec/msisdn.h"

#define VALUE_MAX (4u * TEXT_MAX_UTF8)
#define EACH_MAX 200u /* messages or reports in a request */
#define DEDUP_MS (26u * 3600 * 1000) /* the longest that a provider is known to repeat for is a day */
#define DEADLINE_MS 15000u
#define ID_MAX 100u
#define PARTS_MAX 255u
#define CODING_UCS2 8u
#define CODING_BINARY 4u

struct sms_wait { /* a request that is not answered yet */
	uint64_t id; /* of the request */
	struct sms_link *sl;
	unsigned open; /* messages not yet stored */
	bool is_refused, no_reply, wants_reply;
	struct event *timer; /* until the reply is given up; NULL: not waiting */
	UT_hash_handle hh;
};

/* ---- the answer to a request ---- */

static struct sms_wait *find(const struct sms_link *sl, uint64_t id)
{
	struct sms_wait *w;

	HASH_FIND(hh, sl->waits, &id, sizeof(id), w);
	return w;
}

static void wait_free(struct sms_wait *w)
{
	HASH_DEL(w->sl->waits, w);
	if (w->timer)
		event_free(w->timer);
	free(w);
}

static bool text_value(const char *name, struct buf *out, void *arg)
{
	if (strcmp(name, "text") != 0)
		return false;
	buf_adds(out, arg);
	return true;
}

static void reply(const struct sms_link *sl, const struct sms_in_conf *c, uint64_t id, const char *text)
{
	enum fill_place place = strstr(c->reply_type, "json")  ? FILL_JSON
				: strstr(c->reply_type, "xml") ? FILL_XML
							       : FILL_RAW;
	struct buf body;

	buf_init(&body, 4 * VALUE_MAX);
	fill_text(c->reply, place, text_value, (void *)(uintptr_t)text, &body);
	http_in_reply(sl->in, id, (int)c->reply_status, c->reply_type, buf_sv(&body), NULL);
	buf_clear(&body);
}

static void finish(struct sms_wait *w, const char *text)
{
	reply(w->sl, w->sl->p->c.receive, w->id, text);
	wait_free(w);
}

static void on_late(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	finish(arg, "");
}

static void wait_for_reply(struct sms_wait *w)
{
	int64_t ms = w->sl->p->c.receive->reply_within_ms;
	struct timeval tv = {(time_t)(ms / 1000), (suseconds_t)(ms % 1000 * 1000)};

	w->timer = evtimer_new(w->sl->al->a->base, on_late, w);
	if (!w->timer)
		abort();
	event_add(w->timer, &tv);
}

static void settle(struct sms_wait *w)
{
	if (w->open > 0)
		return;
	if (w->is_refused) {
		http_in_problem(w->sl->in, w->id, 503, "try-again", "Not stored; send it again.");
		wait_free(w);
	} else if (w->wants_reply && !w->no_reply) {
		wait_for_reply(w);
	} else {
		finish(w, "");
	}
}

void sms_in_accepted(const struct upstream *up, bool stored, bool no_reply)
{
	struct sms_wait *w = find(up->link->sms, up->request);

	if (!w)
		return;
	w->open--;
	w->is_refused |= !stored;
	w->no_reply |= no_reply;
	settle(w);
}

/* What one-time codes are made of is not given away: they are sent. */
bool sms_in_reply(struct app *a, const struct live_turn *lt)
{
	struct sms_wait *w =
	    lt->up.kind == UPSTREAM_SMS ? find(lt->up.link->sms, lt->up.request) : NULL;
	struct out_record r[TURN_OUT_MAX];
	struct out_msg m = {0};
	size_t n = lt->t->out_count;
	struct buf text;
	bool ok = w && w->timer && n > 0 && http_in_is_open(w->sl->in, w->id) && !peers_in_doubt(a);

	for (size_t i = 0; ok && i < n; i++) {
		ok = out_record_decode(buf_sv(&lt->t->out[i].rec), &r[i]) && r[i].seal.n == 0 &&
		     sv_is(r[i].msisdn, lt->t->msisdn);
		m.r = r[i];
		ok = ok && dlt_gate_check(a, w->sl->al, &m) == 0;
	}
	if (!ok)
		return false;
	buf_init(&text, VALUE_MAX);
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(&text, '\n');
		m.r = r[i];
		if (!sender_text(w->sl->al, &m, &text))
			break;
		sender_replied(w->sl->al, lt->t->out[i].id, &r[i]);
	}
	finish(w, buf_str(&text));
	buf_clear(&text);
	return true;
}

void sms_in_over(const struct upstream *up)
{
	struct sms_wait *w = find(up->link->sms, up->request);

	if (w && w->timer)
		finish(w, "");
}

/* ---- messages ---- */

struct message {
	char msisdn[MSISDN_CAP];
	char *to, *text, *id; /* owned */
	char hash[17]; /* of all, where there is no id */
	bool is_sure; /* id or hash names this message and no other */
	bool is_unreadable;
	char *ref; /* owned; of the long one that it is a part of; "": it is whole */
	unsigned total, part;
	struct buf octets; /* UCS-2 of a part */
};

static void message_clear(struct message *m)
{
	free(m->to);
	free(m->text);
	free(m->id);
	free(m->ref);
	buf_clear(&m->octets);
}

static uint64_t hash_of(const char *const *v, size_t n)
{
	uint64_t h = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < n; i++) {
		for (const char *c = v[i]; *c; c++)
			h = (h ^ (uint8_t)*c) * 0x100000001b3ull;
		h = (h ^ 0xFF) * 0x100000001b3ull;
	}
	return h;
}

static bool in_list(const struct conf_list *l, const char *word)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->v[i], word) == 0)
			return true;
	return false;
}

static void set_text(struct message *m, struct buf *b)
{
	free(m->text);
	m->text = xstrdup(buf_str(b));
	buf_reset(b);
}

/* Text to UTF-8, or a part to UCS-2, in which a character that was cut in two is whole again. It goes on as
 * unreadable when it cannot be: the person is told. */
static void decode(struct message *m, const struct sms_in_conf *c, struct http_fields *f)
{
	bool is_hex = c->hex_when[0] && in_list(&c->hex_words, http_field(f, c->hex_when));
	bool is_part = m->ref[0] != '\0';
	struct buf b;

	buf_init(&b, VALUE_MAX);
	m->is_unreadable = strlen(m->text) > (is_hex ? VALUE_MAX : TEXT_MAX_UTF8);
	if (is_part && !is_hex) {
		escape_ucs2_hex(sv_from(m->text), &b);
		set_text(m, &b);
	}
	if (is_part || is_hex)
		m->is_unreadable |= !unhex(sv_from(m->text), &m->octets) || m->octets.full;
	if (is_hex && !is_part) {
		m->is_unreadable |= !text_decode(TEXT_UCS2, buf_sv(&m->octets), &b);
		set_text(m, &b);
		m->is_unreadable |= strlen(m->text) > TEXT_MAX_UTF8;
	}
	buf_clear(&b);
}

/* A part that says nothing sensible of its place is a message, as its text is better than nothing. */
static void read_place(struct message *m, const struct sms_in_conf *c, struct http_fields *f)
{
	unsigned long total = strtoul(http_field(f, c->part_total), NULL, 10);
	unsigned long part = strtoul(http_field(f, c->part), NULL, 10);
	const char *ref = http_field(f, c->part_ref);
	bool is_part = ref[0] && strlen(ref) <= ID_MAX && total >= 2 && total <= PARTS_MAX &&
		       part >= 1 && part <= total;

	m->ref = xstrdup(is_part ? ref : "");
	m->total = is_part ? (unsigned)total : 1;
	m->part = is_part ? (unsigned)part : 1;
}

static bool read_message(const struct sms_in_conf *c, struct http_fields *f, struct message *m)
{
	const char *s = http_field(f, c->from);
	const char *same[5];
	char *at, part[12];
	bool ok;

	*m = (struct message){0};
	buf_init(&m->octets, 2 * TEXT_MAX_UTF8);
	ok = msisdn_normalise(sv_from(s), s[0] == '+' || strlen(s) > 10, m->msisdn);
	m->to = xstrdup(http_field(f, c->to));
	m->text = xstrdup(http_field(f, c->text));
	m->id = xstrdup(http_field(f, c->id));
	ok = ok && !f->v.full && strlen(m->id) <= ID_MAX && strlen(m->to) <= 20;
	at = xstrdup(http_field(f, c->time));
	read_place(m, c, f);
	m->is_sure = m->id[0] || at[0];
	snprintf(part, sizeof(part), "%u", m->part);
	same[0] = m->msisdn;
	same[1] = m->to;
	same[2] = m->text;
	same[3] = at;
	same[4] = part;
	snprintf(m->hash, sizeof(m->hash), "%016llx",
	    (unsigned long long)hash_of(same, m->ref[0] ? 5 : 4));
	free(at);
	decode(m, c, f);
	return ok;
}

/* An empty number written to is the link's own, without what senders may begin with. */
static struct sv address_of(const struct sms_link *sl, const struct message *m)
{
	const char *to = m->to[0] ? m->to : sl->al->opt->source_addr;

	return sv_from(to[0] == '+' ? to + 1 : to);
}

static void begin_part(struct sms_wait *w, const struct message *m, const char *mark)
{
	struct mo_piece piece = {.data_coding = m->is_unreadable ? CODING_BINARY : CODING_UCS2,
	    .octets = buf_sv(&m->octets)};
	struct mo mo = {.up = {.kind = UPSTREAM_SMS, .link = w->sl->al, .request = w->id},
	    .msisdn = m->msisdn,
	    .address = address_of(w->sl, m),
	    .piece = &piece,
	    .pieces = 1};
	join_part(&mo,
	    &(struct mo_place){
		.ref = m->ref, .total = m->total, .seq = m->part, .mark = mark, .mark_ms = DEDUP_MS});
}

static void begin(struct sms_wait *w, const struct message *m)
{
	struct app_link *al = w->sl->al;
	struct in_record in = {
	    .kind = m->is_unreadable ? INPUT_UNREADABLE : INPUT_TEXT,
	    .msisdn = sv_from(m->msisdn),
	    .channel = SV("sms"),
	    .link = sv_from(al->opt->name),
	    .address = address_of(w->sl, m),
	    .text = m->is_unreadable ? SV("") : sv_from(m->text),
	    .at_ms = clock_wall_ms(),
	};
	struct upstream up = {.kind = UPSTREAM_SMS, .link = al, .request = w->id};
	char *key =
	    m->is_sure ? xasprintf("h:%s:%s", al->opt->name, m->id[0] ? m->id : m->hash) : xstrdup("m");

	if (m->ref[0])
		begin_part(w, m, m->is_sure ? key : NULL);
	else
		app_begin(al->a, &in, &up,
		    &(struct dedup){.key = key,
			.value = m->is_sure ? "1" : m->hash,
			.ms = m->is_sure ? DEDUP_MS : (uint64_t)w->sl->p->c.receive->repeat_ms,
			.is_sure = m->is_sure});
	free(key);
}

/* Places in the JSON list that `each` names, or the request as a whole. */
static size_t count_each(const struct sms_in_conf *c, struct http_fields *f)
{
	const json_t *list = c->each[0] && f->doc ? json_at(f->doc, c->each) : NULL;

	return c->each[0] ? json_array_size(list) : 1;
}

static void choose(const struct sms_in_conf *c, struct http_fields *f, size_t i)
{
	if (c->each[0])
		f->at = json_array_get(json_at(f->doc, c->each), i);
}

static void count(const struct sms_link *sl, const char *outcome)
{
	metrics_add(sl->al->a->metrics, M_MO, 1, sl->al->opt->name, outcome, NULL);
}

static void take_messages(struct sms_link *sl, const struct http_in_req *r, struct http_fields *f)
{
	const struct sms_in_conf *c = sl->p->c.receive;
	size_t n = count_each(c, f), good = 0;
	struct message *m = xcalloc(n + 1, sizeof(*m));
	struct sms_wait *w;

	for (size_t i = 0; i < n && n <= EACH_MAX; i++) {
		choose(c, f, i);
		if (read_message(c, f, &m[good]))
			good++;
		else
			message_clear(&m[good]);
	}
	for (size_t i = good; i < n; i++)
		count(sl, "bad_request");
	if (good == 0) {
		http_in_problem(sl->in, r->id, 400, "bad-request",
		    "The number is missing or none, or a field is too long.");
	} else {
		w = xcalloc(1, sizeof(*w));
		w->id = r->id;
		w->sl = sl;
		w->open = (unsigned)good;
		w->wants_reply = c->in_response && n == 1;
		HASH_ADD(hh, sl->waits, id, sizeof(w->id), w);
		for (size_t i = 0; i < good; i++) /* the last may complete only later: w lives */
			begin(w, &m[i]);
	}
	for (size_t i = 0; i < good; i++)
		message_clear(&m[i]);
	free(m);
}

/* ---- reports ---- */

static void take_report(struct sms_link *sl, const struct sms_in_conf *c, struct http_fields *f)
{
	char msisdn[MSISDN_CAP], id[RECEIPT_ID_CAP], state_word[64];
	enum receipt_state state = RECEIPT_ENROUTE;
	const char *s = http_field(f, c->to);
	bool ok = msisdn_normalise(sv_from(s), s[0] == '+' || strlen(s) > 10, msisdn);

	snprintf(state_word, sizeof(state_word), "%s", http_field(f, c->state));
	snprintf(id, sizeof(id), "%s", http_field(f, c->id));
	if (!ok || !id[0])
		metrics_add(sl->al->a->metrics, M_RECEIPT_MATCH, 1, sl->al->opt->name,
		    id[0] ? "no_number" : "no_id", NULL);
	else if (!sms_state_of(c, state_word, &state))
		metrics_add(sl->al->a->metrics, M_RECEIPT, 1, sl->al->opt->name, "unreadable", NULL);
	else
		receipt_report(sl->al, msisdn, id, state, http_field(f, c->error));
}

static void take_reports(struct sms_link *sl, const struct http_in_req *r, struct http_fields *f)
{
	const struct sms_in_conf *c = sl->p->c.report;
	size_t n = count_each(c, f);

	for (size_t i = 0; i < n && i < EACH_MAX; i++) {
		choose(c, f, i);
		take_report(sl, c, f);
	}
	reply(sl, c, r->id, "");
}

/* ---- requests ---- */

static void refuse(struct sms_link *sl, const struct http_in_req *r, const char *why)
{
	count(sl, why);
	LOG(&(struct log_ctx){.link = sl->al->opt->name}, LOG_WARN, "sms request refused",
	    "why=%s peer=%s", why, r->peer);
	http_in_problem(sl->in, r->id, strcmp(why, "not_allowed") == 0 ? 403 : 401,
	    strcmp(why, "not_allowed") == 0 ? "not-allowed" : "bad-signature", NULL);
}

static void take(struct sms_link *sl, const struct http_in_req *r, const struct sms_in_conf *c,
    void (*fn)(struct sms_link *sl, const struct http_in_req *r, struct http_fields *f))
{
	struct app *a = sl->al->a;
	struct http_fields f;
	const char *why;

	http_fields_init(&f, r->query, r->body, (enum http_body)c->body, true, VALUE_MAX);
	why = sms_auth_wrong(sl, c, r, &f);
	if (why) {
		refuse(sl, r, why);
	} else if (a->stopping || !a->store_up || peers_in_doubt(a) ||
		   (fn == take_messages && !app_takes_text(a, SV(""), SV("")))) {
		count(sl, a->stopping ? "stopping" : a->store_up ? "full" : "store_away");
		http_in_problem(sl->in, r->id, 503, "try-again", "Not now; send it again.");
	} else {
		fn(sl, r, &f);
	}
	http_fields_clear(&f);
}

static void on_message(const struct http_in_req *r, void *arg)
{
	struct sms_link *sl = arg;

	take(sl, r, sl->p->c.receive, take_messages);
}

static void on_report(const struct http_in_req *r, void *arg)
{
	struct sms_link *sl = arg;

	take(sl, r, sl->p->c.report, take_reports);
}

/* ---- start and stop ---- */

bool sms_in_start(struct sms_link *sl, struct buf *err)
{
	const struct opt_link *o = sl->al->opt;
	char *who;

	if (o->listen[0] == '\0')
		return true;
	who = xasprintf("link %s", o->name);
	sl->in = listener_get(sl->al->a, o->listen, DEADLINE_MS, who, err);
	free(who);
	if (!sl->in)
		return false;
	if (sl->p->c.receive)
		http_in_route(sl->in, sl->p->c.receive->methods, o->path, on_message, sl);
	if (sl->p->c.report)
		http_in_route(sl->in, sl->p->c.report->methods, o->report_path, on_report, sl);
	return true;
}

void sms_in_free(struct sms_link *sl)
{
	struct sms_wait *w, *tmp;

	HASH_ITER(hh, sl->waits, w, tmp)
	wait_free(w);
}

void sms_in_ports(const struct app *a, FILE *f)
{
	for (size_t i = 0; i < a->link_count; i++)
		if (a->links[i].sms && a->links[i].sms->in)
			fprintf(f, "sms_%s=%u\n", a->links[i].opt->name,
			    http_in_port(a->links[i].sms->in));
}
