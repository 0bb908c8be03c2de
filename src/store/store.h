/* SPDX-License-Identifier: BSD-2-Clause */
/* store.h - the state that matters: sessions, inbox, outbox, dedup, deferred, receipts, dead letters.
 *
 * Two implementations behind one table of calls: store_redis.c (real) and store_mem.c (twin for
 * tests); one contract suite runs over both.
 *
 * Rules of every asynchronous call:
 *  - exactly one completion, always later (never from inside the call), also on shutdown
 *    (rc STORE_AWAY);
 *  - arguments are borrowed for the call, what must be kept is copied;
 *  - what a completion points to is borrowed until the completion returns;
 *  - each call touches one partition in one atomic step (sent in two, the safe one first): with STORE_AWAY it may or may not have
 *    happened, and repeating it is safe (see each call).
 *
 * Keys (all made in store_keys.c; p = partition of the msisdn, DESIGN 5):
 *   dky:{p17}:s:<msisdn>     session: "<version>:<blob>", with the person deferred "<version>!<blob>", TTL
 *   dky:{p17}:in             inbox: hash id -> record, TTL refreshed on write
 *   dky:{p17}:o:<class>      outbox of a class: sorted set, score 0, member = "<16 hex id>:<record>"
 *   dky:{p17}:c:<class>:<msisdn>:<coalesce>  the outbox id that a newer message replaces, TTL
 *   dky:{p17}:d:<msisdn>:<key>  dedup: last value seen, TTL
 *   dky:{p17}:p:<msisdn>:<key>  parts of a long message: hash seq -> record and "note", then only "done"; TTL
 *   dky:{p17}:try            inbox entries found by recovery: hash id -> times; TTL
 *   dky:{p17}:pw             messages with missing parts: sorted set parts' key by wall ms when time is up
 *   dky:{p17}:otp:<msisdn>:<purpose>  one-time code: hash of it, seal, tries; TTL its life
 *   dky:{p17}:otp-times:<msisdn>:     when codes were sent to the number: list, newest first, TTL
 *   dky:{p17}:otp-prefix:<prefix>:    codes sent to numbers of the prefix: counter, TTL
 *   dky:{p17}:df             deferred: sorted set msisdn by due wall ms
 *   dky:{p17}:sc             schedule: sorted set msisdn by the wall ms of the first of its events
 *   dky:{p17}:se:<msisdn>    its events: hash key -> "<at> <until> <16 hex id> <free> <group>\n<record>", TTL
 *   dky:{p17}:sn:<msisdn>    how many were told on a day: "<day> <number>", TTL
 *   dky:{p17}:r:<link>:<msisdn>:<id>  a message of one part and what its receipts said, TTL:
 *                            "=<state>:<record>", or "=<state>" after the last one
 *   dky:{p17}:rp:<link>:<msisdn>:<id>  the same for a part of the message under a key: "*<part><key>", or
 *                            "=<state>"; or "?<state>" a receipt that came too early, of any message; TTL
 *   dky:{p17}:m:<msisdn>:<id>  a message of several parts: "<state of each>:<record>", TTL
 *   dky:{peers}:beat, :heir, :gen  processes that share this Redis (store_redis_peers.c)
 *   dky:{p17}:dead           dead letters: bounded list, newest first, TTL
 */
#ifndef DK_STORE_H
#define DK_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"
#include "base/xmalloc.h"

#define STORE_PARTITIONS_DEFAULT 256u
#define STORE_OUT_MAX 8u /* messages of one commit */
#define STORE_SESSION_MAX 8192u /* octets of a session blob */
#define STORE_RECORD_MAX 16384u /* octets of an inbox or outbox record */
#define STORE_CLASSES 4u /* otp, alert, reply, info: 0 to 3 */

enum store_rc {
	STORE_OK,
	STORE_DUPLICATE, /* accept: seen before; commit: this inbox entry is already committed; receipt: said before */
	STORE_CLASH, /* commit: the session has another version by now; see session, version */
	STORE_FULL, /* accept, commit: a bound was reached; nothing was written */
	STORE_NONE, /* receipt: not known; kept for sent when it was asked for */
	STORE_AWAY, /* no answer in time, or an error; logged where it was seen */
};

/* A receipt that was there before `sent`: to be given to receipt() again, with this id alone. */
struct store_early {
	unsigned part; /* from 0 */
	char state;
};

struct store_done {
	enum store_rc rc;
	/* accept, commit CLASH: of the session; 0: there is none. accept DUPLICATE: ms since its mark was
	 * made; 0 when its parts say so */
	uint64_t version;
	struct sv session; /* accept, commit CLASH: its blob; empty when there is none */
	const uint64_t *replaced; /* commit OK: outbox ids that coalescing removed */
	size_t replaced_count;
	struct sv record; /* receipt OK: what sent() kept */
	struct sv states; /* receipt OK: of each part, '0': none yet, this one included */
	size_t form; /* receipt OK, DUPLICATE: which of the ids it was */
	bool late; /* receipt DUPLICATE: not the same state again, but an older one */
	const struct store_early *early; /* sent OK */
	size_t early_count;
};
typedef void store_done_fn(const struct store_done *d, void *arg);

struct store_entry {
	uint64_t id;
	struct sv record;
};
/* rc OK or AWAY; entries in rising id; more: there are further ones after the last. */
typedef void store_load_fn(enum store_rc rc, const struct store_entry *e, size_t n, bool more,
    void *arg);
/* rc OK or AWAY. */
typedef void store_due_fn(enum store_rc rc, const char *const *msisdn, size_t n, void *arg);

struct store_accept {
	const char *msisdn; /* E.164 digits */
	struct sv dedup_key; /* of this person; empty: no dedup */
	struct sv dedup_value; /* DUPLICATE when the key holds this very value */
	uint64_t dedup_ms; /* life of the dedup key */
	uint64_t id; /* inbox id, unique, rising in time */
	struct sv record;
	struct sv
	    parts_key; /* empty, or the key of part(): OK forgets the parts and marks them done for
			      * dedup_ms; done before: DUPLICATE; needs a dedup_key */
};

/* One part of a long message from a phone. */
struct store_part {
	const char *msisdn;
	struct sv key; /* names the message among this person's: address, reference, total */
	unsigned seq, total; /* 1 <= seq <= total <= 255 */
	struct sv record;
	uint64_t part_ms; /* life of the parts, from the last one */
	uint64_t due_ms; /* wall: when the missing ones are late; before the parts' life is over */
	struct sv note; /* given back by stale(); of the last part that came */
	/* Empty, or a dedup key of this very part: it may come again when the message is long over and its
	 * key is another one's by then. */
	struct sv mark;
	uint64_t mark_ms; /* its life */
};
/* OK: all are there, in order, borrowed; NONE: stored, more are to come; DUPLICATE: the whole
 * message was accepted before, or by its mark this part belongs to one that is over; AWAY. */
/* stale: OK or AWAY, and notes. */
typedef void store_part_fn(enum store_rc rc, const struct sv *part, size_t n, void *arg);

struct store_out {
	uint64_t id;
	unsigned class; /* 0 to 3 */
	struct sv
	    coalesce; /* empty: none; else a newer one of this person and class removes an unsent older one */
	uint64_t coalesce_ms; /* life of the coalesce key: the message's life */
	struct sv record;
};

struct store_commit {
	const char *msisdn;
	uint64_t version; /* of the session the turn was run on; 0: there was none */
	struct sv session; /* new blob; empty: delete the session. Stored as version + 1 */
	uint64_t session_ms; /* life */
	uint64_t in_id; /* inbox entry to remove; 0: none. Not there: DUPLICATE, nothing is written */
	uint64_t defer_at_ms; /* wall; 0: not deferred (any mark is removed) */
	const struct store_out *out;
	size_t out_count; /* <= STORE_OUT_MAX */
};

struct store_dead {
	const char *msisdn;
	uint64_t id;
	unsigned class; /* of the outbox; STORE_CLASSES: it leaves the inbox, */
	uint64_t next_id; /* where another entry takes its place; 0: none does */
	struct sv next;
	struct sv record; /* what the dead letter says */
};

struct store_sent {
	const char *msisdn;
	uint64_t out_id;
	unsigned class;
	const char *link; /* NULL or no ids: no receipt is expected */
	const char *const *links; /* one an id; NULL: link is that of all */
	const struct sv *message_ids; /* normal forms, one a segment */
	size_t message_id_count;
	uint64_t receipt_ms; /* how long a receipt is waited for */
	struct sv record; /* given back by receipt() */
};

#define STORE_RECEIPT_IDS 4u
struct store_receipt {
	const char *msisdn, *link;
	const struct sv *ids; /* forms of one id, likeliest first */
	size_t id_count; /* 1 to STORE_RECEIPT_IDS */
	char
	    state; /* '1' to '8', the number of SMPP's message_state; see receipt_rank() for their order */
	size_t park_count; /* when none is known: keep it under so many of the ids, */
	uint64_t park_ms; /* so long */
	uint64_t keep_ms; /* after the last state: how long its repeats are recognised */
};

/* One-time codes. The store sees a keyed hash of a code and a seal, never a code. */
struct store_otp_limits {
	uint64_t life_ms, resend_ms; /* of a code; pause between two */
	uint64_t burst, burst_ms, day, day_ms; /* most codes of a number in so long; burst, day <= 64 */
	uint64_t attempts; /* wrong tries of a code */
	uint64_t prefix, prefix_ms; /* most codes of a prefix in so long */
};
enum store_otp_kind { STORE_OTP_ISSUE, STORE_OTP_TRY, STORE_OTP_COUNT };
struct store_otp {
	enum store_otp_kind kind;
	const char *msisdn; /* COUNT: the prefix of numbers */
	struct sv purpose;
	struct sv id; /* at most 63 octets; a repeat with it gives the same answer and has no effect */
	struct sv mac, seal; /* at most 64 octets each */
	uint64_t now_ms; /* wall */
	const struct store_otp_limits *limits;
};

/* An event that is kept until its time. */
struct store_hold {
	const char *msisdn;
	struct sv
	    key; /* replaces what this person has under it, and under it with "/" and more behind */
	struct sv dedup_key, dedup_value; /* as of accept */
	uint64_t dedup_ms;
	uint64_t id; /* inbox id, once it is there */
	/* An inbox record but for its last three fields, which take() adds, each with its length in two
	 * octets: owner, until_ms and how many were merged, as text. Empty: nothing is kept, only what the
	 * key names is dropped. */
	struct sv record;
	uint64_t at_ms, until_ms; /* wall: not before, and of no use from then on */
	uint64_t now_ms; /* wall */
	struct sv group; /* empty, or one of those due together goes for all; no space or newline */
	bool is_free; /* the cap does not count it */
};
/* Hand over what is due now to one owner. */
struct store_take {
	unsigned partition;
	uint64_t now_ms; /* wall */
	size_t limit; /* persons */
	uint64_t cap, day; /* so many for a person on a day of this number */
	uint64_t put_off_ms; /* wall: when those above the cap are due again */
	struct sv owner;
};
struct store_taken {
	enum store_rc rc; /* OK or AWAY */
	const struct store_entry *e; /* inbox entries now, whole */
	size_t n;
	uint64_t expired, put_off,
	    merged; /* how many; expired ones are dead letters, merged ones in e */
	uint64_t next_ms; /* wall: when the partition's next is due; 0: there is none */
	uint64_t persons; /* with events in it */
};
typedef void store_take_fn(const struct store_taken *t, void *arg);

struct store;
struct store_ops {
	/* One step: drop a duplicate, check the inbox bound, write the entry, return the session.
	 * Repeating after AWAY with the same id: OK, not DUPLICATE. */
	void (*accept)(struct store *s, const struct store_accept *a, store_done_fn *fn, void *arg);
	/* One step: check the version, write session, outbox, deferral, remove the inbox entry. */
	void (*commit)(struct store *s, const struct store_commit *c, store_done_fn *fn, void *arg);
	/* Remember the message ids, then leave the outbox; early: receipts that were there first. Repeating
	 * is harmless: what had come in between is early then. */
	void (*sent)(struct store *s, const struct store_sent *t, store_done_fn *fn, void *arg);
	/* One step: leave the outbox or the inbox for the dead letters. Not there any more: OK, and nothing
	 * is written. */
	void (*dead)(struct store *s, const struct store_dead *d, store_done_fn *fn, void *arg);
	/* One step: keep a part; give all back when complete. The parts stay until accept names their key,
	 * or their life is over. Repeating is harmless. */
	void (*part)(struct store *s, const struct store_part *p, store_part_fn *fn, void *arg);
	/* One step: look a receipt's id up and note its state, which never goes back: OK, DUPLICATE, or
	 * NONE and it is kept for `sent`. Repeating is harmless. */
	void (*receipt)(struct store *s, const struct store_receipt *r, store_done_fn *fn, void *arg);
	/* Take messages of one partition that were still not whole by now: their notes. Each is put off by
	 * lease_ms in the same step, and ends when an accept names its parts' key. */
	void (*stale)(struct store *s, unsigned partition, uint64_t now_wall_ms, uint64_t lease_ms,
	    size_t limit, store_part_fn *fn, void *arg);
	/* One step. ISSUE: the new code replaces an older one of the purpose. OK: version is the end of its
	 * life (wall ms), record its seal; DUPLICATE: within the pause, FULL: too many, version is the ms
	 * to wait, record "1" when the older code is still good. TRY: OK, version is when it was right;
	 * CLASH: wrong, version is the tries left; NONE: no code, too old, used, or tried too often. COUNT
	 * of a prefix: OK, or FULL with the ms to wait. */
	void (*otp)(struct store *s, const struct store_otp *o, store_done_fn *fn, void *arg);
	/* One step: the mark of a dedup key is of no more use, if it still has that value; empty: whatever it has. */
	void (*forget)(struct store *s, const char *msisdn, struct sv dedup_key, struct sv dedup_value,
	    store_done_fn *fn, void *arg);
	/* The session alone, as accept gives it. */
	void (*get)(struct store *s, const char *msisdn, store_done_fn *fn, void *arg);
	/* Entries of one partition after an id, for recovery and paging: inbox, or outbox of a class. */
	void (*load_in)(struct store *s, unsigned partition, uint64_t after, size_t limit,
	    store_load_fn *fn, void *arg);
	void (*load_out)(struct store *s, unsigned partition, unsigned class, uint64_t after,
	    size_t limit, store_load_fn *fn, void *arg);
	/* Take deferred persons of one partition whose time has come; each is put off by lease_ms in
	 * the same step, so that two processes do not take the same. */
	void (*due)(struct store *s, unsigned partition, uint64_t now_wall_ms, uint64_t lease_ms,
	    size_t limit, store_due_fn *fn, void *arg);
	/* One step: drop a duplicate, drop what the key names, check the bounds, keep. OK: version is how
	 * many were dropped; FULL: version 0 the person's, 1 the partition's schedule, nothing is written.
	 * Repeating after AWAY with a dedup key: DUPLICATE if it happened. */
	void (*hold)(struct store *s, const struct store_hold *h, store_done_fn *fn, void *arg);
	/* One step: what is due goes from the schedule into the inbox, in the order in which it loses its
	 * use; so exactly one of several processes has it, and what that one does not finish recovery finds. */
	void (*take)(struct store *s, const struct store_take *t, store_take_fn *fn, void *arg);
	/* Recovery is about to run an inbox entry: how often that has been, this time included, comes back
	 * as version. One that ends the process each time it runs is found out by this. */
	void (*tried)(struct store *s, const char *msisdn, uint64_t id, store_done_fn *fn, void *arg);
	bool (*is_up)(const struct store *s);
	/* Completes every pending call with AWAY, later frees itself; no call after this. Later is the
	 * next turn of the loop, so at shutdown turn it until the last completion came, at least once. */
	void (*free)(struct store *s);
};
/* An implementation's struct begins with this. */
struct store {
	const struct store_ops *ops;
	unsigned partitions;
};

unsigned store_partition(const struct store *s, const char *msisdn);

/* up/down edges of the connection; called from the loop. */
typedef void store_state_fn(bool up, const char *reason, void *arg);
struct event_base;
struct store_redis_conf {
	const char *address; /* unix:/path or redis://[:password@]host:port[/db] */
	unsigned partitions;
	uint64_t connect_ms, command_ms; /* time-outs */
	uint64_t reconnect_min_ms, reconnect_max_ms;
	size_t inbox_max; /* entries a partition */
	size_t outbox_max; /* entries a partition and class */
	size_t dead_max; /* entries a partition */
	size_t schedule_max; /* persons a partition */
	size_t schedule_each; /* events a person */
	uint64_t inbox_ms, dead_ms; /* lives of the keys */
};
/* Connects at once and again for ever. cf is copied. NULL with a sentence in err on a bad address. */
struct store *store_redis_new(struct event_base *base, const struct store_redis_conf *cf,
    store_state_fn *fn, void *arg, char *err, size_t err_cap) MUSTUSE;
/* Processes that share one Redis. Each has a name of its own (instance) and, from each start, an
 * owner name "<instance>:<generation>", which its records carry. Who is silent for dead_ms is
 * inherited by one of the others; an earlier generation of an instance by the next, at once.
 * owner "": begin. OK: everything below; NONE: others took us for dead and inherited: drop what is in
 * memory and begin again; AWAY. The twin has none: its store is one process's own. */
struct store_peers {
	const char *owner; /* ours */
	size_t inherited; /* owners from whom there is something new: look for it */
	const char *const *live; /* ours too, sorted by last beat */
	size_t live_count;
	const char *const *heir; /* owner, heir, owner, heir …; a heir is never itself inherited */
	size_t heir_count; /* pairs */
};
typedef void store_peers_fn(enum store_rc rc, const struct store_peers *p, void *arg);
void store_redis_beat(struct store *s, const char *owner, const char *instance, uint64_t dead_ms,
    store_peers_fn *fn, void *arg);

/* The twin. Completions come through event_base_once at the next turn of the loop; with a NULL
 * base they are queued and store_mem_run() delivers them. store_mem_fail() makes the n-th next
 * call complete with AWAY (0: the next one). now() is asked for the lives of keys. */
struct store *store_mem_new(struct event_base *base, const struct store_redis_conf *cf,
    uint64_t (*now_wall_ms)(void *), void *arg) MUSTUSE;
/* Gives the number delivered. After free() without a base, the next call frees. */
size_t store_mem_run(struct store *s);
void store_mem_fail(struct store *s, size_t after);

/* A private redis-server on dir/redis.sock with an append-only file in dir: started when needed,
 * restarted when it dies, ended when we end. A redis-server that a killed process left is used. */
struct redis_embed;
struct redis_embed *redis_embed_new(struct event_base *base, const char *dir, const char *appendfsync,
    char *err, size_t err_cap) MUSTUSE;
const char *redis_embed_address(const struct redis_embed *e); /* "unix:/dir/redis.sock" */
long redis_embed_pid(const struct redis_embed *e); /* -1: not ours or not running */
void redis_embed_free(struct redis_embed *e); /* SIGTERM, waits bounded, then SIGKILL */

#endif
