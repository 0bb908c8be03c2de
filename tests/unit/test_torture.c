/* SPDX-License-Identifier: BSD-2-Clause */
/* test_torture.c - every conversation of the tree through turn_step, on the real packs and the store's twin. Played
 * once as it should go, then again and again with one effect going wrong, then with two: the store away before or
 * after it did its work or full, the backend away or late, another process in between, the process dead. */
/* Before cmocka, whose fail() is a macro. */
#include "story.h"

#include "seed.h"
#include "turn_play.h"

#include <glob.h>
#include <stdlib.h>

#define PAIRS 10u /* for each story */
#define PACKS_MAX 8u

static struct {
	char *dirs;
	struct packs *is;
} packs[PACKS_MAX];

static const struct packs *packs_of(void *arg, const char *dirs)
{
	const char *src = getenv("DK_SRCDIR");
	size_t i = 0;

	(void)arg;
	while (i < PACKS_MAX && packs[i].dirs && strcmp(packs[i].dirs, dirs) != 0)
		i++;
	assert_true(i < PACKS_MAX);
	if (!packs[i].dirs) {
		packs[i].dirs = xstrdup(dirs);
		packs[i].is = load_packs(src ? src : ".", dirs);
	}
	return packs[i].is;
}

static const struct plan none;

/* A story; by USSD once on a network that gives the last input and once on one that gives all of them. */
struct played {
	char *file;
	struct tale tale;
	bool by_inputs;
	struct heard want;
};
static struct played *stories;
static size_t stories_n;

static void add(const char *file, bool by_inputs)
{
	struct played *s;

	stories = xrealloc(stories, (stories_n + 1) * sizeof(*stories));
	s = &stories[stories_n++];
	*s = (struct played){.file = xstrdup(file), .by_inputs = by_inputs};
	tale_read(&s->tale, file, packs_of, NULL);
	tale_play(&s->tale, by_inputs, none, none, NULL, &s->want);
	if (s->tale.is_ussd && !by_inputs)
		add(file, true);
}

static void all_go_as_they_should(void **state)
{
	static const char *const where[] = {
	    "services/*/conv/*.conv", "tests/conv/*.conv", "tests/conv/ways/*.conv"};
	const char *src = getenv("DK_SRCDIR");
	unsigned answers = 0, scripted = 0, effects = 0;
	glob_t g = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(where) / sizeof(where[0]); i++) {
		char *pattern = xasprintf("%s/%s", src ? src : ".", where[i]);

		assert_int_equal(glob(pattern, i > 0 ? GLOB_APPEND : 0, NULL, &g), 0);
		free(pattern);
	}
	for (size_t i = 0; i < g.gl_pathc; i++)
		add(g.gl_pathv[i], false);
	globfree(&g);
	for (size_t i = 0; i < stories_n; i++) {
		const struct heard *h = &stories[i].want;

		answers += h->answers;
		scripted += (unsigned)stories[i].tale.script_n;
		effects += h->effects;
		assert_int_equal(h->told_again, 0);
	}
	print_message("%zu stories, %u effects, %u answers of backends\n", stories_n, effects, answers);
	/* The person and the backend do here what the files say. */
	assert_int_equal(answers, scripted);
}

/* How often a message is among those that were said. */
static unsigned times(const char *said, const char *message)
{
	unsigned n = 0;

	for (; (said = strstr(said, message)); said += strlen(message))
		n++;
	return n;
}

/* Every message of want is in said, and as often; its order may be another one. */
static bool has_all(const char *said, const char *want)
{
	bool has = true;

	for (const char *at = want, *end; has && (end = strstr(at, "\f\n")); at = end + 2) {
		char *message = xstrndup(at, (size_t)(end + 2 - at));

		has = times(said, message) >= times(want, message);
		free(message);
	}
	return has;
}

/* What does not hold although it must, whatever goes wrong; NULL: all does. */
static const char *broken(const struct played *s, const struct heard *h, bool is_pair)
{
	const struct heard *w = &s->want;

	if (h->told_ok != w->told_ok)
		return "not every input was told OK once";
	if (h->told_again > h->happened)
		return "told to try again without a cause";
	/* A call without an answer that was not kept: the dialogue said so, and what is typed next means
	 * something else. The same where a backend is away by the file: a run again may find it there. */
	if (s->tale.is_away || h->kept != w->kept + h->calls_away)
		return NULL;
	/* Who dials again asks under a new key, and so does what follows a call that is run again after a clash and
	 * then kept under its old one; the backend knows the person. */
	if (h->dials == w->dials && !h->is_lost && !is_pair && h->writes != w->writes)
		return "the backend did something twice, or not at all";
	if (!s->tale.is_ussd && h->calls_away == 0 && strcmp(h->said, w->said) != 0)
		return "the person got something else";
	if (!s->tale.is_ussd && !is_pair && !has_all(h->said, w->said))
		return "the person did not get everything";
	for (size_t i = 0; i < w->acts; i++)
		if (!w->act[i].on_ussd && w->act[i].messages > 0 && h->act[i].messages == 0)
			return "nothing was said to an SMS or an event";
	return NULL;
}

struct count {
	unsigned runs, both, on_ussd, lost;
};

static const struct played *playing; /* the one that failed, when one has */
static struct plan plans[2];

static int tell(void **state)
{
	(void)state;
	if (playing)
		print_message("%s (%s), %s at %u, %s at %u\n", playing->file,
		    playing->by_inputs ? "all inputs" : "the last input", wrong_name[plans[0].wrong],
		    plans[0].at, wrong_name[plans[1].wrong], plans[1].at);
	playing = NULL;
	return 0;
}

static void check(const struct played *s, struct plan one, struct plan two, struct count *c)
{
	struct heard h;
	const char *why;

	playing = s;
	plans[0] = one;
	plans[1] = two;
	tale_play(&s->tale, s->by_inputs, one, two, &s->want, &h);
	why = broken(s, &h, two.wrong != NOTHING);
	if (why)
		fail_msg("%s; told %u+%u, writes %u of %u, kept %u of %u, dialled %u of %u; the person "
			 "got\n"
			 "%s instead of\n%s",
		    why, h.told_ok, h.told_again, h.writes, s->want.writes, h.kept,
		    s->want.kept + h.calls_away, h.dials, s->want.dials, h.said, s->want.said);
	playing = NULL;
	c->runs++;
	c->both += h.happened > 1;
	c->on_ussd += s->tale.is_ussd;
	c->lost += h.is_lost;
	heard_clear(&h);
}

static void torture(enum wrong wrong)
{
	struct count c = {0};

	for (size_t i = 0; i < stories_n; i++)
		for (unsigned at = 1; at <= stories[i].want.effects; at++)
			if (stories[i].want.could[at - 1] >> wrong & 1)
				check(&stories[i], (struct plan){wrong, at}, none, &c);
	print_message("%s: %u runs, %u by USSD, of which %u got elsewhere\n", wrong_name[wrong], c.runs,
	    c.on_ussd, c.lost);
	assert_true(c.runs > 0 && c.runs >= stories_n);
	assert_true(c.lost <= c.on_ussd / 20);
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

static void nor_does_a_store_that_is_full(void **state)
{
	(void)state;
	torture(FULL);
}

static void nor_does_another_process_that_writes_the_session_meanwhile(void **state)
{
	(void)state;
	torture(CLASH);
}

static void nor_does_death_before_an_input_is_touched(void **state)
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

static void nor_does_a_store_that_is_later_than_the_screen(void **state)
{
	(void)state;
	torture(TOO_LATE);
}

static void nor_do_two_of_these_at_once(void **state)
{
	struct chance ch = chance_new("torture", 815);
	struct count c = {0};

	(void)state;
	for (size_t i = 0; i < stories_n * PAIRS; i++) {
		const struct played *s = &stories[i % stories_n];
		struct plan one = {(enum wrong)(1 + chance_below(&ch, WRONGS - 1)),
		    1 + chance_below(&ch, s->want.effects)};
		/* Close behind: while the first is being mended. */
		struct plan two = {
		    (enum wrong)(1 + chance_below(&ch, WRONGS - 1)), one.at + 1 + chance_below(&ch, 6)};

		check(s, one, two, &c);
	}
	print_message("%u pairs, both went wrong in %u\n", c.runs, c.both);
	assert_true(c.both > c.runs / 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_go_as_they_should),
	    cmocka_unit_test_teardown(an_answer_that_never_comes_changes_nothing_that_the_person_sees,
		tell),
	    cmocka_unit_test_teardown(nor_does_one_that_is_lost_after_the_work_was_done, tell),
	    cmocka_unit_test_teardown(nor_does_a_store_that_is_full, tell),
	    cmocka_unit_test_teardown(nor_does_another_process_that_writes_the_session_meanwhile, tell),
	    cmocka_unit_test_teardown(nor_does_death_before_an_input_is_touched, tell),
	    cmocka_unit_test_teardown(nor_does_death_after_an_effect, tell),
	    cmocka_unit_test_teardown(nor_does_a_backend_that_is_later_than_the_screen, tell),
	    cmocka_unit_test_teardown(nor_does_a_store_that_is_later_than_the_screen, tell),
	    cmocka_unit_test_teardown(nor_do_two_of_these_at_once, tell),
	};
	int failed = cmocka_run_group_tests_name("torture", tests, NULL, NULL);

	for (size_t i = 0; i < stories_n; i++) {
		tale_clear(&stories[i].tale);
		heard_clear(&stories[i].want);
		free(stories[i].file);
	}
	free(stories);
	for (size_t i = 0; i < PACKS_MAX && packs[i].dirs; i++) {
		packs_free(packs[i].is);
		free(packs[i].dirs);
	}
	return failed;
}
