/* SPDX-License-Identifier: BSD-2-Clause */
/* store_keys.c - every key of the store is made here; the list is in store.h.
 * All keys of a person carry the partition as their hash tag, so that one step touches one slot
 * of a Redis Cluster. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "store/store_int.h"

/* FNV-1a, 64 bits. */
static uint64_t fnv(const char *p, size_t n)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ (unsigned char)p[i]) * 1099511628211u;
	return h;
}

unsigned store_partition(const struct store *s, const char *msisdn)
{
	uint64_t h = fnv(msisdn, strlen(msisdn));

	/* The low bits of FNV of digits are not even enough by themselves. */
	return (unsigned)((h ^ h >> 32) % s->partitions);
}

static void add(struct store_keys *k, const void *p, size_t n)
{
	assert(k->n + n <= sizeof k->p);
	memcpy(k->p + k->n, p, n);
	k->n += n;
}

/* A part that somebody else chose. Long ones are replaced by their length and hash. */
static void add_part(struct store_keys *k, struct sv s)
{
	char digest[48];

	if (s.n > STORE_KEY_PART_MAX) {
		int n = snprintf(digest, sizeof digest, "#%zu-%016llx", s.n,
		    (unsigned long long)fnv(s.p, s.n));

		s = (struct sv){digest, (size_t)n};
	}
	if (s.n > 0)
		add(k, s.p, s.n);
}

static size_t begin(struct store_keys *k, const char *kind)
{
	size_t start = k->n;
	char digits[12];
	size_t i = sizeof digits;
	unsigned v = k->partition;

	do {
		digits[--i] = (char)('0' + v % 10);
		v /= 10;
	} while (v > 0);
	add(k, "dky:{p", 6);
	add(k, digits + i, sizeof digits - i);
	add(k, "}:", 2);
	add(k, kind, strlen(kind));
	return start;
}

static struct sv end(const struct store_keys *k, size_t start)
{
	return (struct sv){k->p + start, k->n - start};
}

void store_keys_init_partition(struct store_keys *k, unsigned partition)
{
	k->n = 0;
	k->partition = partition;
	k->msisdn = "";
}

void store_keys_init(struct store_keys *k, const struct store *s, const char *msisdn)
{
	store_keys_init_partition(k, store_partition(s, msisdn));
	k->msisdn = msisdn;
}

static struct sv key_with_number(struct store_keys *k, const char *kind)
{
	size_t at = begin(k, kind);

	add_part(k, sv_from(k->msisdn));
	return end(k, at);
}

struct sv store_key_session(struct store_keys *k)
{
	return key_with_number(k, "s:");
}

struct sv store_key_inbox(struct store_keys *k)
{
	return end(k, begin(k, "in"));
}

struct sv store_key_outbox(struct store_keys *k, unsigned class)
{
	char kind[4] = {'o', ':', (char)('0' + class), '\0'};

	assert(class < STORE_CLASSES);
	return end(k, begin(k, kind));
}

/* Coalesce and dedup keys are of one person: whoever forgets the number in them must not make
 * two persons' messages one. */
static struct sv key_of_person(struct store_keys *k, const char *kind, struct sv name)
{
	size_t at = begin(k, kind);

	add_part(k, sv_from(k->msisdn));
	add(k, ":", 1);
	add_part(k, name);
	return end(k, at);
}

struct sv store_key_coalesce(struct store_keys *k, unsigned class, struct sv coalesce)
{
	char kind[5] = {'c', ':', (char)('0' + class), ':', '\0'};

	assert(class < STORE_CLASSES);
	return key_of_person(k, kind, coalesce);
}

struct sv store_key_dedup(struct store_keys *k, struct sv dedup)
{
	return key_of_person(k, "d:", dedup);
}

struct sv store_key_parts(struct store_keys *k, struct sv parts)
{
	return key_of_person(k, "p:", parts);
}

struct sv store_key_tried(struct store_keys *k)
{
	return end(k, begin(k, "try"));
}

struct sv store_key_waiting(struct store_keys *k)
{
	return end(k, begin(k, "pw"));
}

struct sv store_key_otp(struct store_keys *k, struct sv purpose)
{
	return key_of_person(k, "otp:", purpose);
}

struct sv store_key_otp_times(struct store_keys *k)
{
	return key_of_person(k, "otp-times:", SV(""));
}

struct sv store_key_otp_prefix(struct store_keys *k)
{
	return key_of_person(k, "otp-prefix:", SV(""));
}

struct sv store_key_deferred(struct store_keys *k)
{
	return end(k, begin(k, "df"));
}

static struct sv key_of_message_id(struct store_keys *k, const char *kind, const char *link,
    struct sv message_id)
{
	size_t at = begin(k, kind);

	/* The number, so that two persons' messages under one id (centres count anew) stay two. */
	add_part(k, sv_from(link));
	add(k, ":", 1);
	add_part(k, sv_from(k->msisdn));
	add(k, ":", 1);
	add_part(k, message_id);
	return end(k, at);
}

struct sv store_key_receipt(struct store_keys *k, const char *link, struct sv message_id)
{
	return key_of_message_id(k, "r:", link, message_id);
}

struct sv store_key_receipt_part(struct store_keys *k, const char *link, struct sv message_id)
{
	return key_of_message_id(k, "rp:", link, message_id);
}

struct sv store_key_message(struct store_keys *k, uint64_t out_id)
{
	char id[STORE_ID_OCTETS];

	store_id_text(out_id, id);
	return key_of_person(k, "m:", (struct sv){id, sizeof id});
}

struct sv store_key_schedule(struct store_keys *k)
{
	return end(k, begin(k, "sc"));
}

struct sv store_key_events(struct store_keys *k)
{
	return key_with_number(k, "se:");
}

struct sv store_key_told(struct store_keys *k)
{
	return key_with_number(k, "sn:");
}

struct sv store_key_dead(struct store_keys *k)
{
	return end(k, begin(k, "dead"));
}

void store_id_text(uint64_t id, char out[STORE_ID_OCTETS])
{
	hex_u64(id, out);
}

bool store_id_read(struct sv text, uint64_t *id)
{
	uint64_t v = 0;

	if (text.n != STORE_ID_OCTETS)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint64_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint64_t)(c - 'a' + 10);
		else
			return false;
	}
	*id = v;
	return true;
}
