/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_person.c - dakiyactl person and dead: what the bridge knows of one person's messages, and what could
 * not be done. Never a text, a code, what a person answered, or another person's number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "codec/msisdn.h"
#include "codec/receipt.h"
#include "ctl/ctl.h"
#include "ctl/look.h"
#include "engine/record.h"
#include "engine/session_int.h"
#include "pack_files.h"
#include "store/store_int.h"

#define ERR_MAX (1u << 16)
#define PAGE "1000" /* keys or entries that one question goes through */
#define DEAD_DEFAULT 50u
#define SECRET_DIGITS_MIN 6u /* one-time codes have six, numbers more; error codes fewer */
#define SENT_MAX 1000u /* message ids of one person */

struct args {
	const char *conf, *number;
	size_t most;
};

struct person {
	struct look l;
	struct store_keys k;
	struct packs *packs;
	char msisdn[MSISDN_CAP];
	char *sent_key[SENT_MAX]; /* owned */
	size_t sent_keys;
	struct sent {
		uint64_t trace; /* rises with time */
		char *p; /* owned: "<states>:<record>" */
		size_t n;
	} sent[SENT_MAX];
	size_t n_sent;
	size_t ended[9]; /* parts of messages, by the state that their receipt said */
	size_t lines; /* said of messages */
};

void cmd_person_usage(void)
{
	printf("usage: dakiyactl person [-c FILE] NUMBER\n"
	       "  -c FILE   dakiyad's configuration (default " DK_SYSCONFDIR "/dakiya/dakiyad.yaml)\n");
}

void cmd_dead_usage(void)
{
	printf("usage: dakiyactl dead [-c FILE] [-n COUNT]\n"
	       "  -c FILE   dakiyad's configuration (default " DK_SYSCONFDIR "/dakiya/dakiyad.yaml)\n"
	       "  -n COUNT  so many, the newest (default %u)\n",
	    DEAD_DEFAULT);
}

/* ---- one line a thing ---- */

static const char *iso(uint64_t ms, char out[25])
{
	return ms > 0 ? clock_iso(ms, out, 25) : "-";
}

static void say_trace(const char *what, uint64_t at_ms, uint64_t trace)
{
	char at[25];

	printf("%-10s %s", what, iso(at_ms, at));
	if (trace > 0)
		printf(" trace=%016llx", (unsigned long long)trace);
}

static void say_sv(const char *name, struct sv v)
{
	if (v.n == 0)
		return;
	printf(" %s=", name);
	for (size_t i = 0; i < v.n; i++) /* what stands in Redis may be anything */
		putchar((unsigned char)v.p[i] <= ' ' || v.p[i] == 0x7F ? '?' : v.p[i]);
}

static void say_out(const char *what, const struct out_record *r)
{
	char until[25];

	say_trace(what, r->at_ms, r->trace);
	printf(" %s", msg_class_name(r->class));
	say_sv("text_id", r->text_id);
	say_sv("lang", r->lang);
	say_sv("link", r->link);
	printf(" until=%s", iso(r->expires_ms, until));
}

static void say_in(const char *what, const struct in_record *r, uint64_t trace)
{
	say_trace(what, r->at_ms, trace);
	if (r->kind == INPUT_EVENT) {
		say_sv("event", r->event_type);
		say_sv("service", r->event_service);
	} else {
		say_sv("from", r->channel);
		say_sv("link", r->link);
	}
}

/* ---- a person ---- */

static void on_session(const struct rval *v, void *arg)
{
	struct person *p = arg;
	struct session *s;
	struct way way;
	struct buf b;
	struct sv blob = v->type == RVAL_STR ? v->str : SV("");
	const char *mark;
	char at[25], until[25];

	while (blob.n > 0 && blob.p[0] >= '0' && blob.p[0] <= '9')
		blob.p++, blob.n--;
	if (blob.n == 0) {
		printf("session    none\n");
		return;
	}
	mark = blob.p[0] == '!' ? ", a question is kept" : "";
	blob.p++, blob.n--;
	way_decode(&blob, &way);
	s = session_decode(p->packs, blob);
	buf_init(&b, 256);
	session_describe(s, &b);
	/* It says "-" for no dialogue. */
	printf("session    %s%s lang=%s%s%s", s->run.pack ? "at " : "idle", buf_str(&b) + !s->run.pack,
	    session_lang(s), s->is_stopped ? ", stopped" : "", mark);
	if (s->run.pack)
		printf(" until=%s", iso(s->run.until_ms, until));
	if (s->kept.pack)
		printf(" tries=%u next=%s kept_until=%s", s->kept_tries, iso(s->kept_next_ms, at),
		    iso(s->kept_until_ms, until));
	say_sv("link", way.link);
	say_sv("address", way.address);
	putchar('\n');
	buf_clear(&b);
	session_free(s);
}

/* id, record, id, record ... of the whole partition. */
static void on_inbox(const struct rval *v, void *arg)
{
	struct person *p = arg;

	for (size_t i = 0; i + 1 < v->count; i += 2) {
		struct in_record r;
		uint64_t id;

		if (!in_record_decode(v->item[i + 1]->str, &r) || !sv_is(r.msisdn, p->msisdn) ||
		    !store_id_read(v->item[i]->str, &id))
			continue;
		say_in("in work", &r, id);
		putchar('\n');
		p->lines++;
	}
}

/* member, score, member, score ... */
static void on_outbox(const struct rval *v, void *arg)
{
	struct person *p = arg;

	for (size_t i = 0; i < v->count; i += 2) {
		struct sv m = v->item[i]->str;
		struct out_record r;

		if (m.n <= STORE_ID_OCTETS + 1 ||
		    !out_record_decode((struct sv){m.p + STORE_ID_OCTETS + 1,
					   m.n - STORE_ID_OCTETS - 1},
			&r) ||
		    !sv_is(r.msisdn, p->msisdn))
			continue;
		say_out("to send", &r);
		putchar('\n');
		p->lines++;
	}
}

/* key, event, key, event ... */
static void on_schedule(const struct rval *v, void *arg)
{
	struct person *p = arg;

	for (size_t i = 1; i < v->count; i += 2) {
		struct sv e = v->item[i]->str;
		const char *line = e.n > 0 ? memchr(e.p, '\n', e.n) : NULL;
		uint64_t at_ms = strtoull(e.n > 0 ? e.p : "", NULL, 10); /* a NUL is behind it */
		struct in_record r;

		if (!line ||
		    !in_record_decode((struct sv){line + 1, e.n - (size_t)(line + 1 - e.p)}, &r))
			continue;
		r.at_ms = at_ms;
		say_in("to come", &r, 0);
		putchar('\n');
		p->lines++;
	}
}

static int oldest_first(const void *a, const void *b)
{
	uint64_t x = ((const struct sent *)a)->trace, y = ((const struct sent *)b)->trace;

	return x < y ? -1 : x > y ? 1 : 0;
}

/* The store has no order. */
static void say_sent(struct person *p)
{
	qsort(p->sent, p->n_sent, sizeof(p->sent[0]), oldest_first);
	for (size_t k = 0; k < p->n_sent; k++) {
		const struct sent *s = &p->sent[k];
		size_t states = (size_t)((const char *)memchr(s->p, ':', s->n) - s->p);
		struct out_record r;

		if (out_record_decode((struct sv){s->p + states + 1, s->n - states - 1}, &r)) {
			say_out("sent", &r);
			fputs(" receipts=", stdout);
			for (size_t i = 0; i < states; i++)
				printf("%s%s", i > 0 ? "," : "",
				    s->p[i] > '0' && s->p[i] < '9'
					? receipt_state_name((enum receipt_state)(s->p[i] - '0'))
					: "none");
			putchar('\n');
			p->lines++;
		}
		free(s->p);
	}
}

/* "=<state>:<record>" of a message of one part, "<states>:<record>" of several, "=<state>" alone of a
 * part that is at its end. */
static void on_sent(const struct rval *v, void *arg)
{
	struct sv s = v->type == RVAL_STR ? v->str : SV("");
	const char *colon = s.n > 0 ? memchr(s.p, ':', s.n) : NULL;
	struct person *p = arg;
	struct out_record r;

	if (s.n == 2 && s.p[0] == '=' && s.p[1] > '0' && s.p[1] < '9')
		p->ended[s.p[1] - '0']++;
	if (!colon)
		return;
	if (s.p[0] == '=')
		s.p++, s.n--;
	if (s.p[0] < '0' || s.p[0] > '9' || p->n_sent == SENT_MAX ||
	    !out_record_decode((struct sv){colon + 1, s.n - (size_t)(colon + 1 - s.p)}, &r))
		return;
	p->sent[p->n_sent] = (struct sent){r.trace, xmalloc(s.n), s.n};
	memcpy(p->sent[p->n_sent++].p, s.p, s.n);
}

static void say_ended(struct person *p)
{
	for (size_t i = 1; i < sizeof(p->ended) / sizeof(p->ended[0]); i++) {
		if (p->ended[i] == 0)
			continue;
		printf("receipts   %zu %s in the last hour\n", p->ended[i],
		    receipt_state_name((enum receipt_state)i));
		p->lines++;
	}
}

/* An answer is gone once the next question is asked: keys first. */
static void on_sent_keys(const struct rval *v, void *arg)
{
	struct person *p = arg;

	for (size_t i = 0; i < v->count && p->sent_keys < SENT_MAX; i++)
		p->sent_key[p->sent_keys++] = xasprintf("%s", v->item[i]->str.p);
}

static void on_code_times(const struct rval *v, void *arg)
{
	struct person *p = arg;
	char at[25];

	if (v->count == 0)
		return;
	printf("codes      %zu sent, the last at %s\n", v->count,
	    iso(strtoull(v->item[0]->str.p, NULL, 10), at));
	p->lines++;
}

/* ---- dead letters: the reason, a line feed, the record ---- */

struct letter {
	struct sv why;
	struct out_record out;
	struct in_record in;
	bool is_out;
};

static bool letter_read(struct sv s, struct letter *x)
{
	const char *line = s.n > 0 ? memchr(s.p, '\n', s.n) : NULL;
	struct sv record;

	if (!line)
		return false;
	x->why = (struct sv){s.p, (size_t)(line - s.p)};
	record = (struct sv){line + 1, s.n - x->why.n - 1};
	x->is_out = out_record_decode(record, &x->out);
	return x->is_out || in_record_decode(record, &x->in);
}

static struct sv letter_msisdn(const struct letter *x)
{
	return x->is_out ? x->out.msisdn : x->in.msisdn;
}

/* What a provider said may hold a number or a code: their digits are not for the screen. */
static void say_why(struct sv why)
{
	size_t digits = 0;

	for (size_t i = 0; i<why.n; i += digits> 0 ? digits : 1) {
		for (digits = 0;
		     i + digits < why.n && why.p[i + digits] >= '0' && why.p[i + digits] <= '9';)
			digits++;
		if (digits >= SECRET_DIGITS_MIN)
			for (size_t k = 0; k < digits; k++)
				putchar('*');
		else if (digits > 0)
			printf("%.*s", (int)digits, why.p + i);
		else
			putchar((unsigned char)why.p[i] < ' ' || why.p[i] == 0x7F ? '?' : why.p[i]);
	}
	putchar('\n');
}

static void say_letter(const struct letter *x)
{
	char msisdn[MSISDN_CAP], masked[24];

	snprintf(msisdn, sizeof(msisdn), "%.*s", (int)letter_msisdn(x).n, letter_msisdn(x).p);
	if (x->is_out)
		say_out("dead", &x->out);
	else
		say_in("dead", &x->in, 0);
	printf(" number=%s: ", log_mask(msisdn, masked, sizeof(masked)));
	say_why(x->why);
}

static void on_dead_of_person(const struct rval *v, void *arg)
{
	struct person *p = arg;
	struct letter x;

	for (size_t i = 0; i < v->count; i++)
		if (letter_read(v->item[i]->str, &x) && sv_is(letter_msisdn(&x), p->msisdn)) {
			say_letter(&x);
			p->lines++;
		}
}

struct letters { /* the newest so far, of all partitions */
	struct dead {
		uint64_t at_ms;
		char *p; /* owned */
		size_t n;
	} * v;
	size_t n, all;
};

static int newest_first(const void *a, const void *b)
{
	uint64_t x = ((const struct dead *)a)->at_ms, y = ((const struct dead *)b)->at_ms;

	return x < y ? 1 : x > y ? -1 : 0;
}

static void on_dead(const struct rval *v, void *arg)
{
	struct letters *all = arg;
	struct letter x;

	all->v = xrealloc(all->v, (all->n + v->count + 1) * sizeof(*all->v));
	for (size_t i = 0; i < v->count; i++) {
		struct sv s = v->item[i]->str;
		struct dead *d = &all->v[all->n];

		if (!letter_read(s, &x))
			continue;
		d->at_ms = x.is_out ? x.out.at_ms : x.in.at_ms;
		d->p = xmalloc(s.n + 1);
		memcpy(d->p, s.p, s.n);
		d->n = s.n;
		all->n++;
		all->all++;
	}
}

/* ---- the commands ---- */

static void look_at_person(struct person *p)
{
	char sent[STORE_KEY_MAX], in_record[MSISDN_CAP + 2];
	struct look *l = &p->l;

	snprintf(sent, sizeof(sent), "dky:{p%u}:[rm]*:*%s:*", p->k.partition, p->msisdn);
	snprintf(in_record, sizeof(in_record), "*%s*", p->msisdn);
	look_ask(l, (struct sv[]){SV("GET"), store_key_session(&p->k)}, 2, on_session, p);
	look_scan(l, (struct sv[]){SV("HSCAN"), store_key_inbox(&p->k), SV(""), SV("COUNT"), SV(PAGE)},
	    5, 2, on_inbox, p);
	for (unsigned class = 0; class < STORE_CLASSES; class ++)
		look_scan(l,
		    (struct sv[]){SV("ZSCAN"), store_key_outbox(&p->k, class), SV(""), SV("MATCH"),
			sv_from(in_record), SV("COUNT"), SV(PAGE)},
		    7, 2, on_outbox, p);
	look_scan(l,
	    (struct sv[]){SV("SCAN"), SV(""), SV("MATCH"), sv_from(sent), SV("COUNT"), SV(PAGE)}, 6, 1,
	    on_sent_keys, p);
	for (size_t i = 0; i < p->sent_keys; i++) {
		look_ask(l, (struct sv[]){SV("GET"), sv_from(p->sent_key[i])}, 2, on_sent, p);
		free(p->sent_key[i]);
	}
	say_sent(p);
	say_ended(p);
	look_ask(l, (struct sv[]){SV("HGETALL"), store_key_events(&p->k)}, 2, on_schedule, p);
	look_ask(l, (struct sv[]){SV("LRANGE"), store_key_otp_times(&p->k), SV("0"), SV("-1")}, 4,
	    on_code_times, p);
	look_ask(l, (struct sv[]){SV("LRANGE"), store_key_dead(&p->k), SV("0"), SV("-1")}, 4,
	    on_dead_of_person, p);
}

static bool take_args(int argc, char **argv, bool is_dead, struct args *x)
{
	*x = (struct args){DK_SYSCONFDIR "/dakiya/dakiyad.yaml", NULL, DEAD_DEFAULT};
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-c") == 0) {
			x->conf = ctl_value(argc, argv, &i);
		} else if (is_dead && strcmp(argv[i], "-n") == 0) {
			const char *n = ctl_value(argc, argv, &i);

			x->most = strtoul(n, NULL, 10);
			if (x->most == 0 || strspn(n, "0123456789") != strlen(n)) {
				ctl_misused("-n takes a number above 0");
				return false;
			}
		} else if (!is_dead && !x->number && argv[i][0] != '-') {
			x->number = argv[i];
		} else {
			ctl_misused("\"%s\" has no meaning here", argv[i]);
			return false;
		}
	}
	if (!is_dead && !x->number)
		ctl_misused("a number is missing");
	return is_dead || x->number;
}

int cmd_person(int argc, char **argv)
{
	struct person *p = xcalloc(1, sizeof(*p));
	struct args x;
	struct buf err;
	char masked[24];
	int rc = 2;

	if (!take_args(argc, argv, false, &x)) {
		free(p);
		return rc;
	}
	if (!msisdn_normalise(sv_from(x.number), 0, p->msisdn)) {
		free(p);
		return ctl_misused("\"%s\" is no phone number", x.number);
	}
	rc = 1;
	if (look_open(&p->l, x.conf)) {
		buf_init(&err, ERR_MAX);
		p->packs = pack_files_read((const char *const *)p->l.o.services.v, p->l.o.services.n,
		    &err, NULL);
		fputs(buf_str(&err), stderr);
		buf_clear(&err);
		if (p->packs) {
			store_keys_init(&p->k,
			    &(struct store){.partitions = (unsigned)p->l.o.partitions}, p->msisdn);
			printf("number     %s partition=%u\n",
			    log_mask(p->msisdn, masked, sizeof(masked)), p->k.partition);
			look_at_person(p);
			if (p->lines == 0 && !p->l.failed)
				printf("messages   none on the way, none of late\n");
			rc = p->l.failed ? 1 : 0;
		}
		packs_free(p->packs);
		look_close(&p->l);
	}
	free(p);
	return rc;
}

int cmd_dead(int argc, char **argv)
{
	struct letters all = {0};
	struct store_keys *k;
	struct look l;
	struct letter x;
	struct args a;
	int rc;

	if (!take_args(argc, argv, true, &a))
		return 2;
	if (!look_open(&l, a.conf))
		return 1;
	k = xmalloc(sizeof(*k));
	for (unsigned i = 0; i < (unsigned)l.o.partitions; i++) {
		store_keys_init_partition(k, i);
		look_ask(&l, (struct sv[]){SV("LRANGE"), store_key_dead(k), SV("0"), SV("-1")}, 4,
		    on_dead, &all);
		qsort(all.v, all.n, sizeof(*all.v), newest_first);
		for (; all.n > a.most; all.n--)
			free(all.v[all.n - 1].p);
	}
	for (size_t i = 0; i < all.n; i++) {
		if (letter_read((struct sv){all.v[i].p, all.v[i].n}, &x))
			say_letter(&x);
		free(all.v[i].p);
	}
	if (!l.failed)
		printf("%zu dead letter%s%s\n", all.all, all.all == 1 ? "" : "s",
		    all.all > all.n ? ", the newest are shown" : "");
	rc = l.failed ? 1 : 0;
	look_close(&l);
	free(all.v);
	free(k);
	return rc;
}
