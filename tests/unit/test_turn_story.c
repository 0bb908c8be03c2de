/* SPDX-License-Identifier: BSD-2-Clause */
/* test_turn_story.c - a whole conversation through turn_step, on the real packs and the store's twin.
 * Played once as it should go, then again and again with one effect going wrong: the store away before
 * or after it did its work, the backend away, another process in between, the process dead. Every time
 * the person must get the same messages and whoever brought an input must be told OK exactly once. */
/* Before cmocka, whose fail() is a macro. */
#include "story.h"

#include "seed.h"
#include "turn_world.h"

#include <stdlib.h>

#define PAIRS 1500u

static void play(struct world *w)
{
	world_text(w, "TOKEN"); /* not registered: the questions begin */
	world_text(w, "Ram Kumar");
	world_text(w, "what?");
	world_text(w, "35");
	world_text(w, "2");
	world_text(w, "Bihar, Patna");
	world_text(w, "1"); /* two calls */
	world_text(w, "STATUS");
	world_event(w, "queue.position",
	    "{\"token\":1234,\"ahead\":3,\"position\":4,\"wait_minutes\":9}");
	world_event(w, "token.called", "{\"token\":1234}");
	world_text(w, "CALL");
	world_text(w, "HELP");
}

static struct packs *packs;

static char *run(struct plan one, struct plan two, struct world *w)
{
	char *said;

	world_open(w, packs, one, two);
	play(w);
	said = world_said(w, one.wrong < DEAD_BEFORE && two.wrong < DEAD_BEFORE);
	world_close(w);
	return said;
}

static const struct plan none;

static void the_conversation_goes_as_it_should(void **state)
{
	static const char *const want[] = {"1 esanjeevani/turn: ", "2 esanjeevani/ask_name: ",
	    "2 esanjeevani/ask_age: ", "2 esanjeevani/hint_age: ", "2 esanjeevani/ask_sex: ",
	    "2 esanjeevani/ask_place: ", "2 esanjeevani/ask_consent: ", "2 esanjeevani/token_issued: ",
	    "2 esanjeevani/waiting: ", "2 esanjeevani/talking: ", "2 common/help: "};
	struct world w;
	char *said = run(none, none, &w);
	const char *at = said;

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const char *next = strstr(at, want[i]);

		if (!next)
			fail_msg("%s is missing in\n%s", want[i], said);
		at = next;
	}
	assert_int_equal(w.told_ok, 12);
	assert_int_equal(w.told_again, 0);
	assert_int_equal(w.registered, 1);
	assert_int_equal(w.issued, 1);
	assert_int_equal(w.calls, 5);
	free(said);
}

static void compare(struct plan one, struct plan two, const char *want, struct world *w)
{
	char *said = run(one, two, w);
	/* A run again after a clash whose first call gets no answer: the kept question is asked under its
	 * old key, but what follows it under new ones, so the person hears of the token as one she has. */
	bool is_other = two.wrong != NOTHING && w->issued_before > 0;

	if ((strcmp(said, want) != 0 && !is_other) || w->told_ok != 12 || w->told_again > w->happened ||
	    w->registered != 1 || w->issued != 1 || w->kept > w->calls_away ||
	    (two.wrong == NOTHING && w->kept < w->calls_away)) /* a run again may do without */
		fail_msg("%s at %u, %s at %u: told %u+%u, registered %u, issued %u, kept %u of %u; the "
			 "person got\n"
			 "%sinstead of\n%s",
		    wrong_name[one.wrong], one.at, wrong_name[two.wrong], two.at, w->told_ok,
		    w->told_again, w->registered, w->issued, w->kept, w->calls_away, said, want);
	free(said);
}

static void torture(enum wrong wrong)
{
	struct world w;
	char *want = run(none, none, &w);
	unsigned effects = w.effects, happened = 0;

	for (unsigned at = 1; at <= effects; at++) {
		compare((struct plan){wrong, at}, none, want, &w);
		happened += w.happened;
	}
	print_message("%s: %u effects, %u of them went wrong\n", wrong_name[wrong], effects, happened);
	assert_true(happened >= 12); /* there are as many commits */
	free(want);
}

static void an_answer_that_never_comes_changes_nothing_that_the_person_sees(void **state)
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

static void nor_do_two_of_these_at_once(void **state)
{
	struct chance ch = chance_new("turn_story", 815);
	struct world w;
	char *want = run(none, none, &w);
	unsigned effects = w.effects, both = 0;

	(void)state;
	for (unsigned i = 0; i < PAIRS; i++) {
		struct plan one = {
		    (enum wrong)(1 + chance_below(&ch, DEAD_AFTER)), 1 + chance_below(&ch, effects)};
		struct plan two = {(enum wrong)(1 + chance_below(&ch, DEAD_AFTER)), 1};

		/* Mostly close behind: while the first is being mended. */
		two.at +=
		    chance_below(&ch, 3) ? one.at + chance_below(&ch, 6) : chance_below(&ch, effects);
		compare(one, two, want, &w);
		both += w.happened == 2;
	}
	print_message("%u pairs, both went wrong in %u\n", PAIRS, both);
	assert_true(both > PAIRS / 4);
	free(want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_conversation_goes_as_it_should),
	    cmocka_unit_test(an_answer_that_never_comes_changes_nothing_that_the_person_sees),
	    cmocka_unit_test(nor_does_one_that_is_lost_after_the_work_was_done),
	    cmocka_unit_test(nor_does_another_process_that_writes_the_session_meanwhile),
	    cmocka_unit_test(nor_does_death_before_an_effect),
	    cmocka_unit_test(nor_does_death_after_an_effect),
	    cmocka_unit_test(nor_do_two_of_these_at_once),
	};
	const char *src = getenv("DK_SRCDIR");
	int failed;

	packs = load_packs(src ? src : ".", "services");
	failed = cmocka_run_group_tests_name("turn_story", tests, NULL, NULL);
	packs_free(packs);
	return failed;
}
