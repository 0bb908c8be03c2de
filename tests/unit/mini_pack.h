/* SPDX-License-Identifier: BSD-2-Clause */
/* mini_pack.h - the smallest pack that has every kind of step, beside the shipped common pack, with
 * one place changed at will: what the tests of the compiler and of the session are made of. */
#ifndef DK_MINI_PACK_H
#define DK_MINI_PACK_H

#include "engine/session_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

static const char mini_service[] =
    "service: mini\n" /* 1 */
    "backend: health\n"
    "vars:\n"
    "  name: text 60\n"
    "  age: number 3\n" /* 5 */
    "  sex: text 1\n"
    "  token: number 6\n"
    "  when: text 10\n"
    "  pin: number 6\n"
    "triggers:\n" /* 10 */
    "  begin:\n"
    "    keywords: {en: [MINI], hi: [मिनी]}\n"
    "  look:\n"
    "    keywords: {both: [LOOK]}\n"
    "steps:\n" /* 15 */
    "  begin:\n"
    "    ask: name\n"
    "    text: ask_name\n"
    "    hint: hint_name\n"
    "    var: name\n" /* 20 */
    "    next: age\n"
    "  age: {ask: age, text: ask_age, hint: ask_age, var: age, next: sex}\n"
    "  sex:\n"
    "    menu: ask_sex\n"
    "    hint: ask_sex\n" /* 25 */
    "    var: sex\n"
    "    options:\n"
    "      - {label: female, value: F}\n"
    "      - {label: male, value: M, next: male_too}\n"
    "    next: when\n" /* 30 */
    "  male_too: {set: {token: \"1\"}, next: when}\n"
    "  when: {ask: date, text: ask_when, hint: ask_when, var: when, next: pin}\n"
    "  pin: {ask: digits, text: ask_pin, hint: ask_pin, var: pin, min: 6, max: 6, next: sure}\n"
    "  sure: {ask: yesno, text: ask_sure, hint: ask_sure, yes: send, no: sorry}\n"
    "  send:\n" /* 35 */
    "    call: POST /v1/mini/{pin}\n"
    "    body: {name: $name, age: $age, list: [1, $sex]}\n"
    "    outcomes:\n"
    "      - {status: 201, get: {token: /token}, next: done}\n"
    "      - {status: 409, code: full, next: full}\n" /* 40 */
    "  full: {branch: $sex, cases: {F: sorry}, else: sorry}\n"
    "  sorry: {say: sorry, next: quiet}\n"
    "  done: {end: done}\n"
    "  look: {end: look}\n"
    "  quiet: {end: true}\n" /* 45 */
    "events:\n"
    "  - on: mini.called\n"
    "    when: {/kind: turn}\n"
    "    get: {token: /token}\n"
    "    text: called\n" /* 50 */
    "    life: 10m\n"
    "    coalesce: turn\n"
    "    expect: {trigger: look, words: [jao], life: 10m}\n";

#define MINI_TEXTS(l) \
	"texts:\n" \
	"  ask_name: {text: \"Name?\", dlt: \"110000000000000" l "001\"}\n" \
	"  hint_name: {text: \"Name, please?\", dlt: \"110000000000000" l "002\"}\n" \
	"  ask_age: {text: \"Age?\", dlt: \"110000000000000" l "003\"}\n" \
	"  ask_sex: {text: \"Sex?\", dlt: \"110000000000000" l "004\"}\n" \
	"  female: Female\n" \
	"  male: Male\n" \
	"  ask_when: {text: \"When?\", dlt: \"110000000000000" l "005\"}\n" \
	"  ask_pin: {text: \"PIN?\", dlt: \"110000000000000" l "006\"}\n" \
	"  ask_sure: {text: \"Sure?\", dlt: \"110000000000000" l "007\"}\n" \
	"  sorry: {text: \"Sorry.\", dlt: \"110000000000000" l "008\"}\n" \
	"  done: {text: \"Token {token} is yours.\", dlt: \"110000000000000" l "009\"}\n" \
	"  look: {text: \"Look!\", dlt: \"110000000000000" l "010\"}\n" \
	"  called: {text: \"Token {token}, your turn.\", dlt: \"110000000000000" l "011\"}\n"
static const char mini_hi[] = "language: hi\n" MINI_TEXTS("1");
static const char mini_en[] = "language: en\n" MINI_TEXTS("2");

static char *shipped(const char *file)
{
	const char *root = getenv("DK_SRCDIR");
	char *path = xasprintf("%s/services/common/%s", root ? root : ".", file);
	FILE *f = fopen(path, "r");
	struct buf b;
	char part[4096];

	if (!f)
		fail_msg("%s is not there", path);
	buf_init(&b, 1 << 20);
	for (size_t n; (n = fread(part, 1, sizeof(part), f)) > 0;)
		buf_add(&b, part, n);
	fclose(f);
	free(path);
	return buf_take(&b);
}

/* text with the first `from` turned into `to`; the text must hold it. */
static char *changed(const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);

	if (!at)
		fail_msg("\"%s\" is not in the text to be changed", from);
	return xasprintf("%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

/* file: which of "service.yaml", "hi.yaml", "en.yaml" of pack mini, or "common/..." of the common
 * pack, is changed; NULL: none. */
static struct packs *mini_compile(const char *file, const char *from, const char *to, struct buf *err,
    struct buf *warn)
{
	static const char *const name[6] = {"service.yaml", "hi.yaml", "en.yaml", "common/service.yaml",
	    "common/hi.yaml", "common/en.yaml"};
	char *text[6] = {xstrdup(mini_service), xstrdup(mini_hi), xstrdup(mini_en),
	    shipped("service.yaml"), shipped("hi.yaml"), shipped("en.yaml")};
	struct pack_source src[6];
	struct packs *p;

	for (size_t i = 0; i < 6; i++) {
		if (file && strcmp(file, name[i]) == 0) {
			char *t = changed(text[i], from, to);

			free(text[i]);
			text[i] = t;
		}
		src[i] = (struct pack_source){name[i], i < 3 ? "mini" : "common",
		    i < 3 ? name[i] : name[i] + 7, sv_from(text[i])};
	}
	p = packs_compile(src, 6, err, warn);
	for (size_t i = 0; i < 6; i++)
		free(text[i]);
	return p;
}

#endif
