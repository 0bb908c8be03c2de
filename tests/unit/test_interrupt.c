/* SPDX-License-Identifier: BSD-2-Clause */
/* test_interrupt.c - what a keyword means in the middle of a question, of every kind, in the shipped packs:
 * an answer where it can be one, else the word; and what becomes of the dialogue that was open. */
#include "story.h"
#include "unit.h"

#include "engine/rehearsal.h"

#include <stdlib.h>

struct row {
	const char *before; /* what was typed, with | between, until the question */
	const char *typed;
	const char *where; /* where the session stands then */
	const char *outcome;
};

static const struct row row[] = {
    /* a name: exact words only, and not those that people are called */
    {"REG", "STATUS", "esanjeevani/register", "calling"},
    {"REG", "Status Kumar", "esanjeevani/age", "asked"},
    {"REG", "Help Singh", "esanjeevani/age", "asked"},
    {"REG", "HELP", "esanjeevani/register", "help"},
    {"REG", "मदद", "esanjeevani/register", "help"},
    {"REG", "Ayushman", "esanjeevani/age", "asked"},
    {"REG", "आयुष्मान", "esanjeevani/age", "asked"},
    {"REG", "Ayushman Bharat", "pmjay/menu aside esanjeevani/register", "asked"},
    {"REG", "PMJAY", "pmjay/menu aside esanjeevani/register", "asked"},
    {"REG", "STOP", "esanjeevani/register", "stop"},
    {"REG", "wrong number", "mydata/wrong aside esanjeevani/register", "asked"},
    {"REG", "गलत नंबर", "mydata/wrong aside esanjeevani/register", "asked"},
    {"REG", "WITHDRAW", "mydata/withdraw aside esanjeevani/register", "asked"},
    {"REG", "REG", "esanjeevani/register", "busy"},
    {"REG", "पंजीकरण", "esanjeevani/register", "busy"},
    /* an age, a yes or no, digits: nothing of words can be an answer */
    {"REG|Sita", "BIHAR", "bihar/bihar aside esanjeevani/age", "asked"},
    {"REG|Sita", "बिहार", "bihar/bihar aside esanjeevani/age", "asked"},
    {"REG|Sita", "ayushman card", "esanjeevani/age", "ok"},
    {"REG|Sita", "help please", "esanjeevani/age", "help"},
    {"REG|Sita", "STATSU", "esanjeevani/age", "calling"},
    {"REG|Sita", "stop it", "esanjeevani/age", "bad_answer"},
    {"REG|Sita", "my card says I was born in 1960", "esanjeevani/age", "bad_answer"},
    {"REG|Sita", "bihar patna", "esanjeevani/age", "bad_answer"},
    {"ELIG", "NIRAMAYA", "niramaya/menu aside pmjay/senior", "asked"},
    {"ELIG", "haan", "pmjay/family", "asked"},
    {"OTHER", "MYDATA", "esanjeevani/other_person", "calling"},
    /* a menu's words come first; a menu without an answer before it is not kept */
    {"REG|Sita|35", "M", "esanjeevani/place", "asked"},
    {"REG|Sita|35", "OTHER", "esanjeevani/place", "asked"},
    {"REG|Sita|35", "CGHS", "esanjeevani/sex", "calling"},
    {"NIRAMAYA", "CLAIM", "niramaya/claim", "asked"},
    {"NIRAMAYA", "ELIG", "pmjay/senior", "asked"},
    {"NIRAMAYA", "निरामय", "niramaya/menu", "busy"},
    {"ELIG|2|1", "SC", "pmjay/excl1", "asked"},
    {"ELIG|2|1", "HELPLINE", "pmjay/rural1", "ok"},
    /* a place and free words: places are answers, exact words are not */
    {"REG|Sita|35|1", "Bihar", "esanjeevani/consent", "asked"},
    {"REG|Sita|35|1", "Status road, Patna", "esanjeevani/consent", "asked"},
    {"REG|Sita|35|1", "DELETE", "esanjeevani/place", "calling"},
    {"HOSPITAL", "Card Nagar", "-", "calling"},
    {"HOSPITAL", "ELIG", "pmjay/senior aside pmjay/place", "asked"},
    /* the second interruption: what has been begun is kept, the newest of two */
    {"REG|Sita|BIHAR", "ELIG", "pmjay/senior aside esanjeevani/age", "asked"},
    {"REG|Sita|BIHAR|1|1", "ELIG", "pmjay/senior aside bihar/find", "asked"},
    {"REG|Sita|ELIG", "REG", "esanjeevani/age aside pmjay/senior", "resumed"},
    {"REG|Sita|ELIG", "CANCEL", "esanjeevani/age", "cancelled"},
    {"REG|Sita|WRONG", "2", "esanjeevani/age", "ok"},
    {"REG|Sita|ELIG|x|x|x", "x", "esanjeevani/age", "too_many_wrong"},
};

static void type(struct rehearsal *r, struct sv text)
{
	char *copy = xstrndup(text.p, text.n);

	if (!rehearsal_step(r, (struct input){.kind = INPUT_TEXT, .text = sv_from(copy)}))
		fail_msg("\"%s\" cannot be typed: a call is out", copy);
}

static void words_in_questions(void **state)
{
	const char *root = getenv("DK_SRCDIR");
	struct packs *p = load_packs(root ? root : ".", "services");
	unsigned failed = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct rehearsal r;
		struct buf where;
		const char *at = row[i].before, *got;

		rehearsal_init(&r, p, "919812345678", 1795329000000);
		while (*at) {
			size_t n = strcspn(at, "|");

			type(&r, (struct sv){at, n});
			at += n + (at[n] == '|');
		}
		type(&r, sv_from(row[i].typed));
		buf_init(&where, 256);
		got = r.res.outcome;
		if (r.res
			.has_call) /* answered beside the question, or the first call of what interrupts */
			assert_true(rehearsal_step(&r,
			    (struct input){.kind = INPUT_ANSWER, .status = 418}));
		rehearsal_where(&r, &where);
		if (strcmp(got, row[i].outcome) != 0 || strcmp(buf_str(&where), row[i].where) != 0 ||
		    r.res.reply_count == 0) {
			print_error("%s|%s: %s, at %s\n", row[i].before, row[i].typed, got,
			    buf_str(&where));
			failed++;
		}
		buf_clear(&where);
		rehearsal_clear(&r);
	}
	packs_free(p);
	assert_int_equal(failed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(words_in_questions)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
