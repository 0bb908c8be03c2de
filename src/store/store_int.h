/* SPDX-License-Identifier: BSD-2-Clause */
/* store_int.h - what the two stores share: keys, ids as text, bounds. Private to src/store. */
#ifndef DK_STORE_INT_H
#define DK_STORE_INT_H

#include "store/store.h"

#define STORE_KEY_PART_MAX \
	128u /* a number, link, dedup, coalesce or message id; longer ones are hashed */
#define STORE_KEY_MAX 440u /* prefix, partition, kind and three parts */
#define STORE_ID_OCTETS 16u /* of an id as text */
#define STORE_RECEIPTS_MAX 64u /* segments of one message */

/* Room for the keys of one step; every key is a view into it. The longest step is a commit:
 * session, inbox, deferred and two for each message. */
struct store_keys {
	char p[(5 + 2 * STORE_OUT_MAX + STORE_RECEIPTS_MAX) * STORE_KEY_MAX];
	size_t n;
	unsigned partition;
	const char *msisdn;
};
void store_keys_init(struct store_keys *k, const struct store *s, const char *msisdn);
void store_keys_init_partition(struct store_keys *k, unsigned partition); /* keys without a person */
struct sv store_key_session(struct store_keys *k);
struct sv store_key_inbox(struct store_keys *k);
struct sv store_key_outbox(struct store_keys *k, unsigned class);
struct sv store_key_coalesce(struct store_keys *k, unsigned class, struct sv coalesce);
struct sv store_key_dedup(struct store_keys *k, struct sv dedup);
struct sv store_key_parts(struct store_keys *k, struct sv parts);
struct sv store_key_tried(struct store_keys *k);
struct sv store_key_waiting(struct store_keys *k);
struct sv store_key_otp(struct store_keys *k, struct sv purpose);
struct sv store_key_otp_times(struct store_keys *k);
struct sv store_key_otp_prefix(struct store_keys *k); /* msisdn is the prefix */
struct sv store_key_deferred(struct store_keys *k);
struct sv store_key_receipt(struct store_keys *k, const char *link, struct sv message_id);
struct sv store_key_receipt_part(struct store_keys *k, const char *link, struct sv message_id);
struct sv store_key_message(struct store_keys *k, uint64_t out_id);
struct sv store_key_schedule(struct store_keys *k);
struct sv store_key_events(struct store_keys *k); /* of no person: what every such key begins with */
struct sv store_key_told(struct store_keys *k); /* likewise */
struct sv store_key_dead(struct store_keys *k);

#define STORE_EVENT_AFTER_MS (7u * 24 * 3600 * 1000) /* kept after its use is over, to be counted */

/* Redis refuses a life of 0. */
static inline uint64_t store_life(uint64_t ms)
{
	return ms > 0 ? ms : 1;
}

/* Ids are 16 lower-case hexadecimal digits, so that their order as text is their order as numbers. */
void store_id_text(uint64_t id, char out[STORE_ID_OCTETS]);
bool store_id_read(struct sv text, uint64_t *id) MUSTUSE;

#endif
