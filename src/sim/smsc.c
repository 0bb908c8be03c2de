/* SPDX-License-Identifier: BSD-2-Clause */
/* smsc.c - sessions, phones and faults of the message centre; see smsc.h. Messages from phones
 * are in smsc_mo.c, messages to phones in smsc_mt.c, USSD
 * in smsc_ussd.c. */
#include "sim/smsc.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "codec/text.h"
#include "sim/smsc_int.h"

struct timeval smsc_tv(uint64_t ms)
{
	return (struct timeval){(time_t)(ms / 1000), (suseconds_t)(ms % 1000) * 1000};
}

static void changed(const struct smsc *s)
{
	if (s->watcher)
		s->watcher->on_change(s->watcher->arg);
}

/* ---- sessions ---- */

static bool same_or_any(const char *want, struct sv got)
{
	return !want || sv_is(got, want);
}

static uint32_t on_bind(struct esme *e, const struct smpp_pdu *p, void *arg)
{
	struct smsc *s = arg;
	uint32_t status = ESME_ROK;

	(void)e;
	if (fault_take(&s->faults.refuse_bind))
		status = ESME_RBINDFAIL;
	else if (!same_or_any(s->cf.system_id, p->system_id))
		status = ESME_RINVSYSID;
	else if (!same_or_any(s->cf.password, p->password))
		status = ESME_RINVPASWD;
	if (status != ESME_ROK) {
		s->n.binds_refused++;
		LOG(NULL, LOG_WARN, "bind refused", "system_id=\"" SV_FMT "\" status=%s",
		    SV_ARG(p->system_id), smpp_status_name(status));
	}
	return status;
}

static void on_bound(struct esme *e, void *arg)
{
	struct smsc *s = arg;

	s->n.binds++;
	changed(s);
	LOG(NULL, LOG_INFO, "bound", "session=%llu as=%s", (unsigned long long)esme_id(e),
	    esme_bind_name(e));
	lanes_wake(s);
}

static void on_down(struct esme *e, const char *reason, void *arg)
{
	struct smsc *s = arg;
	struct session *se;

	LOG(NULL, LOG_INFO, "session ended", "session=%llu as=%s reason=\"%s\"",
	    (unsigned long long)esme_id(e), esme_bind_name(e), reason);
	TAILQ_FOREACH(se, &s->sessions, link)
	if (se->esme == e)
		break;
	if (se) {
		TAILQ_REMOVE(&s->sessions, se, link);
		free(se);
	}
	lanes_pump(s);
	changed(s);
}

static void on_wire(struct esme *e, bool sent, struct sv octets, const struct smpp_pdu *p, void *arg)
{
	struct smsc *s = arg;

	if (s->watcher)
		s->watcher->on_wire(esme_id(e), sent, octets, p, s->watcher->arg);
}

static void on_peer(int fd, void *arg)
{
	static const struct esme_ops ops = {.on_bind = on_bind,
	    .on_bound = on_bound,
	    .on_submit = on_submitted,
	    .on_delivered = on_lane_delivered,
	    .on_wire = on_wire,
	    .on_down = on_down};
	struct smsc *s = arg;
	struct esme_conf cf = {
	    .system_id = "dakiya-sim", .window = s->cf.window, .enquire_ms = s->cf.enquire_ms};
	struct session *se = xcalloc(1, sizeof(*se));

	se->esme = esme_new(s->cs, fd, &cf, &ops, s);
	esme_set_silent(se->esme, s->faults.silent);
	TAILQ_INSERT_TAIL(&s->sessions, se, link);
}

struct smsc *smsc_new(struct conns *cs, const struct smsc_conf *cf, char *err, size_t err_cap)
{
	struct smsc *s = xcalloc(1, sizeof(*s));
	int port;

	s->cs = cs;
	s->cf = *cf;
	s->faults = cf->faults;
	TAILQ_INIT(&s->sessions);
	TAILQ_INIT(&s->ready);
	TAILQ_INIT(&s->laters);
	port = conns_listen(cs, cf->listen, on_peer, s, err, err_cap);
	if (port < 0) {
		free(s);
		return NULL;
	}
	s->port = (unsigned)port;
	return s;
}

unsigned smsc_port(const struct smsc *s)
{
	return s->port;
}

/* ---- phones ---- */

struct phone *smsc_phone(struct smsc *s, struct sv number)
{
	char digits[MSISDN_CAP];
	struct phone *p;

	if (!msisdn_normalise(number, 0, digits))
		return NULL;
	HASH_FIND_STR(s->phones, digits, p);
	if (p)
		return p;
	p = xcalloc(1, sizeof(*p));
	memcpy(p->number, digits, sizeof(p->number));
	lane_init(&p->mo, s, p);
	lane_init(&p->receipts, s, p);
	ussd_init(s, p);
	STAILQ_INIT(&p->inbox);
	p->join = join_new();
	HASH_ADD_STR(s->phones, number, p);
	return p;
}

const char *phone_number(const struct phone *p)
{
	return p->number;
}

static void inbox_drop(struct phone *p)
{
	struct inbox_text *t = STAILQ_FIRST(&p->inbox);

	STAILQ_REMOVE_HEAD(&p->inbox, link);
	p->inbox_count--;
	free(t->text);
	free(t);
}

void phone_hold(struct phone *p, struct smsc_holder *h)
{
	struct inbox_text *t;

	h->next = p->holders;
	p->holders = h;
	while ((t = STAILQ_FIRST(&p->inbox))) {
		h->on_sms(t->from, (struct sv){t->text, t->n}, h->arg);
		inbox_drop(p);
	}
}

void phone_release(struct phone *p, struct smsc_holder *h)
{
	struct smsc_holder **at = &p->holders;

	while (*at && *at != h)
		at = &(*at)->next;
	if (*at)
		*at = h->next;
}

uint64_t smsc_send(struct smsc *s, struct phone *p, const char *to, struct sv text)
{
	struct text_parts parts;

	if (text.n > TEXT_MAX_UTF8 || strlen(to) >= ADDR_CAP || p->mo.count >= SMSC_QUEUE_MAX)
		return 0;
	if (!text_encode(text, ++p->ref, &parts))
		return 0;
	s->last_mo++;
	for (size_t copy = 0; copy < (s->faults.duplicate_mo ? 2u : 1u); copy++) {
		for (size_t i = 0; i < parts.count; i++) {
			struct mo *m = xcalloc(1, sizeof(*m));

			m->id = s->last_mo;
			m->is_last = copy == 0 && i + 1 == parts.count;
			memcpy(m->from, p->number, sizeof(p->number));
			memcpy(m->to, to, strlen(to));
			m->esm_class = parts.seg[i].has_udh ? SMPP_ESM_UDHI : 0;
			m->data_coding = parts.data_coding;
			m->octets = xmemdup(parts.seg[i].octets, sizeof(parts.seg[i].octets));
			m->n = parts.seg[i].n;
			lane_put(&p->mo, m);
		}
	}
	return s->last_mo;
}

/* ---- faults, figures, the end ---- */

bool smsc_fault(struct smsc *s, const char *name, const char *value, char *err, size_t err_cap)
{
	const struct fault_row *r = faults_set(&s->faults, name, value, err, err_cap);
	struct session *se;

	if (!r)
		return false;
	LOG(NULL, LOG_INFO, "fault", "name=%s value=%s", name, value ? value : "");
	TAILQ_FOREACH(se, &s->sessions, link)
	{
		esme_set_silent(se->esme, s->faults.silent);
		if (r->kind == FAULT_ACTION && strcmp(name, "drop") == 0)
			esme_drop(se->esme, "dropped on request");
		else if (r->kind == FAULT_ACTION)
			esme_unbind(se->esme);
	}
	lanes_pump(s);
	changed(s);
	return true;
}

void smsc_watch(struct smsc *s, const struct smsc_watcher *w)
{
	s->watcher = w;
}

const struct smsc_watcher *smsc_watcher(const struct smsc *s)
{
	return s->watcher;
}

size_t smsc_bound(const struct smsc *s)
{
	const struct session *se;
	size_t bound = 0;

	TAILQ_FOREACH(se, &s->sessions, link)
	bound += esme_is_bound(se->esme);
	return bound;
}

const struct faults *smsc_faults(const struct smsc *s)
{
	return &s->faults;
}

void smsc_stats(const struct smsc *s, struct buf *out)
{
	const struct phone *p;
	size_t open = 0, inbox = 0;

	for (p = s->phones; p; p = p->hh.next) {
		open += join_open(p->join);
		inbox += p->inbox_count;
	}
#define U(v) (unsigned long long)(v)
	buf_addf(out, "bound=%zu phones=%u mo_queued=%zu inbox=%zu unfinished=%zu", smsc_bound(s),
	    HASH_COUNT(s->phones), s->mo_queued, inbox, open);
	buf_addf(out, " binds=%llu binds_refused=%llu", U(s->n.binds), U(s->n.binds_refused));
	buf_addf(out,
	    " mo_sent=%llu mo_taken=%llu mo_refused=%llu mo_retried=%llu mo_timeout=%llu mo_lost=%llu",
	    U(s->n.mo_sent), U(s->n.mo_taken), U(s->n.mo_refused), U(s->n.mo_retried),
	    U(s->n.mo_timeout), U(s->n.mo_lost));
	buf_addf(out,
	    " mt=%llu mt_texts=%llu mt_bad=%llu mt_faulted=%llu receipts_sent=%llu receipts_taken=%llu",
	    U(s->n.mt), U(s->n.mt_texts), U(s->n.mt_bad), U(s->n.mt_faulted), U(s->n.receipts_sent),
	    U(s->n.receipts_taken));
#undef U
}

void smsc_free(struct smsc *s)
{
	struct phone *p, *next;
	struct later *l;

	if (!s)
		return;
	while ((l = TAILQ_FIRST(&s->laters)))
		later_free(l);
	HASH_ITER(hh, s->phones, p, next)
	{
		HASH_DEL(s->phones, p);
		lane_clear(&p->mo);
		lane_clear(&p->receipts);
		ussd_clear(p);
		while (!STAILQ_EMPTY(&p->inbox))
			inbox_drop(p);
		join_free(p->join);
		free(p);
	}
	free(s);
}
