/* SPDX-License-Identifier: BSD-2-Clause */
/* test_backend_pmjay.c - the PM-JAY estimate against the shipped rules, the names of places, the
 * synthetic population. */
#include "backend_test.h"

#include "backend/places.h"
#include "backend/pmjay.h"

#define MALE(age) \
	{ \
		age, 'M', false, true \
	}
#define FEMALE(age) \
	{ \
		age, 'F', false, true \
	}
#define CODES(...) \
	{ \
		{__VA_ARGS__}, sizeof((const char *[]){__VA_ARGS__}) / sizeof(char *) \
	}
#define NOT_SAID .income_rs = -1, .scooter_cc = -1, .properties = -1

struct vector {
	const char *what;
	struct pmjay_facts f;
	enum pmjay_result result;
};

static void check(const struct scheme *s, const struct vector *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct pmjay_estimate e;

		pmjay_estimate(s, &v[i].f, &e);
		if (e.result != v[i].result)
			fail_msg("%s: %s, not %s", v[i].what, pmjay_result_name(e.result),
			    pmjay_result_name(v[i].result));
	}
}

static const struct vector vectors[] = {
    {"1 SC/ST", {.area = PMJAY_RURAL, .categories = CODES("R4"), NOT_SAID}, PMJAY_FAMILY},
    {"2 kachcha room, 70+",
	{.area = PMJAY_RURAL, .categories = CODES("R6"), .has_70plus = true, NOT_SAID},
	PMJAY_FAMILY_PLUS_TOPUP},
    {"3 income 120001",
	{.area = PMJAY_RURAL,
	    .categories = CODES("R5"),
	    .income_rs = 120001,
	    .scooter_cc = -1,
	    .properties = -1},
	PMJAY_NOT_ELIGIBLE},
    {"4 income 120000",
	{.area = PMJAY_RURAL,
	    .categories = CODES("R5"),
	    .income_rs = 120000,
	    .scooter_cc = -1,
	    .properties = -1},
	PMJAY_FAMILY},
    {"5 scooter of 150 cc",
	{.area = PMJAY_URBAN,
	    .categories = CODES("U3"),
	    .income_rs = -1,
	    .scooter_cc = 150,
	    .properties = -1},
	PMJAY_FAMILY},
    {"6 scooter of 151 cc",
	{.area = PMJAY_URBAN,
	    .categories = CODES("U3"),
	    .income_rs = -1,
	    .scooter_cc = 151,
	    .properties = -1},
	PMJAY_NOT_ELIGIBLE},
    {"7 tax payer, 70+", {.area = PMJAY_URBAN, .exclusions = CODES("X3"), .has_70plus = true, NOT_SAID},
	PMJAY_SENIOR_ONLY},
    {"8 nothing", {.area = PMJAY_URBAN, NOT_SAID}, PMJAY_NOT_MATCHED},
    {"9 SC/ST in a town", {.area = PMJAY_URBAN, .categories = CODES("R4"), NOT_SAID},
	PMJAY_NOT_MATCHED},
    {"10 rag picker in a village", {.area = PMJAY_RURAL, .categories = CODES("U1"), NOT_SAID},
	PMJAY_NOT_MATCHED},
    {"13 males of 15 and 60",
	{.area = PMJAY_RURAL, .member = {MALE(15), MALE(60), FEMALE(35)}, .n_members = 3, NOT_SAID},
	PMJAY_FAMILY},
    {"14 a male of 16",
	{.area = PMJAY_RURAL, .member = {MALE(16), FEMALE(61)}, .n_members = 2, NOT_SAID},
	PMJAY_NOT_MATCHED},
    {"14 a male of 59",
	{.area = PMJAY_RURAL, .member = {MALE(59), FEMALE(61)}, .n_members = 2, NOT_SAID},
	PMJAY_NOT_MATCHED},
    {"14 R1 claimed against the ages",
	{.area = PMJAY_RURAL,
	    .categories = CODES("R1"),
	    .member = {MALE(16)},
	    .n_members = 1,
	    NOT_SAID},
	PMJAY_NOT_MATCHED},
    {"15 state employee without other cover",
	{.area = PMJAY_RURAL, .categories = CODES("R7"), .is_government = true, NOT_SAID},
	PMJAY_FAMILY},
    {"15 the same, formal job",
	{.area = PMJAY_RURAL,
	    .categories = CODES("R7"),
	    .is_government = true,
	    .has_formal_job = true,
	    NOT_SAID},
	PMJAY_NOT_ELIGIBLE},
    /* Beside the table: the rest of the algorithm and of the definitions. */
    {"other cover alone is no exclusion",
	{.area = PMJAY_RURAL, .categories = CODES("R7"), .has_other_cover = true, NOT_SAID},
	PMJAY_FAMILY},
    {"both parts of X1",
	{.area = PMJAY_RURAL,
	    .categories = CODES("R7"),
	    .is_government = true,
	    .has_other_cover = true,
	    NOT_SAID},
	PMJAY_NOT_ELIGIBLE},
    {"one property",
	{.area = PMJAY_URBAN,
	    .categories = CODES("U8"),
	    .properties = 1,
	    .income_rs = -1,
	    .scooter_cc = -1},
	PMJAY_FAMILY},
    {"two properties",
	{.area = PMJAY_URBAN,
	    .categories = CODES("U8"),
	    .properties = 2,
	    .income_rs = -1,
	    .scooter_cc = -1},
	PMJAY_NOT_ELIGIBLE},
    {"a car", {.area = PMJAY_URBAN, .categories = CODES("U8"), .has_car = true, NOT_SAID},
	PMJAY_NOT_ELIGIBLE},
    {"not all answered", {.area = PMJAY_URBAN, .is_unanswered = true, NOT_SAID}, PMJAY_INSUFFICIENT},
    {"not all answered, but a category",
	{.area = PMJAY_URBAN, .categories = CODES("U1"), .is_unanswered = true, NOT_SAID},
	PMJAY_FAMILY},
    {"not all answered, but excluded",
	{.area = PMJAY_URBAN, .exclusions = CODES("X2"), .is_unanswered = true, NOT_SAID},
	PMJAY_NOT_ELIGIBLE},
    {"area not said", {.categories = CODES("R4"), .is_unanswered = true, NOT_SAID}, PMJAY_INSUFFICIENT},
    {"R2: only an old woman and a child",
	{.area = PMJAY_RURAL, .member = {FEMALE(66), FEMALE(9)}, .n_members = 2, NOT_SAID},
	PMJAY_FAMILY},
    {"the same in a town",
	{.area = PMJAY_URBAN, .member = {FEMALE(66), FEMALE(9)}, .n_members = 2, NOT_SAID},
	PMJAY_NOT_MATCHED},
    {"R3: disabled, the only man a child of 17",
	{.area = PMJAY_RURAL, .member = {{40, 'M', true, false}, MALE(17)}, .n_members = 2, NOT_SAID},
	PMJAY_FAMILY},
    {"disabled, but an able man of 18",
	{.area = PMJAY_RURAL, .member = {{40, 'M', true, false}, MALE(18)}, .n_members = 2, NOT_SAID},
	PMJAY_NOT_MATCHED},
    {"a member of 70 among people of working age",
	{.area = PMJAY_URBAN, .member = {MALE(40), FEMALE(70)}, .n_members = 2, NOT_SAID},
	PMJAY_SENIOR_ONLY},
    {"unknown codes", {.area = PMJAY_RURAL, .categories = CODES("R99", "Q"), NOT_SAID},
	PMJAY_NOT_MATCHED},
    {"the official list's additions are not the seed's",
	{.area = PMJAY_URBAN, .categories = CODES("U9"), NOT_SAID}, PMJAY_NOT_MATCHED},
};

static void the_estimate_gives_the_results_of_the_table(void **state)
{
	struct rules *r = shipped_rules(NULL, NULL);
	struct scheme s;

	(void)state;
	assert_true(scheme_now(r, "pmjay", at("2026-11-22T10:00:00+05:30"), &s));
	check(&s, vectors, sizeof vectors / sizeof vectors[0]);
	assert_false(scheme_now(r, "pmjay", at("2024-08-31T23:59:59+05:30"), &s));
	assert_false(scheme_now(r, "rsby", at("2026-11-22T10:00:00+05:30"), &s));
	rules_free(r);
}

static void every_listed_category_and_exclusion_decides(void **state)
{
	struct rules *r = shipped_rules(NULL, NULL);
	struct scheme s;
	static const char *const lists[] = {"rural", "urban"};

	(void)state;
	assert_true(scheme_now(r, "pmjay", at("2026-11-22T10:00:00+05:30"), &s));
	for (size_t l = 0; l < 2; l++)
		for (int i = 1; i <= 8; i++) {
			struct pmjay_facts f = {.area = l ? PMJAY_URBAN : PMJAY_RURAL, NOT_SAID};
			struct pmjay_estimate e;
			char code[8];

			snprintf(code, sizeof code, "%c%d", l ? 'U' : 'R', i);
			assert_true(scheme_lists(&s, lists[l], code));
			pmjay_codes_add(&f.categories, code);
			pmjay_estimate(&s, &f, &e);
			assert_int_equal(e.result, PMJAY_FAMILY);
			for (int x = 1; x <= 6; x++) {
				struct pmjay_facts g = f;

				snprintf(code, sizeof code, "X%d", x);
				pmjay_codes_add(&g.exclusions, code);
				pmjay_estimate(&s, &g, &e);
				assert_int_equal(e.result, PMJAY_NOT_ELIGIBLE);
				g.has_70plus = true; /* S5: whatever the exclusion */
				pmjay_estimate(&s, &g, &e);
				assert_int_equal(e.result, PMJAY_SENIOR_ONLY);
			}
		}
	rules_free(r);
}

static void the_official_list_is_another_version(void **state)
{
	struct rules *r =
	    shipped_rules("rules_version: {value: seed,", "rules_version: {value: official2018,");
	struct scheme s;
	const struct vector official[] = {
	    {"R1 not led by a woman", {.area = PMJAY_RURAL, .categories = CODES("R1"), NOT_SAID},
		PMJAY_NOT_MATCHED},
	    {"R1 led by a woman",
		{.area = PMJAY_RURAL, .categories = CODES("R1"), .is_led_by_woman = true, NOT_SAID},
		PMJAY_FAMILY},
	    {"beggar in a town", {.area = PMJAY_URBAN, .categories = CODES("U9"), NOT_SAID},
		PMJAY_FAMILY},
	    {"beggar in a village", {.area = PMJAY_RURAL, .categories = CODES("U9"), NOT_SAID},
		PMJAY_NOT_MATCHED},
	    {"no shelter", {.area = PMJAY_RURAL, .categories = CODES("R9"), NOT_SAID}, PMJAY_FAMILY},
	    {"SC/ST", {.area = PMJAY_RURAL, .categories = CODES("R4"), NOT_SAID}, PMJAY_FAMILY},
	};

	(void)state;
	assert_non_null(r);
	assert_true(scheme_now(r, "pmjay", at("2026-11-22T10:00:00+05:30"), &s));
	check(&s, official, sizeof official / sizeof official[0]);
	rules_free(r);
}

static void ages_are_completed_years(void **state)
{
	static const struct {
		const char *born, *today;
		int age;
	} cases[] = {{"1956-11-23", "2026-11-22", 69}, /* 69 years and 364 days: vector 11 */
	    {"1956-11-22", "2026-11-22", 70}, /* the 70th birthday: vector 12 */
	    {"2000-02-29", "2026-02-28", 25}, {"2000-02-29", "2026-03-01", 26},
	    {"2000-02-29", "2024-02-29", 24}, {"2026-11-22", "2026-11-22", 0}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t born = 0, today = 0;

		assert_true(ist_parse_date(cases[i].born, &born));
		assert_true(ist_parse_date(cases[i].today, &today));
		assert_int_equal(pmjay_age(born, today), cases[i].age);
	}
}

static void mistakes_in_the_rules_are_refused(void **state)
{
	static const char *const bad[][2] = {
	    {"senior_age: {value: 70,", "senior_age: {value: old,"},
	    {"senior_age: {value: 70,", "seniorage: {value: 70,"},
	    {"rules_version: {value: seed,", "rules_version: {value: see,"},
	    {"working_age: {value: [16, 59],", "working_age: {value: [16],"},
	    {"working_age: {value: [16, 59],", "working_age: {value: [16, x],"},
	    {"launched: {value: 2018-09-23, source: \"S3\"}", "launched: {value: 2018-09-23}"},
	    {"launched: {value: 2018-09-23,", "launched: {value: 2018-09-31,"},
	    {"cashless: {value: true,", "cashless: {value: maybe,"},
	    {"CARDIO-1: {speciality: CARDIO,", "CARDIO-1: {"},
	    {"Angiography, rate_rs: 9000", "Angiography, rate_rs: 0"},
	    {"  pmjay:\n", "  pmjai:\n"},
	    {"- from: 2024-09-01", "- from: soon"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct rules *r = shipped_rules(bad[i][0], bad[i][1]);

		if (r)
			fail_msg("taken: %s", bad[i][1]);
	}
}

static void places_have_many_spellings(void **state)
{
	static const struct {
		const char *text, *state;
	} cases[] = {{"BR", "BR"}, {"bihar", "BR"}, {"बिहार", "BR"}, {"J&K", "JK"}, {"J & K", "JK"},
	    {"Jammu & Kashmir", "JK"}, {"jammu and kashmir", "JK"}, {"Jammu-Kashmir", "JK"},
	    {"जम्मू-कश्मीर", "JK"}, {"जम्मू और कश्मीर", "JK"}, {"Ladakh", "LA"}, {"छत्तीसगढ", "CG"},
	    {"andaman & nicobar", "AN"}, {"Andaman and Nicobar", "AN"}, {"xyz", NULL}, {"", NULL},
	    {"-", NULL}, {"and", NULL}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *got = places_state(cases[i].text);

		if (cases[i].state ? !got || strcmp(got, cases[i].state) : got != NULL)
			fail_msg("%s: %s", cases[i].text, got ? got : "none");
	}
}

static void a_place_is_read_as_people_write_it(void **state)
{
	static const struct {
		const char *text, *district, *state;
		int64_t pin;
	} cases[] = {{"Patna", "Patna", NULL, 0}, {"Patna, Bihar", "Patna", "BR", 0},
	    {"Bihar, Patna", " Patna", "BR", 0}, {"Bilaspur HP", "Bilaspur", "HP", 0},
	    {"बिलासपुर हिमाचल प्रदेश", "बिलासपुर", "HP", 0}, {"बिहार पटना", "पटना", "BR", 0},
	    {"South Andaman", "South", "AN", 0}, {"800001", NULL, NULL, 800001},
	    {"800 001", NULL, NULL, 800001}, {"८००००१", NULL, NULL, 800001},
	    {"Patna 800001", NULL, NULL, 800001}, {"पटना-800001", NULL, NULL, 800001},
	    {"80000", NULL, NULL, -1}, {"012345", NULL, NULL, -1}, {"8000011", NULL, NULL, -1},
	    {"12345678901", NULL, NULL, -1}, {"Ward 5", "Ward 5", NULL, 0}, {",", ",", NULL, 0},
	    {", ", ", ", NULL, 0}, {" ", " ", NULL, 0}};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct places_words w;

		places_read(cases[i].text, &w);
		if (w.pin != cases[i].pin ||
		    (cases[i].district && strcmp(w.district, cases[i].district) != 0) ||
		    (cases[i].state ? !w.state || strcmp(w.state, cases[i].state) != 0
				    : w.state != NULL))
			fail_msg("%s: %lld, %s, %s", cases[i].text, (long long)w.pin, w.district,
			    w.state ? w.state : "no state");
		places_words_clear(&w);
	}
	assert_null(places_state_near("Atlantis"));
	assert_string_equal(places_state_near("Bihr"), "BR");
}

static void a_masked_name_shows_first_letters_only(void **state)
{
	static const char *const cases[][2] = {
	    {"सीता देवी", "सी** दे**"},
	    {"राम", "रा**"},
	    {"A. P. J. Abdul Kalam", "A** P**"},
	    {"Ram  Kumar", "R** K**"},
	    {"\u0915\u094d\u0937\u093f\u0902\u0903\u0901\u093c\u0951 क", "\u0915\u094d** क**"},
	    {"e\u0301\u0302\u0303\u0304\u0305\u0306\u0307 x", "e\u0301\u0302\u0303\u0304** x**"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *out = field_mask(cases[i][0]);

		assert_string_equal(out, cases[i][1]);
		free(out);
	}
}

static void every_state_has_a_name_in_both_languages(void **state)
{
	(void)state;
	for (size_t i = 0; i < places_n_districts; i++) {
		const char *code = places_districts[i].state;
		char *en = places_state_name(code, "en"), *hi = places_state_name(code, "hi");

		assert_string_equal(places_state(en), code);
		assert_string_equal(places_state(hi), code);
		assert_true(en[0] >= 'A' && en[0] <= 'Z' && (unsigned char)hi[0] >= 0x80);
		free(en);
		free(hi);
	}
}

/* The table that is searched against what the other tables say. */
static void check_find(struct fixture *f)
{
	static const char is_right[] =
	    "WITH want AS (SELECT h.hospital_id, code, state, h.district_id, pin / 1000 AS area, pin "
	    "FROM"
	    " pmjay_hospital h JOIN pmjay_district USING (district_id) JOIN (SELECT hospital_id, code "
	    "FROM"
	    " pmjay_hospital_speciality UNION ALL SELECT hospital_id, 'ANY' FROM pmjay_hospital)"
	    " USING (hospital_id) WHERE status = 'ACTIVE') SELECT (SELECT count(*) FROM (SELECT * FROM "
	    "want"
	    " EXCEPT SELECT * FROM pmjay_hospital_find)) + (SELECT count(*) FROM (SELECT * FROM"
	    " pmjay_hospital_find EXCEPT SELECT * FROM want))";

	assert_int_equal(ask(f->path, is_right), 0);
	assert_true(ask(f->path, "SELECT count(*) FROM pmjay_hospital_find") > 100);
}

static void what_is_searched_follows_every_change_of_a_hospital(void **state)
{
	static const char *const changes[] = {
	    "UPDATE pmjay_hospital SET status = 'SUSPENDED' WHERE hospital_id % 3 = 0",
	    "UPDATE pmjay_hospital SET status = 'ACTIVE' WHERE hospital_id % 6 = 0",
	    "UPDATE pmjay_hospital SET district_id = 2, pin = 520001 WHERE hospital_id % 5 = 0",
	    "DELETE FROM pmjay_hospital_speciality WHERE code = 'GENMED' AND hospital_id < 50",
	    "INSERT INTO pmjay_hospital_speciality SELECT hospital_id, 'NEW' FROM pmjay_hospital",
	    "DELETE FROM pmjay_hospital_speciality WHERE hospital_id = 9",
	    "DELETE FROM pmjay_hospital WHERE hospital_id = 9",
	};
	const int64_t now_ms = at("2026-11-22T10:00:00+05:30");
	struct fixture f;
	struct scheme s;
	struct buf err;

	(void)state;
	fixture_open(&f, shipped_rules(NULL, NULL));
	buf_init(&err, 4096);
	assert_true(scheme_now(f.rules, "pmjay", now_ms, &s));
	assert_true(pmjay_seed(f.db, &s, 1, 150, 1, now_ms, &err));
	check_find(&f);
	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		ask(f.path, changes[i]);
		check_find(&f);
	}
	buf_clear(&err);
	fixture_close(&f);
}

static void rates_follow_the_hospital_and_its_fields(void **state)
{
	static const char has[] =
	    "SELECT count(*) FROM pmjay_rate JOIN pmjay_package USING (code) WHERE"
	    " hospital_id = 1 AND speciality <> 'GENMED'";
	const int64_t now_ms = at("2026-11-22T10:00:00+05:30");
	struct pmjay_hospital h;
	struct pmjay_rate r[PMJAY_PAGE_MAX];
	int64_t all, less, none;
	struct fixture f;
	struct scheme s;
	struct buf err;

	(void)state;
	fixture_open(&f, shipped_rules(NULL, NULL));
	buf_init(&err, 4096);
	assert_true(scheme_now(f.rules, "pmjay", now_ms, &s));
	assert_true(pmjay_seed(f.db, &s, 1, 80, 1, now_ms, &err));
	assert_true(ask(f.path, has) > 0);
	assert_true(pmjay_hospital(f.db, 1, &h) && h.name_en[0] && h.pin > 100000);
	assert_int_equal(pmjay_rates(f.db, 1, "ANY", 0, r, 1, &all), 1);
	assert_true(all > 2 && r[0].rate_rs > 0 && r[0].name_hi[0] && r[0].name_en[0]);
	/* A field that it has no more is not told, whatever it was paid. */
	ask(f.path, "DELETE FROM pmjay_hospital_speciality WHERE hospital_id = 1 AND code <> 'GENMED'");
	assert_int_equal(pmjay_rates(f.db, 1, "ANY", 0, r, PMJAY_PAGE_MAX, &less), 2);
	assert_int_equal(less, 2);
	assert_int_equal(pmjay_rates(f.db, 1, "CARDIO", 0, r, PMJAY_PAGE_MAX, &none), 0);
	ask(f.path, "UPDATE pmjay_hospital SET status = 'SUSPENDED' WHERE hospital_id = 1");
	assert_false(pmjay_hospital(f.db, 1, &h));
	assert_false(pmjay_hospital(f.db, 81, &h));
	buf_clear(&err);
	fixture_close(&f);
}

static void the_population_is_the_same_for_the_same_seed(void **state)
{
	static const char *const sums[] = {
	    "SELECT count(*) FROM pmjay_beneficiary",
	    "SELECT sum(born) + sum(has_card) FROM pmjay_beneficiary",
	    "SELECT sum(district_id * family_id) FROM pmjay_family",
	    "SELECT sum(pin) FROM pmjay_hospital WHERE status = 'ACTIVE'",
	    "SELECT sum(length(code)) FROM pmjay_hospital_speciality",
	};
	int64_t got[3][5];
	static const uint64_t seeds[] = {1, 1, 2};
	const int64_t now_ms = at("2026-11-22T10:00:00+05:30");

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct fixture f;
		struct scheme s;
		struct buf err;

		fixture_open(&f, shipped_rules(NULL, NULL));
		buf_init(&err, 4096);
		assert_true(scheme_now(f.rules, "pmjay", now_ms, &s));
		assert_true(pmjay_seed(f.db, &s, 500, 150, seeds[i], now_ms, &err));
		for (size_t j = 0; j < 5; j++)
			got[i][j] = ask(f.path, sums[j]);
		assert_false(pmjay_seed(f.db, &s, 1, 1, 1, now_ms, &err)); /* not twice */
		assert_int_equal(ask(f.path, sums[0]), 500);
		buf_clear(&err);
		fixture_close(&f);
	}
	assert_memory_equal(got[0], got[1], sizeof got[0]);
	assert_int_not_equal(got[0][1], got[2][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(the_estimate_gives_the_results_of_the_table),
	    cmocka_unit_test(every_listed_category_and_exclusion_decides),
	    cmocka_unit_test(the_official_list_is_another_version),
	    cmocka_unit_test(ages_are_completed_years),
	    cmocka_unit_test(mistakes_in_the_rules_are_refused),
	    cmocka_unit_test(places_have_many_spellings),
	    cmocka_unit_test(a_place_is_read_as_people_write_it),
	    cmocka_unit_test(a_masked_name_shows_first_letters_only),
	    cmocka_unit_test(every_state_has_a_name_in_both_languages),
	    cmocka_unit_test(what_is_searched_follows_every_change_of_a_hospital),
	    cmocka_unit_test(rates_follow_the_hospital_and_its_fields),
	    cmocka_unit_test(the_population_is_the_same_for_the_same_seed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
