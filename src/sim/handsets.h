/* SPDX-License-Identifier: BSD-2-Clause */
/* handsets.h - the phones that the web page shows: what each has sent and received, its USSD screen, and the
 * PDUs of each step. Every thing bears the version at which it last changed, so that a page asks for what is
 * newer than what it has. All of it is bounded: the oldest makes room. */
#ifndef DK_SIM_HANDSETS_H
#define DK_SIM_HANDSETS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sv.h"
#include "sim/smsc.h"

#define HANDSETS_MAX 8u
#define HANDSET_MESSAGES 100u /* of one phone */
#define TRACE_MAX 300u /* PDUs, of all phones */
#define TRACE_OCTETS 1024u /* kept of one PDU */

struct handsets;
struct handset;
typedef void handsets_fn(void *arg); /* something changed */

struct handsets *handsets_new(struct smsc *s, handsets_fn *fn, void *arg) MUSTUSE;
void handsets_free(struct handsets *hs); /* before smsc_free */
uint64_t handsets_version(const struct handsets *hs);
/* What changed after that version; 0: everything. Owned by the caller. */
json_t *handsets_json(const struct handsets *hs, uint64_t after) MUSTUSE;
/* One PDU, its octets and fields; NULL: it has made room. */
json_t *handsets_trace_json(const struct handsets *hs, uint64_t id) MUSTUSE;

enum handsets_rc { HANDSETS_OK, HANDSETS_FULL, HANDSETS_BAD_NUMBER, HANDSETS_THERE };
/* number empty: one that is free. */
enum handsets_rc handsets_add(struct handsets *hs, struct sv number, struct handset **out) MUSTUSE;
struct handset *handsets_find(struct handsets *hs, struct sv number) MUSTUSE; /* NULL: not shown */
void handset_remove(struct handset *h);
struct phone *handset_phone(const struct handset *h);
const char *handset_number(const struct handset *h);
/* false: it is too long, or too many wait. */
bool handset_send(struct handset *h, const char *to, struct sv text) MUSTUSE;

#endif
