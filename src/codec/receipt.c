/* SPDX-License-Identifier: BSD-2-Clause */
/* receipt.c - delivery receipts as message centres really send them. The text has no standard, only
 * the example of SMPP 3.4 appendix B, so this reader looks for the keys it knows, in any order and
 * case, and skips everything else, dates of any length among it. */
#include "codec/receipt.h"

#include <string.h>
#include <strings.h>

enum { /* esm_class types that report on a message of ours, SMPP 3.4 s.5.2.12 */
	ESM_DELIVERY_ACK = 0x08,
	ESM_INTERMEDIATE = 0x20,
};

enum { TLV_STATE_SCHEDULED = 0, TLV_STATE_SKIPPED = 9 }; /* message_state, SMPP 5.0 s.4.7.15 */

static const char *const state_names[] = {
    [RECEIPT_ENROUTE] = "ENROUTE",
    [RECEIPT_DELIVERED] = "DELIVRD",
    [RECEIPT_EXPIRED] = "EXPIRED",
    [RECEIPT_DELETED] = "DELETED",
    [RECEIPT_UNDELIVERABLE] = "UNDELIV",
    [RECEIPT_ACCEPTED] = "ACCEPTD",
    [RECEIPT_UNKNOWN] = "UNKNOWN",
    [RECEIPT_REJECTED] = "REJECTD",
};

/* What a stat: word begins with, in any case. The names of appendix B are cut to seven letters by some
 * centres, spelt out by others, and joined by words of their own. */
static const struct {
	const char *begin;
	enum receipt_state state;
} state_words[] = {
    {"DELIV", RECEIPT_DELIVERED},
    {"EXPIR", RECEIPT_EXPIRED},
    {"DELET", RECEIPT_DELETED},
    {"UNDEL", RECEIPT_UNDELIVERABLE},
    {"ACCEP", RECEIPT_ACCEPTED},
    {"UNKNO", RECEIPT_UNKNOWN},
    {"REJEC", RECEIPT_REJECTED},
    {"ENROU", RECEIPT_ENROUTE},
    {"FAIL", RECEIPT_UNDELIVERABLE}, /* Indian aggregators */
    {"BUFF", RECEIPT_ENROUTE}, /* BUFFRED, BUFFERD: waits in the centre */
    {"ACKED", RECEIPT_ENROUTE}, /* the centre has it */
    {"SCHED", RECEIPT_ENROUTE},
    {"SKIP", RECEIPT_UNDELIVERABLE},
};

enum key {
	KEY_ID,
	KEY_SUB,
	KEY_DLVRD,
	KEY_SUBMIT_DATE,
	KEY_DONE_DATE,
	KEY_STAT,
	KEY_ERR,
	KEY_TEXT,
	KEY_COUNT
};

static const char *const key_words[KEY_COUNT] = {
    [KEY_ID] = "id:",
    [KEY_SUB] = "sub:",
    [KEY_DLVRD] = "dlvrd:",
    [KEY_SUBMIT_DATE] = "submit date:",
    [KEY_DONE_DATE] = "done date:",
    [KEY_STAT] = "stat:",
    [KEY_ERR] = "err:",
    [KEY_TEXT] = "text:",
};

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\0';
}

static struct sv trim(struct sv s)
{
	while (s.n > 0 && is_space(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n > 0 && is_space(s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool begins_with(struct sv s, const char *word)
{
	size_t n;

	if (s.n == 0 ||
	    (s.p[0] | 32) != (word[0] | 32)) /* nearly always: a letter in any case is enough */
		return false;
	n = strlen(word);
	return s.n >= n && strncasecmp(s.p, word, n) == 0;
}

static enum key key_at(struct sv s)
{
	int k = 0;

	while (k < KEY_COUNT && !begins_with(s, key_words[k]))
		k++;
	return (enum key)k;
}

static struct sv from(struct sv s, size_t n)
{
	return (struct sv){s.p + n, s.n - n};
}

/* The values of the keys in text. A value ends at white space; the message's own words after "text:" are
 * not looked at, or a person could write a receipt. */
static void find_values(struct sv s, struct sv found[KEY_COUNT])
{
	bool at_word = true;

	while (s.n > 0) {
		enum key k = at_word ? key_at(s) : KEY_COUNT;
		size_t n = 0;

		if (k == KEY_TEXT)
			return;
		if (k == KEY_COUNT) {
			at_word = is_space(s.p[0]);
			s = from(s, 1);
			continue;
		}
		s = from(s, strlen(key_words[k]));
		while (s.n > 0 && is_space(s.p[0]))
			s = from(s, 1);
		if (key_at(s) != KEY_COUNT) /* nothing before the next key */
			continue;
		while (n < s.n && !is_space(s.p[n]))
			n++;
		if (!found[k].n)
			found[k] = (struct sv){s.p, n};
		s = from(s, n);
		at_word = false;
	}
}

static bool state_of_word(struct sv word, enum receipt_state *out)
{
	for (size_t i = 0; i < sizeof state_words / sizeof state_words[0]; i++) {
		if (begins_with(word, state_words[i].begin)) {
			*out = state_words[i].state;
			return true;
		}
	}
	return false;
}

/* "00,0210021543,...": an error code and the time. The id is in the TLVs or nowhere. */
static bool read_comma_form(struct sv s, struct receipt *out)
{
	size_t n = 0, zeros = 0;

	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		zeros += s.p[n++] == '0';
	if (n < 2 || n > 4 || n + 1 >= s.n || s.p[n] != ',' || s.p[n + 1] < '0' || s.p[n + 1] > '9')
		return false;
	out->state = zeros == n ? RECEIPT_DELIVERED : RECEIPT_UNDELIVERABLE;
	out->err = (struct sv){s.p, n};
	return true;
}

static bool state_of_tlv(const struct smpp_pdu *p, enum receipt_state *out)
{
	const struct smpp_tlv *t = smpp_tlv_find(p, SMPP_TLV_MESSAGE_STATE);
	unsigned v;

	if (!t || t->val.n != 1)
		return false;
	v = (unsigned char)t->val.p[0];
	if (v == TLV_STATE_SCHEDULED)
		v = RECEIPT_ENROUTE;
	if (v == TLV_STATE_SKIPPED)
		v = RECEIPT_UNDELIVERABLE;
	if (v > RECEIPT_REJECTED)
		return false;
	*out = (enum receipt_state)v;
	return true;
}

/* The TLV is a string with a NUL; some centres pad it with blanks or leave the NUL out. */
static struct sv id_of_tlv(const struct smpp_pdu *p)
{
	const struct smpp_tlv *t = smpp_tlv_find(p, SMPP_TLV_RECEIPTED_MESSAGE_ID);
	const char *nul;

	if (!t || !t->val.n)
		return (struct sv){NULL, 0};
	nul = memchr(t->val.p, '\0', t->val.n);
	return trim((struct sv){t->val.p, nul ? (size_t)(nul - t->val.p) : t->val.n});
}

bool receipt_is(const struct smpp_pdu *p)
{
	unsigned type = p->esm_class & SMPP_ESM_TYPE_MASK;

	return (type & (SMPP_ESM_RECEIPT | ESM_INTERMEDIATE)) || type == ESM_DELIVERY_ACK ||
	       id_of_tlv(p).n > 0;
}

bool receipt_is_like(const struct smpp_pdu *p)
{
	struct sv found[KEY_COUNT] = {0}, s = trim(smpp_pdu_message(p));
	enum receipt_state unused;

	if (!begins_with(s, key_words[KEY_ID]))
		return false;
	find_values(s, found);
	return found[KEY_ID].n > 0 && state_of_word(found[KEY_STAT], &unused);
}

bool receipt_read(const struct smpp_pdu *p, struct receipt *out)
{
	struct sv found[KEY_COUNT] = {0}, s = trim(smpp_pdu_message(p)), id = id_of_tlv(p);
	bool has_state;

	memset(out, 0, sizeof *out);
	out->state = RECEIPT_UNKNOWN;
	find_values(s, found);
	out->err = found[KEY_ERR];
	has_state = state_of_word(found[KEY_STAT], &out->state);
	if (!has_state && !found[KEY_ID].n)
		has_state = read_comma_form(s, out);
	has_state = state_of_tlv(p, &out->state) || has_state;
	if (!id.n)
		id = found[KEY_ID];
	if (id.n >= RECEIPT_ID_CAP)
		id.n = RECEIPT_ID_CAP - 1;
	if (id.n > 0)
		memcpy(out->id, id.p, id.n);
	return has_state || id.n > 0;
}

static bool is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static struct sv out_of_braces(struct sv s)
{
	bool has = s.n > 2 && s.p[0] == '{' && s.p[s.n - 1] == '}';

	return has ? (struct sv){s.p + 1, s.n - 2} : s;
}

/* 8-4-4-4-12. */
static bool is_uuid(struct sv s)
{
	if (s.n != 36)
		return false;
	for (size_t i = 0; i < s.n; i++)
		if ((i == 8 || i == 13 || i == 18 || i == 23) ? s.p[i] != '-' : !is_hex(s.p[i]))
			return false;
	return true;
}

/* An id of zeros alone stays "0". */
static struct sv without_zeros(struct sv id)
{
	while (id.n > 1 && id.p[0] == '0')
		id = from(id, 1);
	return id;
}

void receipt_id_normal(struct sv id, char out[RECEIPT_ID_CAP])
{
	char plain[2 * RECEIPT_ID_CAP];
	bool uuid, is_0x;
	size_t n = 0;

	for (size_t i = 0; i < id.n && n < sizeof(plain); i++)
		if (!is_space(id.p[i]))
			plain[n++] =
			    id.p[i] >= 'A' && id.p[i] <= 'Z' ? (char)(id.p[i] + ('a' - 'A')) : id.p[i];
	id = (struct sv){plain, n};
	if (!is_uuid(out_of_braces(id))) {
		is_0x = id.n > 2 && id.p[0] == '0' && id.p[1] == 'x';
		for (size_t i = 2; is_0x && i < id.n; i++)
			is_0x = is_hex(id.p[i]);
		id = without_zeros(is_0x ? from(id, 2) : id);
	}
	uuid = is_uuid(out_of_braces(id));
	if (uuid)
		id = out_of_braces(id);
	n = 0;
	for (size_t i = 0; i < id.n; i++)
		if (!(uuid && id.p[i] == '-'))
			plain[n++] = id.p[i];
	id = without_zeros((struct sv){plain, n});
	if (id.n > RECEIPT_ID_CAP - 1)
		id.n = RECEIPT_ID_CAP - 1;
	memcpy(out, id.p, id.n);
	out[id.n] = '\0';
}

const char *receipt_state_name(enum receipt_state s)
{
	if ((size_t)s >= sizeof state_names / sizeof state_names[0] || !state_names[s])
		return "UNKNOWN";
	return state_names[s];
}

bool receipt_is_final(enum receipt_state s)
{
	switch (s) {
	case RECEIPT_DELIVERED:
	case RECEIPT_EXPIRED:
	case RECEIPT_DELETED:
	case RECEIPT_UNDELIVERABLE:
	case RECEIPT_REJECTED:
		return true;
	case RECEIPT_ENROUTE:
	case RECEIPT_ACCEPTED: /* by name final (s.5.2.28), but centres send it before DELIVRD */
	case RECEIPT_UNKNOWN:
		break;
	}
	return false;
}
