/* SPDX-License-Identifier: BSD-2-Clause */
/* test_answer.c - what people type, question by question, and the value it gives. */
#include "mini_pack.h"

#include "engine/dialogue_int.h"

static struct packs *packs;

static int setup(void **state)
{
	struct buf err;

	(void)state;
	buf_init(&err, 1 << 20);
	packs = mini_compile(NULL, NULL, NULL, &err, NULL);
	fputs(buf_str(&err), stderr);
	buf_clear(&err);
	return packs ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	packs_free(packs);
	return 0;
}

struct row {
	const char *text, *value; /* NULL: refused */
};

static void check(struct step t, const struct row *row, size_t n)
{
	struct session *s = session_new();
	/* 2026-11-22 00:00 in India */
	struct dl d = {.p = packs, .s = s, .now = 1795285800000};

	for (size_t i = 0; i < n; i++) {
		char *folded = text_folded(sv_from(row[i].text));
		struct answer a;
		bool ok = answer_take(&d, &t, sv_from(row[i].text), sv_from(folded), &a);

		if (ok != (row[i].value != NULL) || (ok && strcmp(a.value, row[i].value) != 0))
			fail_msg("\"%s\" gave %s", row[i].text, ok ? a.value : "nothing");
		free(folded);
	}
	session_free(s);
}
#define CHECK(step, row) check((step), (row), sizeof(row) / sizeof((row)[0]))

static void test_ages(void **state)
{
	static const struct row row[] = {
	    {"35", "35"},
	    {"३५", "35"},
	    {" 035 ", "35"},
	    {"0", "0"},
	    {"120", "120"},
	    {"35 saal", "35"},
	    {"35saal", "35"},
	    {"35 साल", "35"},
	    {"मेरी उम्र ३५ वर्ष है", "35"},
	    {"age: 35", "35"},
	    {"I am 35 years old", "35"},
	    {"lagbhag 60", "60"},
	    {"35.", "35"},
	    {"35 वर्ष।", "35"},
	    {"abc", NULL},
	    {"", NULL},
	    {"121", NULL},
	    {"-5", NULL},
	    {"35.5", NULL},
	    {"35 36", NULL},
	    {"6 mahine", NULL},
	    {"1234", NULL},
	    {"99999999999999999999", NULL},
	    {"saal", NULL},
	    {"😀", NULL},
	};

	(void)state;
	CHECK(((struct step){.kind = STEP_ASK, .ask = ASK_AGE, .min = 0, .max = 120}), row);
}

static void test_names(void **state)
{
	static const struct row row[] = {
	    {"Ram", "Ram"},
	    {"  राम   कुमार. ", "राम कुमार"},
	    {"O'Brien-Das", "O'Brien-Das"},
	    {"S. K. Rao", "S. K. Rao"},
	    {"mera naam Sita hai", "Sita"},
	    {"My name is John Paul", "John Paul"},
	    {"मेरा नाम सीता देवी है।", "सीता देवी"},
	    {"Nam Dev", "Nam Dev"},
	    {"श्री", "श्री"},
	    {"அனிதா", "அனிதா"},
	    {"ਗੁਰਪ੍ਰੀਤ", "ਗੁਰਪ੍ਰੀਤ"},
	    {"R", NULL},
	    {"Ram1", NULL},
	    {"राम १", NULL},
	    {"😀😀", NULL},
	    {"...", NULL},
	    {"''", NULL},
	    {"a@b", NULL},
	    {"", NULL},
	    {"Ram\x01"
	     "Das",
		NULL},
	    {"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij",
		"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij"},
	    {"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghijk", NULL},
	};

	(void)state;
	CHECK(((struct step){.kind = STEP_ASK, .ask = ASK_NAME, .min = 2, .max = 60}), row);
}

static void test_yes_and_no(void **state)
{
	static const struct row row[] = {
	    {"haan", "yes"},
	    {"HA", "yes"},
	    {"ji", "yes"},
	    {"हाँ", "yes"},
	    {"हां", "yes"},
	    {"जी", "yes"},
	    {"जी हाँ", "yes"},
	    {"haan ji", "yes"},
	    {"ji haan", "yes"},
	    {"Yes!", "yes"},
	    {"y", "yes"},
	    {"1", "yes"},
	    {"१", "yes"},
	    {"1.", "yes"},
	    {"haan mujhe manzoor hai", "yes"},
	    {"OK", "yes"},
	    {"nahi", "no"},
	    {"Nahin", "no"},
	    {"no", "no"},
	    {"N", "no"},
	    {"नहीं", "no"},
	    {"2", "no"},
	    {"२", "no"},
	    {"ji nahi", "no"},
	    {"जी नहीं", "no"},
	    {"no thanks", "no"},
	    {"3", NULL},
	    {"12", NULL},
	    {"haan nahi", NULL},
	    {"1 2", NULL},
	    {"pata", NULL},
	    {"", NULL},
	    {"namaste ji", NULL},
	};

	(void)state;
	CHECK(((struct step){.kind = STEP_ASK, .ask = ASK_YESNO}), row);
}

static void test_options_of_a_menu(void **state)
{
	static const struct row row[] = {
	    {"1", "F"},
	    {"२", "M"},
	    {"1.", "F"},
	    {"1)", "F"},
	    {"female", "F"},
	    {"Male", "M"},
	    {"2 male", "M"},
	    {"the patient is male", "M"},
	    {"0", NULL},
	    {"3", NULL},
	    {"12", NULL},
	    {"1 male", NULL},
	    {"male female", NULL},
	    {"x", NULL},
	    {"", NULL},
	};
	const struct pack *k = pack_find(packs, SV("mini"));

	(void)state;
	CHECK(k->step[pack_step(k, SV("sex"))], row);
}

static void test_digits(void **state)
{
	static const struct row row[] = {
	    {"800001", "800001"},
	    {"८००००१", "800001"},
	    {"800 001", "800001"},
	    {"800-001", "800001"},
	    {"80001", NULL},
	    {"8000011", NULL},
	    {"80000a", NULL},
	    {"", NULL},
	};

	(void)state;
	CHECK(((struct step){.kind = STEP_ASK, .ask = ASK_DIGITS, .min = 6, .max = 6}), row);
}

static void test_dates(void **state)
{
	static const struct row row[] = {
	    {"5/3/1990", "1990-03-05"},
	    {"05-03-1990", "1990-03-05"},
	    {"5.3.1990", "1990-03-05"},
	    {"5 3 1990", "1990-03-05"},
	    {"05031990", "1990-03-05"},
	    {"०५/०३/१९९०", "1990-03-05"},
	    {"29/2/2024", "2024-02-29"},
	    {"22/11/2026", "2026-11-22"},
	    {"23/11/2026", NULL},
	    {"29/2/2023", NULL},
	    {"31/4/2020", NULL},
	    {"0/1/2020", NULL},
	    {"1/13/2020", NULL},
	    {"5/3/90", NULL},
	    {"5/3", NULL},
	    {"1990", NULL},
	    {"5/3/1990/1", NULL},
	    {"5//3//1990", "1990-03-05"},
	    {"tomorrow", NULL},
	    {"", NULL},
	    {"99999999999/1/1990", NULL},
	};

	(void)state;
	CHECK(((struct step){.kind = STEP_ASK, .ask = ASK_DATE, .is_past = true}), row);
}

static void test_places(void **state)
{
	static const struct row row[] = {
	    {"Bihar, Patna", "Bihar, Patna"},
	    {"बिहार,पटना।", "बिहार,पटना"},
	    {"Sector 4, Delhi", "Sector 4, Delhi"},
	    {"800001", NULL},
	    {"B", NULL},
	    {"", NULL},
	};

	(void)state;
	CHECK(((struct step){.kind = STEP_ASK, .ask = ASK_PLACE, .min = 2, .max = 60}), row);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_ages),
	    cmocka_unit_test(test_names),
	    cmocka_unit_test(test_yes_and_no),
	    cmocka_unit_test(test_options_of_a_menu),
	    cmocka_unit_test(test_digits),
	    cmocka_unit_test(test_dates),
	    cmocka_unit_test(test_places),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
