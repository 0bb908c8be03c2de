/* SPDX-License-Identifier: BSD-2-Clause */
/* receipt_forms.c - see receipt_forms.h. */
#include "codec/receipt_forms.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *name, *words;
} forms[RECEIPT_FORMS] = {
    [RECEIPT_FORM_SAME] = {"same", "as in submit_sm_resp"},
    [RECEIPT_FORM_HEX] = {"decimal", "decimal, and hexadecimal in submit_sm_resp"},
    [RECEIPT_FORM_DEC] = {"hexadecimal", "hexadecimal, and decimal in submit_sm_resp"},
};

const char *receipt_form_name(enum receipt_form f)
{
	return forms[f].name;
}

const char *receipt_form_words(enum receipt_form f)
{
	return forms[f].words;
}

bool receipt_habit_is_sure(const struct receipt_habit *h)
{
	return h->in_a_row >= RECEIPT_HABIT_SURE;
}

/* The whole of s as a number of that base that fits 64 bits. */
static bool number(const char *s, unsigned base, uint64_t *out)
{
	uint64_t v = 0;

	for (const char *c = s; *c; c++) {
		unsigned d = *c >= '0' && *c <= '9'   ? (unsigned)(*c - '0')
			     : *c >= 'a' && *c <= 'f' ? (unsigned)(*c - 'a') + 10
						      : 16;

		if (d >= base || __builtin_mul_overflow(v, base, &v) ||
		    __builtin_add_overflow(v, d, &v))
			return false;
	}
	*out = v;
	return *s != '\0';
}

static bool make(const char *id, enum receipt_form f, char out[RECEIPT_ID_CAP])
{
	uint64_t v;

	switch (f) {
	case RECEIPT_FORM_SAME:
		memcpy(out, id, RECEIPT_ID_CAP);
		return true;
	case RECEIPT_FORM_HEX:
		if (!number(id, 10, &v))
			return false;
		snprintf(out, RECEIPT_ID_CAP, "%" PRIx64, v);
		return true;
	case RECEIPT_FORM_DEC:
		if (!number(id, 16, &v))
			return false;
		snprintf(out, RECEIPT_ID_CAP, "%" PRIu64, v);
		return true;
	case RECEIPT_FORMS:
		break;
	}
	return false;
}

static void add(struct receipt_ids *ids, const char *id, enum receipt_form f)
{
	char *to = ids->id[ids->count];

	if (!make(id, f, to))
		return;
	for (size_t i = 0; i < ids->count; i++)
		if (strcmp(ids->id[i], to) == 0)
			return;
	ids->form[ids->count++] = f;
}

void receipt_ids_of(struct sv id, const struct receipt_habit *h, struct receipt_ids *out)
{
	char normal[RECEIPT_ID_CAP] = "";

	memset(out, 0, sizeof(*out));
	receipt_id_normal(id, normal);
	if (normal[0] == '\0')
		return;
	if (receipt_habit_is_sure(h))
		add(out, normal, h->form);
	for (int f = 0; f < RECEIPT_FORMS; f++)
		add(out, normal, (enum receipt_form)f);
}

bool receipt_habit_learn(struct receipt_habit *h, const struct receipt_ids *ids, size_t at)
{
	enum receipt_form f = ids->form[at];
	bool was_sure = receipt_habit_is_sure(h);

	/* An id of one digit looks the same in every form and says nothing. */
	if (ids->count < 2 && strlen(ids->id[at]) < 2)
		return false;
	if (h->in_a_row > 0 && f != h->form) {
		*h = (struct receipt_habit){.in_a_row = 1, .form = f};
		return false;
	}
	h->form = f;
	if (h->in_a_row < RECEIPT_HABIT_SURE)
		h->in_a_row++;
	return !was_sure && receipt_habit_is_sure(h);
}

unsigned receipt_rank(char s)
{
	switch (s) {
	case '0':
		return 0;
	case '0' + RECEIPT_ENROUTE:
		return 1;
	case '0' + RECEIPT_ACCEPTED:
	case '0' + RECEIPT_UNKNOWN:
		return 2;
	default:
		return 3;
	}
}

enum receipt_state receipt_worst(struct sv states)
{
	char least = '\0';

	for (size_t i = 0; i < states.n; i++) {
		char s = states.p[i];

		if (receipt_rank(s) == 3 && s != '0' + RECEIPT_DELIVERED)
			return (enum receipt_state)(s - '0');
		if (least == '\0' || receipt_rank(s) < receipt_rank(least))
			least = s;
	}
	return (enum receipt_state)(least == '\0' ? 0 : least - '0');
}
