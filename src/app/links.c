/* SPDX-License-Identifier: BSD-2-Clause */
/* links.c - the links of the configuration, begun and ended. */
#include <stdlib.h>

#include "app/app_int.h"
#include "app/bind.h"
#include "app/sms.h"
#include "app/ussd.h"
#include "base/clock.h"

#define DELIVER_MAX 1000u

static struct link_tls_conf tls_conf(const struct opt_link *o)
{
	return (struct link_tls_conf){.ca_file = o->ca_file,
	    .cert_file = o->cert_file,
	    .key_file = o->key_file,
	    .name = o->tls_name,
	    .is_unverified = !o->tls_verify};
}

void app_renew_tls(struct app *a)
{
	for (size_t i = 0; i < a->link_count; i++) {
		struct app_link *al = &a->links[i];
		struct link_tls_conf cf = tls_conf(al->opt);
		char why[256] = "";

		if (al->tls && !link_tls_renew(al->tls, &cf, why, sizeof(why)))
			LOG(&(struct log_ctx){.link = al->opt->name}, LOG_ERR, "tls not renewed",
			    "reason=%s", LOGQ(why));
	}
}

static bool start_tls(struct app_link *al, struct buf *err)
{
	const struct opt_link *o = al->opt;
	struct link_tls_conf cf = tls_conf(o);
	char why[256] = "";

	if (!o->tls)
		return true;
	al->tls = link_tls_new(&cf, why, sizeof(why));
	if (!al->tls)
		buf_addf(err, "link %s: %s\n", o->name, why);
	else if (!o->tls_verify)
		LOG(&(struct log_ctx){.link = o->name}, LOG_WARN, "tls not verified",
		    "anybody can pass for this message centre");
	return al->tls != NULL;
}

/* Of one link, one at a time: what a centre makes of two binds at once is not agreed upon. */
static bool may_connect(struct smpp_link *l, void *arg)
{
	struct app_link *al = arg;

	for (size_t i = 0; i < al->a->link_count; i++) {
		struct app_link *other = &al->a->links[i];
		enum smpp_link_state s;

		if (other == al || other->first != al->first || !other->link || other->link == l)
			continue;
		s = smpp_link_state(other->link);
		if (s == SMPP_LINK_CONNECTING || s == SMPP_LINK_BINDING)
			return false;
	}
	return true;
}

static bool start(struct app_link *al, enum smpp_cmd bind, size_t senders, struct buf *err)
{
	const struct opt_link *o = al->opt;
	bool is_receiver = bind == SMPP_BIND_RECEIVER;
	struct smpp_link_ops ops = app_link_ops;
	struct smpp_link_conf cf = {.name = al->name,
	    .host = o->host,
	    .port = (unsigned)(is_receiver && o->receive_port ? o->receive_port : o->port),
	    .system_id = o->system_id,
	    .password = o->password,
	    .system_type = o->system_type,
	    .address_range = o->address_range,
	    .bind = bind,
	    .interface_version = o->interface_octet,
	    .addr_ton = (uint8_t)o->bind_ton,
	    .addr_npi = (uint8_t)o->bind_npi,
	    .window = (size_t)o->window,
	    .rate = is_receiver ? 0 : (double)o->rate / (double)senders,
	    .response_ms = (uint64_t)o->response_ms,
	    .enquire_ms = (uint64_t)o->enquire_ms,
	    .connect_ms = (uint64_t)o->connect_ms,
	    .reconnect_min_ms = (uint64_t)o->reconnect_min_ms,
	    .reconnect_max_ms = (uint64_t)o->reconnect_max_ms,
	    .deliver_max = DELIVER_MAX};

	link_text_start(al);
	dlt_gate_start(al);
	if (o->http)
		return sms_link_start(al, err);
	if (al == al->first && !start_tls(al, err))
		return false;
	cf.tls = al->first->tls;
	ops.may_connect = may_connect;
	al->concat_ref = (uint16_t)random_u64();
	al->link = smpp_link_new(al->a->base, &cf, &ops, al);
	return !o->ussd || ussd_link_start(al, err);
}

enum { OPT_TRANSCEIVER, OPT_TRANSMITTER, OPT_RECEIVER, OPT_PAIR };

static size_t binds_of(const struct opt_link *o)
{
	if (o->http)
		return 1;
	return (size_t)o->binds * (o->bind == OPT_PAIR ? 2 : 1);
}

static enum smpp_cmd bind_of(const struct opt_link *o, size_t k)
{
	switch (o->bind) {
	case OPT_TRANSMITTER:
		return SMPP_BIND_TRANSMITTER;
	case OPT_RECEIVER:
		return SMPP_BIND_RECEIVER;
	case OPT_PAIR:
		return k % 2 == 0 ? SMPP_BIND_TRANSMITTER : SMPP_BIND_RECEIVER;
	default:
		return SMPP_BIND_TRANSCEIVER;
	}
}

static bool start_link(struct app *a, size_t opt_index, struct app_link *first, struct buf *err)
{
	const struct opt_link *o = a->opt->links.v[opt_index];
	size_t n = binds_of(o);

	for (size_t k = 0; k < n; k++) {
		struct app_link *al = first + k;

		al->a = a;
		al->opt = o;
		al->opt_index = opt_index;
		al->first = first;
		al->name = n == 1 ? xstrdup(o->name) : xasprintf("%s/%zu", o->name, k + 1);
		a->link_count++;
		if (!start(al, bind_of(o, k), (size_t)o->binds, err))
			return false;
	}
	return true;
}

bool links_start(struct app *a, struct buf *err)
{
	size_t n = 0;
	bool ok = true;

	for (size_t i = 0; i < a->opt->links.n; i++)
		n += binds_of(a->opt->links.v[i]);
	a->links = xcalloc(n + 1, sizeof(*a->links));
	for (size_t i = 0; ok && i < a->opt->links.n; i++)
		ok = start_link(a, i, &a->links[a->link_count], err);
	return ok;
}

void links_free(struct app *a)
{
	for (size_t i = 0; i < a->link_count; i++) {
		if (a->links[i].sms)
			bind_stop(&a->links[i]);
		smpp_link_free(a->links[i].link);
	}
}

void links_clear(struct app *a)
{
	for (size_t i = 0; i < a->link_count; i++) {
		link_tls_free(a->links[i].tls);
		free(a->links[i].name);
	}
	free(a->links);
}
