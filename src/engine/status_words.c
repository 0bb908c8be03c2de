/* SPDX-License-Identifier: BSD-2-Clause */
/* status_words.c - see status_words.h. */
#include "engine/status_words.h"

#include <stddef.h>

struct words {
	uint32_t from, to;
	const char *words;
};

static const struct words smpp[] = {
    {0x01, 0x01, "the message is too long"},
    {0x04, 0x04, "the centre does not know this session as bound for sending"},
    {0x08, 0x08, "the centre has an error of its own"},
    {0x0A, 0x0A, "the sender's address is not allowed on this link"},
    {0x0B, 0x0B, "there is no such number"},
    {0x14, 0x14, "the centre's queue is full"},
    {0x15, 0x15, "the centre does not know the service_type"},
    {0x43, 0x43,
	"the centre does not take this esm_class: long messages may have to be sent otherwise"},
    {0x45, 0x45, "the centre refused without saying why"},
    {0x48, 0x49, "the sender's type of number or numbering plan is not allowed"},
    {0x50, 0x51, "the number's type or numbering plan is not allowed"},
    {0x58, 0x58, "more messages than agreed"},
    {0x61, 0x62, "the times of the message are not accepted"},
    {0x64, 0x64, "the centre has trouble for the moment"},
    {0x65, 0x66, "the centre's application refuses this message"},
    {0xC0, 0xC4, "the centre does not accept an optional parameter"},
    {0xFE, 0xFE, "it could not be delivered"},
    {0xFF, 0xFF, "the centre gives no reason"},
    {0x400, 0x4FF, "a code of the centre's vendor"},
};

/* DLT scrubbing (TRAI TCCCPR); numbers as operators and aggregators publish them. */
static const struct words dlt[] = {
    {600, 605, "DLT: the entity is not registered, inactive or blocked"},
    {610, 613, "DLT: the telemarketer is not registered, inactive or blocked"},
    {614, 618, "DLT: the chain from entity to telemarketer is missing, not registered or blocked"},
    {620, 622, "DLT: the header is not registered, inactive or blocked"},
    {623, 623, "DLT: the header does not belong to the entity"},
    {624, 625, "DLT: the header is not registered, inactive or blocked"},
    {630, 632, "DLT: the template is not registered, inactive or blocked"},
    {633, 633, "DLT: the text does not match its template"},
    {634, 634, "DLT: the header is not registered for the template"},
    {635, 635, "DLT: a variable is longer than its template allows"},
    {636, 636, "DLT: the template could not be identified"},
    {637, 637, "DLT: the template id is not valid"},
    {642, 642, "DLT: a link or phone number in the text is not whitelisted"},
    {650, 650, "DLT: the person does not want such messages (DND)"},
    {660, 660, "DLT: the person has not consented"},
    {670, 670, "DLT: scrubbing failed for the moment"},
    {700, 701, "DLT: a link or phone number in the text is not accepted"},
    {811, 813, "DLT: the chain from entity to telemarketer is broken"},
    {5601, 5602, "DLT: the chain from entity to telemarketer is not valid or blocked"},
};

static const char *find(const struct words *t, size_t n, uint32_t v)
{
	for (size_t i = 0; i < n; i++)
		if (v >= t[i].from && v <= t[i].to)
			return t[i].words;
	return "";
}

const char *status_words(uint32_t status)
{
	const char *w = find(smpp, sizeof(smpp) / sizeof(smpp[0]), status);

	return w[0] ? w : find(dlt, sizeof(dlt) / sizeof(dlt[0]), status);
}

const char *status_words_of_err(struct sv err)
{
	uint32_t v = 0;

	if (err.n == 0 || err.n > 6)
		return "";
	for (size_t i = 0; i < err.n; i++) {
		if (err.p[i] < '0' || err.p[i] > '9')
			return "";
		v = v * 10 + (uint32_t)(err.p[i] - '0');
	}
	return find(dlt, sizeof(dlt) / sizeof(dlt[0]), v);
}
