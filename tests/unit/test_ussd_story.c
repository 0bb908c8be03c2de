/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ussd_story.c - somebody who registers and takes a token by USSD, through turn_step, on the real packs and
 * the store's twin: once as it should go, then with each effect going wrong. Whatever does, every step gets one
 * screen, the person comes to an end by dialling again, is registered once, gets one token and hears of it. */
/* Before cmocka, whose fail() is a macro. */
#include "story.h"

#include "seed.h"
#include "turn_world.h"

#include <stdlib.h>

#define PAIRS 1000u
#define DIALS_MAX 6u
#define STEPS_MAX 14u

static struct packs *packs;

/* What the person presses, by what the screen says. */
static const struct {
	const char *shows, *press;
} keys[] = {
    {"1 Continue", "1"}, {"Doctor's advice\n1 ", "1"}, {"full name", "Sita Devi"},
    {"age in years", "30"}, {"The patient is?", "1"}, {"State and district", "Bihar, Patna"},
    {"Do you agree?", "1"}, {"1 ", "8"}, /* the main menu in Hindi */
};

struct heard {
	unsigned dials, screens, told_on_screen;
	char *said;
};

/* Of the token: its number, or where it stands, which is what is said of one that was there before. */
static bool tells(const char *text)
{
	return strstr(text, "1234") || strstr(text, "no. 17");
}

/* One session, until its end. */
static void dial(struct world *w, struct heard *o)
{
	char inputs[300] = "";
	size_t n = 0;

	o->dials++;
	for (unsigned step = 0; step < STEPS_MAX; step++) {
		size_t k = 0;

		world_ussd(w, 1000 + o->dials, inputs);
		o->screens++;
		assert_true(w->screen[0] != '\0');
		o->told_on_screen += tells(w->screen);
		if (w->screen_ends)
			return;
		while (k < sizeof(keys) / sizeof(keys[0]) && !strstr(w->screen, keys[k].shows))
			k++;
		if (k == sizeof(keys) / sizeof(keys[0]))
			fail_msg("nobody knows what to press:\n%s", w->screen);
		n += (size_t)snprintf(inputs + n, sizeof(inputs) - n, "%s%s", n ? "*" : "",
		    keys[k].press);
		assert_true(n < sizeof(inputs));
	}
	fail_msg("a session that does not end:\n%s", w->screen);
}

static struct heard run(struct plan one, struct plan two, struct world *w)
{
	struct heard o = {0};

	world_open(w, packs, one, two);
	do {
		if (o.dials == DIALS_MAX)
			fail_msg("%s at %u, %s at %u: dialled %u times, the last screen is\n%s",
			    wrong_name[one.wrong], one.at, wrong_name[two.wrong], two.at, o.dials,
			    w->screen);
		free(o.said);
		dial(w, &o);
		world_settle(w);
		o.said = world_said(w, false);
	} while (o.told_on_screen == 0 && !tells(o.said));
	world_close(w);
	return o;
}

static const struct plan none;

static unsigned count(const char *in, const char *what)
{
	unsigned n = 0;

	for (; (in = strstr(in, what)); in++)
		n++;
	return n;
}

static void check(struct plan one, struct plan two, struct world *w)
{
	struct heard o = run(one, two, w);
	unsigned sms = count(o.said, "token_issued");

	/* Where the process died after the backend did its work and then the store is away, the last screen is
	 * honest and nobody asks again: who dials once more is asked for under a new key, and the backend knows
	 * the person. */
	if (w->issued != 1 || w->registered < 1 || sms > 1 ||
	    (two.wrong == NOTHING && (w->registered != 1 || sms != 1 || o.dials > 2)))
		fail_msg("%s at %u, %s at %u: registered %u, issued %u, dialled %u; the SMS are\n%s",
		    wrong_name[one.wrong], one.at, wrong_name[two.wrong], two.at, w->registered,
		    w->issued, o.dials, o.said);
	free(o.said);
}

static void the_conversation_goes_as_it_should(void **state)
{
	struct world w;
	struct heard o = run(none, none, &w);

	(void)state;
	assert_int_equal(o.dials, 1);
	assert_int_equal(o.told_on_screen, 1);
	assert_int_equal(count(o.said, "\n"), 1); /* the one SMS worth keeping */
	assert_true(w.registered == 1 && w.issued == 1);
	free(o.said);
}

static void torture(enum wrong wrong)
{
	struct world w;
	struct heard o = run(none, none, &w);
	unsigned effects = w.effects, happened = 0;

	for (unsigned at = 1; at <= effects; at++) {
		check((struct plan){wrong, at}, none, &w);
		happened += w.happened;
	}
	print_message("%s: %u effects, %u of them went wrong\n", wrong_name[wrong], effects, happened);
	assert_true(happened >= (wrong == LATE ? w.calls - w.calls_away : o.screens));
	free(o.said);
}

static void an_answer_that_never_comes_keeps_nobody_from_the_token(void **state)
{
	(void)state;
	torture(AWAY_BEFORE);
}

static void nor_does_one_that_is_lost_after_the_work_was_done(void **state)
{
	(void)state;
	torture(AWAY_AFTER);
}

static void nor_does_another_process_that_writes_the_session_meanwhile(void **state)
{
	(void)state;
	torture(CLASH);
}

static void nor_does_death_before_an_effect(void **state)
{
	(void)state;
	torture(DEAD_BEFORE);
}

static void nor_does_death_after_an_effect(void **state)
{
	(void)state;
	torture(DEAD_AFTER);
}

static void nor_does_a_backend_that_is_later_than_the_screen(void **state)
{
	(void)state;
	torture(LATE);
}

static void nor_do_two_of_these_at_once(void **state)
{
	struct chance ch = chance_new("ussd_story", 415);
	struct world w;
	struct heard o = run(none, none, &w);
	unsigned effects = w.effects, both = 0;

	(void)state;
	for (unsigned i = 0; i < PAIRS; i++) {
		struct plan one = {
		    (enum wrong)(1 + chance_below(&ch, LATE)), 1 + chance_below(&ch, effects)};
		struct plan two = {
		    (enum wrong)(1 + chance_below(&ch, LATE)), one.at + 1 + chance_below(&ch, 6)};

		check(one, two, &w);
		both += w.happened == 2;
	}
	print_message("%u pairs, both went wrong in %u\n", PAIRS, both);
	assert_true(both > PAIRS / 5);
	free(o.said);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_conversation_goes_as_it_should),
	    cmocka_unit_test(an_answer_that_never_comes_keeps_nobody_from_the_token),
	    cmocka_unit_test(nor_does_one_that_is_lost_after_the_work_was_done),
	    cmocka_unit_test(nor_does_another_process_that_writes_the_session_meanwhile),
	    cmocka_unit_test(nor_does_death_before_an_effect),
	    cmocka_unit_test(nor_does_death_after_an_effect),
	    cmocka_unit_test(nor_does_a_backend_that_is_later_than_the_screen),
	    cmocka_unit_test(nor_do_two_of_these_at_once),
	};
	const char *src = getenv("DK_SRCDIR");
	int failed;

	packs = load_packs(src ? src : ".", "services/common services/esanjeevani");
	failed = cmocka_run_group_tests_name("ussd_story", tests, NULL, NULL);
	packs_free(packs);
	return failed;
}
