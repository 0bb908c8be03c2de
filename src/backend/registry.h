/* SPDX-License-Identifier: BSD-2-Clause */
/* registry.h - who is registered for which service. A patient is a phone number and a name
 * (folded), so a family shares a phone; a registration ties a patient to a service, with the
 * consent that was given. */
#ifndef DK_BACKEND_REGISTRY_H
#define DK_BACKEND_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "backend/db.h"

struct registration { /* all borrowed for the call */
	const char *msisdn, *service;
	const char *name; /* cleaned by field_text */
	int age;
	const char *sex; /* "F", "M", "O" */
	const char *place; /* NULL: not said */
	const char *lang;
	const char *consent_version, *consent_channel;
	const char *phone; /* the patient's own number when another phone asks; NULL: none */
};

/* Registers, or brings up to date what is known. is_new: there was no registration of this
 * patient for this service. Returns the patient's id. Inside a transaction. */
int64_t registry_put(struct db *d, const struct registration *r, int64_t now_ms, bool *is_new);
/* The patient meant by a number: patient_id itself when > 0 and it is his, else the one
 * registered last for the service. 0: none, or consent was withdrawn. */
int64_t registry_find(struct db *d, const char *msisdn, const char *service, int64_t patient_id);

struct patient {
	char *name, *place; /* owned; place may be NULL */
	int age;
	char sex[2], lang[4];
};
bool registry_get(struct db *d, int64_t patient_id, struct patient *out) MUSTUSE;
void registry_clear(struct patient *p);

#endif
