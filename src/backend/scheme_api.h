/* SPDX-License-Identifier: BSD-2-Clause */
/* scheme_api.h - reading the requests of the schemes. Packs send what a person picked, so these
 * readers are lenient in form ("yes" for true, "R4,R6" for a list, "120000" for a number) and
 * strict in content. Each answers 400 invalid-field and returns false when a field is wrong. */
#ifndef DK_BACKEND_SCHEME_API_H
#define DK_BACKEND_SCHEME_API_H

#include "backend/api_int.h"
#include "backend/scheme.h"

/* The scheme in force, or false after a 404. */
bool sapi_scheme(struct api_call *c, const char *name, struct scheme *out) MUSTUSE;
/* Text of a body's member; absent or null: *out is NULL. Borrowed from the body. */
bool sapi_text(struct api_call *c, const char *key, const char **out) MUSTUSE;
bool sapi_bool(struct api_call *c, const json_t *obj, const char *key, bool def, bool *out) MUSTUSE;
/* Whole number within the limits; absent: *out is def. */
bool sapi_int(struct api_call *c, const json_t *obj, const char *key, int64_t def, int64_t min,
    int64_t max, int64_t *out) MUSTUSE;
/* A date of a body; absent: *out is def. */
bool sapi_day(struct api_call *c, const json_t *obj, const char *key, int64_t def,
    int64_t *out) MUSTUSE;
bool sapi_msisdn(struct api_call *c, char out[FIELD_MSISDN_CAP]) MUSTUSE; /* body, needed */
/* Calls fn for each word of text with commas, or of a list of such. "-" and "" are none. */
typedef void sapi_word_fn(const char *word, void *arg);
bool sapi_words(struct api_call *c, const char *key, sapi_word_fn *fn, void *arg) MUSTUSE;
/* The query's parameter; false: absent, "" or too long. */
bool sapi_query(struct api_call *c, const char *key, char *out, size_t cap);
/* A state of India by name or code; "" or NULL: *out is NULL. */
bool sapi_state(struct api_call *c, const char *text, const char **out) MUSTUSE;
json_t *sapi_day_json(int64_t day); /* "2026-01-31" */
/* Joins: o[key] = list of a scheme's rule. */
void sapi_set_rule(json_t *o, const char *key, const struct scheme *s, const char *rule);

#endif
