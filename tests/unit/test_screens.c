/* SPDX-License-Identifier: BSD-2-Clause */
/* test_screens.c - walks every shipped pack on USSD, breadth first, over all keys and over all that
 * a backend may answer, in every language, at three sizes of screen, with the longest values. Each
 * screen is counted here by a count of its own; from each there is a way to the end. */
#include "story.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>

enum { STATES_MAX = 60000, ANSWERS_MAX = DIALOGUE_CALLS_MAX + 1, KEY_MAX = 160 };

struct state {
	char key[KEY_MAX]; /* where it stands, without values */
	uint32_t hash; /* of the key */
	struct buf blob;
	size_t *to; /* states that follow */
	size_t to_count;
	bool ends; /* the USSD session ends in one of the turns from here */
};
struct walk {
	const struct packs *packs;
	struct screen_limits limits;
	const char *letter; /* of long values */
	struct state *state;
	size_t count, at; /* at: whose keys are being pressed */
	size_t screens, ends, late;
	bool was_asked[PACKS_MAX][PACK_STEPS_MAX];
};

/* ---- the count ---- */
static const char gsm_plain[] = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ "
				"!\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
				"abcdefghijklmnopqrstuvwxyzäöñüà";
static const char gsm_double[] = "^{}\\[~]|€\f";

static unsigned long next_char(const char **s, size_t *octets)
{
	const unsigned char *p = (const unsigned char *)*s;
	unsigned long c = *p;

	*octets = c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
	if (*octets > 1)
		c &= 0x7fu >> *octets;
	for (size_t i = 1; i < *octets; i++)
		c = c << 6 | (p[i] & 0x3f);
	*s += *octets;
	return c;
}

/* Septets of a character of GSM 03.38, 0 when it has none. */
static unsigned char gsm[0x2200];

static void gsm_fill(const char *set, unsigned char septets)
{
	while (*set) {
		size_t n;
		unsigned long c = next_char(&set, &n);

		assert_true(c < sizeof(gsm) && gsm[c] == 0);
		gsm[c] = septets;
	}
}

static int fill_table(void **state)
{
	(void)state;
	gsm_fill(gsm_plain, 1);
	gsm_fill(gsm_double, 2);
	return 0;
}

static void count(const char *s, unsigned *septets, unsigned *units)
{
	bool is_gsm = true;

	*septets = *units = 0;
	while (*s) {
		size_t n;
		unsigned long c = next_char(&s, &n);
		unsigned one = c < sizeof(gsm) ? gsm[c] : 0;

		*units += c > 0xffff ? 2 : 1;
		*septets += one;
		is_gsm = is_gsm && one > 0;
	}
	if (is_gsm)
		*units = 0;
	else
		*septets = 0;
}

/* A line of Devanagari never begins with a sign that belongs to the letter before it. */
static bool is_torn(const char *s)
{
	bool is_first = true;

	while (*s) {
		size_t n;
		unsigned long c = next_char(&s, &n);

		if (is_first &&
		    ((c >= 0x900 && c <= 0x903) || (c >= 0x93a && c <= 0x94f && c != 0x93d)))
			return true;
		is_first = c == '\n';
	}
	return false;
}

static void check_screen(struct walk *w, const struct step_result *r, const char *pressed)
{
	unsigned septets, units;

	if (!r->screen || !r->screen[0])
		fail_msg("no screen after \"%s\" at %s", pressed, w->state[w->at].key);
	count(r->screen, &septets, &units);
	w->screens++;
	if (septets > w->limits.gsm7_septets || units > w->limits.ucs2_units)
		fail_msg("%u septets, %u units after \"%s\" at %s:\n%s", septets, units, pressed,
		    w->state[w->at].key, r->screen);
	if (is_torn(r->screen))
		fail_msg("a letter is torn:\n%s", r->screen);
}

/* ---- states ---- */
static void describe(const struct session *s, char key[KEY_MAX])
{
	const struct frame *f = &s->run;
	const struct pack *k = s->screen.pack;

	(void)snprintf(key, KEY_MAX, "%s v%d %s at %zu+%zu h%d w%u run %s/%s w%u s%d t%s kept %d",
	    s->lang, (int)s->screen.view, k ? k->name : "-", s->screen.at, s->screen.next,
	    s->screen.is_hint, s->screen.wrong, f->pack ? f->pack->name : "-",
	    f->pack ? f->pack->step[f->step].name : "-", f->wrong, f->is_sent,
	    f->pack && f->trail_count ? f->pack->step[f->trail[f->trail_count - 1]].name : "-",
	    s->kept.pack != NULL);
}

static size_t add_state(struct walk *w, const struct session *s)
{
	char key[KEY_MAX];
	struct state *t;
	uint32_t hash = 5381;

	describe(s, key);
	for (const char *p = key; *p; p++)
		hash = hash * 33 + (unsigned char)*p;
	for (size_t i = 0; i < w->count; i++)
		if (w->state[i].hash == hash && strcmp(w->state[i].key, key) == 0)
			return i;
	assert_true(w->count < STATES_MAX);
	t = &w->state[w->count];
	memset(t, 0, sizeof(*t));
	t->hash = hash;
	memcpy(t->key, key, sizeof(key));
	buf_init(&t->blob, 1 << 16);
	session_encode(s, &t->blob);
	return w->count++;
}

static void arrive(struct walk *w, const struct session *s, const struct step_result *r)
{
	struct state *from = &w->state[w->at];
	size_t to;

	if (s->screen.view == VIEW_RUN)
		for (size_t i = 0; i < w->packs->count; i++)
			if (w->packs->pack[i] == s->run.pack)
				w->was_asked[i][s->run.step] = true;
	if (r->screen_ends) {
		w->ends++;
		from->ends = true;
		return;
	}
	to = add_state(w, s);
	from = &w->state[w->at];
	from->to = xrealloc(from->to, (from->to_count + 1) * sizeof(size_t));
	from->to[from->to_count++] = to;
}

/* ---- what a backend may answer ---- */
static void put(json_t *doc, const char *pointer, json_t *v)
{
	while (*pointer == '/') {
		size_t n = strcspn(++pointer, "/");
		char *name = xstrndup(pointer, n);
		json_t *in = json_object_get(doc, name);

		pointer += n;
		if (*pointer && !json_is_object(in)) {
			in = json_object();
			json_object_set_new(doc, name, in);
		}
		if (*pointer) {
			doc = in;
		} else {
			if (!in)
				json_object_set(doc, name, v);
			json_decref(v);
		}
		free(name);
	}
}

static char *long_value(const struct walk *w, const struct var *v)
{
	struct buf b;

	buf_init(&b, 1024);
	for (unsigned i = 0; i < v->max; i++)
		buf_adds(&b, v->is_number ? "9" : w->letter);
	return buf_take(&b);
}

static json_t *body_for(const struct walk *w, const struct pack *k, const struct outcome *o)
{
	json_t *doc = json_object();

	if (o->code)
		put(doc, "/code", json_string(o->code));
	for (size_t i = 0; i < o->m.cond_count; i++)
		put(doc, o->m.cond[i].pointer,
		    o->m.cond[i].is_at_most ? json_integer(o->m.cond[i].max)
					    : json_string(o->m.cond[i].equals));
	for (size_t i = 0; i < o->m.get_count; i++) {
		char *v = long_value(w, &k->var[o->m.get[i].var]);

		put(doc, o->m.get[i].pointer, json_string(v));
		free(v);
	}
	return doc;
}

/* What the bridge says when a code is asked for or tried. */
static const struct {
	int status;
	const char *json;
} bridge_says[] = {
    {202, "{\"seal\":\"00\",\"expires_ms\":99999999999999}"},
    {200, "{\"verified_at\":\"2026-11-20T04:30:00Z\"}"},
    {422, "{\"code\":\"otp-wrong\"}"},
    {410, "{\"code\":\"otp-over\"}"},
    {429, "{\"code\":\"otp-too-soon\",\"live\":true}"},
    {429, "{\"code\":\"otp-too-soon\",\"live\":false}"},
    {429, "{\"code\":\"otp-limit\",\"live\":false}"},
    {202, "{}"},
};
enum { BRIDGE_SAYS = sizeof(bridge_says) / sizeof(bridge_says[0]) };

static size_t outcomes(const struct session *s)
{
	const struct call_spec *c = s->exec->pack->step[s->exec->step].call;

	return c ? c->outcome_count : BRIDGE_SAYS;
}

/* The n-th answer to a call: each outcome, then away, then nonsense; then the first ones late. */
static bool nth_answer(const struct walk *w, const struct session *s, size_t n, struct input *in)
{
	const struct pack *k = s->exec->pack;
	const struct call_spec *c = k->step[s->exec->step].call;
	size_t count = outcomes(s), all = count + 2;

	*in = (struct input){.kind = INPUT_ANSWER, .channel = n < all ? "ussd" : "sms"};
	n = n < all ? n : n - all;
	if (n < count && !c) {
		in->status = bridge_says[n].status;
		in->data = json_loads(bridge_says[n].json, 0, NULL);
	} else if (n < count) {
		in->status = c->outcome[n].status[0];
		in->data = body_for(w, k, &c->outcome[n]);
	} else if (n == count) {
		in->away = true;
	} else {
		in->status = 418;
	}
	return n < all;
}

static size_t answers(const struct session *s)
{
	return 2 * (outcomes(s) + 2);
}

static void step_with(const struct walk *w, struct session *s, struct input *in, struct step_result *r)
{
	in->turn_id = 7;
	in->msisdn = "919812345678";
	in->screen = w->limits;
	dialogue_step(w->packs, s, in, 1795329000000, r);
}

/* One turn from a state, with the answers chosen so far; a further call branches. */
static void turn(struct walk *w, const struct input *first, const size_t *chosen, size_t n,
    const char *pressed)
{
	struct session *s = session_decode(w->packs, buf_sv(&w->state[w->at].blob));
	struct input in = *first;
	struct step_result r;
	bool is_late = false;
	size_t said, more = 0;

	step_with(w, s, &in, &r);
	said = r.reply_count;
	for (size_t i = 0; i < n; i++) {
		assert_true(r.has_call);
		step_result_clear(&r);
		(void)nth_answer(w, s, chosen[i], &in);
		is_late = is_late || strcmp(in.channel, "sms") == 0;
		if (is_late)
			in.channel = "sms";
		step_with(w, s, &in, &r);
		said += r.reply_count;
		json_decref((json_t *)(uintptr_t)in.data);
	}
	if (r.has_call) {
		more = is_late ? answers(s) / 2 : answers(s);
	} else if (is_late) {
		w->late++;
		assert_null(r.screen);
		assert_true(said > 0);
	} else {
		check_screen(w, &r, pressed);
		arrive(w, s, &r);
	}
	step_result_clear(&r);
	session_free(s);
	for (size_t i = 0; i < more; i++) {
		size_t next[ANSWERS_MAX];

		for (size_t j = 0; j < n; j++)
			next[j] = chosen[j];
		next[n] = i;
		turn(w, first, next, n + 1, pressed);
	}
}

static void press(struct walk *w, const char *text)
{
	struct input in = {.kind = INPUT_TEXT, .channel = "ussd", .text = sv_from(text)};

	turn(w, &in, NULL, 0, text);
}

/* A right answer to what is asked, as long as it may be. */
static void press_answer(struct walk *w)
{
	struct session *s = session_decode(w->packs, buf_sv(&w->state[w->at].blob));
	const struct step *t = s->run.pack ? &s->run.pack->step[s->run.step] : NULL;
	struct buf b;

	buf_init(&b, 1024);
	if (t && t->kind == STEP_ASK && t->ask == ASK_AGE)
		buf_addf(&b, "%ld", t->max);
	else if (t && t->kind == STEP_ASK && t->ask == ASK_DATE)
		buf_adds(&b, "31/12/1999");
	else if (t && t->kind == STEP_ASK && t->ask != ASK_YESNO)
		for (long i = 0; i < t->max; i++)
			buf_adds(&b, t->ask == ASK_DIGITS ? "8" : w->letter);
	else if (t && t->kind == STEP_OTP)
		buf_adds(&b, "123456");
	session_free(s);
	if (b.n > 0)
		press(w, buf_str(&b));
	buf_clear(&b);
}

static void walk_all(struct walk *w)
{
	static const char *const key[] = {
	    "1", "2", "3", "4", "5", "6", "7", "8", "9", "0", "00", "99", "#", "", "?", "12", "x"};
	bool is_changed = true;

	for (w->at = 0; w->at < w->count; w->at++) {
		press_answer(w);
		for (size_t i = 0; i < sizeof(key) / sizeof(key[0]); i++)
			press(w, key[i]);
	}
	while (is_changed) {
		is_changed = false;
		for (size_t i = 0; i < w->count; i++)
			for (size_t j = 0; j < w->state[i].to_count && !w->state[i].ends; j++)
				if (w->state[w->state[i].to[j]].ends)
					w->state[i].ends = is_changed = true;
	}
	for (size_t i = 0; i < w->count; i++)
		if (!w->state[i].ends)
			fail_msg("from here no way ends: %s", w->state[i].key);
}

static bool is_all_on_menu(const struct pack *k)
{
	for (size_t i = 0; i < k->trigger_count; i++)
		if (!k->trigger[i].ussd_key)
			return false;
	return k->ussd_key > 0;
}

static void check_coverage(const struct walk *w)
{
	for (size_t i = 0; i < w->packs->count; i++) {
		const struct pack *k = w->packs->pack[i];

		for (size_t j = 0; is_all_on_menu(k) && j < k->step_count; j++)
			if (step_waits(&k->step[j]) && !w->was_asked[i][j])
				fail_msg("%s/%s was not asked on a screen", k->name, k->step[j].name);
	}
}

/* A key of the main menu leads to the other languages. */
static void check_languages(const struct walk *w)
{
	for (size_t l = 0; l < w->packs->lang_count; l++) {
		size_t n = 0;

		for (size_t i = 0; i < w->count; i++)
			n +=
			    strncmp(w->state[i].key, w->packs->lang[l], strlen(w->packs->lang[l])) == 0;
		if (n < w->count / 4)
			fail_msg("only %zu of %zu states are in \"%s\"", n, w->count,
			    w->packs->lang[l]);
	}
}

static void walk_in(const struct packs *packs, struct screen_limits limits, const char *letter)
{
	struct walk *w = xcalloc(1, sizeof(*w));
	struct session *s = session_new();
	struct input in = {.kind = INPUT_USSD_BEGIN, .channel = "ussd", .text = SV("")};

	w->packs = packs;
	w->limits = limits;
	w->letter = letter;
	w->state = xcalloc(STATES_MAX, sizeof(*w->state));
	(void)add_state(w, s);
	turn(w, &in, NULL, 0, "(dialled)");
	walk_all(w);
	check_coverage(w);
	check_languages(w);
	print_message("%u septets, %u units, %s: %zu states, %zu screens, %zu ends, %zu late\n",
	    limits.gsm7_septets, limits.ucs2_units, letter, w->count, w->screens, w->ends, w->late);
	for (size_t i = 0; i < w->count; i++) {
		buf_clear(&w->state[i].blob);
		free(w->state[i].to);
	}
	session_free(s);
	free(w->state);
	free(w);
}

static void test_every_screen_fits_and_every_way_ends(void **state)
{
	static const struct screen_limits limits[] = {
	    {SCREEN_GSM7_MAX, SCREEN_UCS2_MAX}, {160, 70}, {SCREEN_GSM7_MIN, SCREEN_UCS2_MIN}};
	const char *root = getenv("DK_SRCDIR");
	struct packs *packs = load_packs(root ? root : ".", "services");

	(void)state;
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		walk_in(packs, limits[i], "W");
		walk_in(packs, limits[i], "\xe0\xa4\x95");
	}
	packs_free(packs);
}

static void test_the_count_of_this_test_counts(void **state)
{
	unsigned septets, units;

	(void)state;
	count("abc\n€", &septets, &units);
	assert_int_equal(septets, 6);
	assert_int_equal(units, 0);
	count("कि a\xf0\x9f\x98\x80", &septets, &units);
	assert_int_equal(septets, 0);
	assert_int_equal(units, 6);
	assert_true(is_torn("क\nि"));
	assert_false(is_torn("कि\nक"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_the_count_of_this_test_counts),
	    cmocka_unit_test(test_every_screen_fits_and_every_way_ends),
	};

	return cmocka_run_group_tests(tests, fill_table, NULL);
}
