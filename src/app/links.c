/* SPDX-License-Identifier: BSD-2-Clause */
/* links.c - the links of the configuration, begun and ended. */
#include <stdlib.h>

#include "app/app_int.h"
#include "app/ussd.h"
#include "base/clock.h"

#define DELIVER_MAX 1000u

static bool start_tls(struct app_link *al, struct buf *err)
{
	const struct opt_link *o = al->opt;
	char why[256] = "";

	if (!o->tls)
		return true;
	al->tls = link_tls_new(&(struct link_tls_conf){.ca_file = o->ca_file,
				   .cert_file = o->cert_file,
				   .key_file = o->key_file,
				   .name = o->tls_name,
				   .is_unverified = !o->tls_verify},
	    why, sizeof(why));
	if (!al->tls)
		buf_addf(err, "link %s: %s\n", o->name, why);
	else if (!o->tls_verify)
		LOG(&(struct log_ctx){.link = o->name}, LOG_WARN, "tls not verified",
		    "anybody can pass for this message centre");
	return al->tls != NULL;
}

static bool start(struct app_link *al, struct buf *err)
{
	static const enum smpp_cmd binds[] = {
	    SMPP_BIND_TRANSCEIVER, SMPP_BIND_TRANSMITTER, SMPP_BIND_RECEIVER};
	const struct opt_link *o = al->opt;
	struct smpp_link_conf cf = {.name = o->name,
	    .host = o->host,
	    .port = (unsigned)o->port,
	    .system_id = o->system_id,
	    .password = o->password,
	    .system_type = o->system_type,
	    .address_range = o->address_range,
	    .bind = binds[o->bind],
	    .interface_version = 0x34,
	    .window = (size_t)o->window,
	    .rate = (double)o->rate,
	    .response_ms = (uint64_t)o->response_ms,
	    .enquire_ms = (uint64_t)o->enquire_ms,
	    .connect_ms = (uint64_t)o->connect_ms,
	    .reconnect_min_ms = (uint64_t)o->reconnect_min_ms,
	    .reconnect_max_ms = (uint64_t)o->reconnect_max_ms,
	    .deliver_max = DELIVER_MAX};

	if (!start_tls(al, err))
		return false;
	cf.tls = al->tls;
	al->concat_ref = (uint16_t)random_u64();
	link_text_start(al);
	al->link = smpp_link_new(al->a->base, &cf, &app_link_ops, al);
	return !o->ussd || ussd_link_start(al, err);
}

bool links_start(struct app *a, struct buf *err)
{
	bool ok = true;

	a->link_count = a->opt->links.n;
	a->links = xcalloc(a->link_count + 1, sizeof(*a->links));
	for (size_t i = 0; ok && i < a->link_count; i++) {
		a->links[i].a = a;
		a->links[i].opt = a->opt->links.v[i];
		ok = start(&a->links[i], err);
	}
	return ok;
}

void links_free(struct app *a)
{
	for (size_t i = 0; i < a->link_count; i++)
		smpp_link_free(a->links[i].link);
}

void links_clear(struct app *a)
{
	for (size_t i = 0; i < a->link_count; i++)
		link_tls_free(a->links[i].tls);
	free(a->links);
}
