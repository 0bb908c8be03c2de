/* SPDX-License-Identifier: BSD-2-Clause */
/* link_text.c - texts as one link takes and gives them: its options for the codec, and what stands in the
 * pieces of a phone's message. */
#include "app/app_int.h"

void link_text_start(struct app_link *al)
{
	const struct opt_link *o = al->opt;

	al->text = (struct text_opts){.coding_0 = (enum text_alphabet)o->alphabet_out,
	    .split = (enum text_split)o->long_messages,
	    .is_packed = o->gsm7_packed};
	for (size_t i = 0; i < o->national_shift.n; i++)
		al->text.national |=
		    (uint16_t)(1u << text_national_id(sv_from(o->national_shift.v[i])));
}

static enum text_alphabet alphabet_of(const struct app_link *al, const struct mo_piece *p)
{
	enum text_alphabet a =
	    text_alphabet_of(p->data_coding, (enum text_alphabet)al->opt->default_alphabet);

	/* Shift tables are tables of septets, whatever data_coding 0 means without them. */
	return (p->lock_lang || p->shift_lang) && a != TEXT_UCS2 && a != TEXT_BINARY ? TEXT_GSM7 : a;
}

static bool alike(const struct mo_piece *a, const struct mo_piece *b)
{
	return a->data_coding == b->data_coding && a->lock_lang == b->lock_lang &&
	       a->shift_lang == b->shift_lang;
}

bool link_text_read(const struct app_link *al, const struct mo_piece *piece, size_t n, struct buf *out)
{
	bool good = true;

	/* A careless sender cuts a pair of UTF-16 units or an escape and its follower apart: octets of
	 * one kind are joined first and read after. */
	for (size_t i = 0, end; good && i < n; i = end) {
		enum text_alphabet a = alphabet_of(al, &piece[i]);
		struct buf octets;

		buf_init(&octets, 2 * TEXT_MAX_UTF8);
		for (end = i; end < n && alike(&piece[i], &piece[end]); end++) {
			if (a == TEXT_GSM7 && al->opt->gsm7_packed)
				text_unpack(piece[end].octets, piece[end].udh_octets, &octets);
			else
				buf_addsv(&octets, piece[end].octets);
		}
		good =
		    !octets.full && (a == TEXT_GSM7 ? text_decode_national(buf_sv(&octets),
							  piece[i].lock_lang, piece[i].shift_lang, out)
						    : text_decode(a, buf_sv(&octets), out));
		buf_clear(&octets);
	}
	return good && !out->full;
}
