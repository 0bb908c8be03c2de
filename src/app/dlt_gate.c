/* SPDX-License-Identifier: BSD-2-Clause */
/* dlt_gate.c - India's DLT rules on a link: the TLVs of a submit_sm, and a look at the text before it goes,
 * since some centres take what does not match and drop it without a word. */
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/app_int.h"
#include "engine/dlt.h"
#include "engine/status_words.h"

_Static_assert(DLT_MODE_STRICT == 0 && DLT_MODE_WARN == 1 && DLT_MODE_OFF == 2, "as in options.c");

bool dlt_gate_is_on(const struct app_link *al)
{
	const struct opt_dlt *o = al->opt->dlt;

	return o && o->entity_id && o->entity_id[0];
}

/* The operators' portals know the chain from entity to last telemarketer by its SHA-256, in lower-case
 * hexadecimal, over the ids with commas between them. */
void dlt_gate_start(struct app_link *al)
{
	const struct opt_dlt *o = al->opt->dlt;
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned n = 0;
	struct buf ids;

	if (!dlt_gate_is_on(al) || o->chain.n == 0)
		return;
	buf_init(&ids, 4096);
	buf_adds(&ids, o->entity_id);
	for (size_t i = 0; i < o->chain.n; i++)
		buf_addf(&ids, ",%s", (const char *)o->chain.v[i]);
	if (EVP_Digest(buf_str(&ids), ids.n, hash, &n, EVP_sha256(), NULL) != 1)
		abort(); /* SHA-256 without memory of its own does not fail */
	for (unsigned i = 0; i < n && 2 * i + 3 <= sizeof(al->dlt_chain); i++)
		snprintf(al->dlt_chain + 2 * i, 3, "%02x", hash[i]);
	buf_clear(&ids);
}

void dlt_gate_tlvs(const struct app_link *al, const struct out_msg *m, struct smpp_pdu *p,
    char template_id[DLT_ID_CAP])
{
	const struct opt_dlt *o = al->opt->dlt;
	size_t nul;

	if (!dlt_gate_is_on(al))
		return;
	nul = o->nul_terminate;
	(void)smpp_tlv_add(p, (uint16_t)o->entity_tag,
	    (struct sv){o->entity_id, strlen(o->entity_id) + nul});
	if (m->r.dlt_template_id.n > 0 && m->r.dlt_template_id.n < DLT_ID_CAP) {
		snprintf(template_id, DLT_ID_CAP, SV_FMT, SV_ARG(m->r.dlt_template_id));
		(void)smpp_tlv_add(p, (uint16_t)o->template_tag,
		    (struct sv){template_id, m->r.dlt_template_id.n + nul});
	}
	if (al->dlt_chain[0])
		(void)smpp_tlv_add(p, (uint16_t)o->chain_tag,
		    (struct sv){al->dlt_chain, strlen(al->dlt_chain) + nul});
}

unsigned dlt_gate_check(struct app *a, const struct app_link *al, const struct out_msg *m)
{
	const struct opt_dlt *o = al->opt->dlt;
	struct log_ctx ctx = {.link = al->opt->name, .trace = m->r.trace};
	struct dlt_result r;
	char code[12];

	if (!dlt_gate_is_on(al) || o->mode == DLT_MODE_OFF)
		return DLT_GOOD;
	r = dlt_check(a->packs, &(struct dlt_message){.text_id = m->r.text_id,
				    .lang = m->r.lang,
				    .template_id = m->r.dlt_template_id,
				    .text = m->r.text,
				    .var_max = (unsigned)o->var_max});
	if (r.is_unknown)
		LOG(&ctx, LOG_WARN, "dlt template not in the packs",
		    "text_id=" SV_FMT " template=" SV_FMT, SV_ARG(m->r.text_id),
		    SV_ARG(m->r.dlt_template_id));
	if (r.code == DLT_GOOD)
		return DLT_GOOD;
	snprintf(code, sizeof(code), "%u", r.code);
	metrics_add(a->metrics, M_DLT, 1, al->opt->name, code, NULL);
	LOG(&ctx, LOG_WARN, o->mode == DLT_MODE_STRICT ? "dlt refused" : "dlt doubted",
	    "code=%s text_id=" SV_FMT " template=" SV_FMT " variable=%u why=%s", code,
	    SV_ARG(m->r.text_id), SV_ARG(m->r.dlt_template_id), r.variable, LOGQ(status_words(r.code)));
	return o->mode == DLT_MODE_STRICT ? r.code : DLT_GOOD;
}
