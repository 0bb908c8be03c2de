/* SPDX-License-Identifier: BSD-2-Clause */
/* test_backend_niramaya.c - fees, papers, benefits, calendar and claims of Niramaya against the
 * shipped rules, and the life of an application with its timers. */
#include "backend_test.h"

#include "backend/niramaya.h"

static int64_t day(const char *text)
{
	int64_t d = 0;

	if (!ist_parse_date(text, &d))
		fail_msg("not a day: %s", text);
	return d;
}

static const char *text_of(int64_t d)
{
	static char out[IST_TEXT_CAP];

	ist_text(ist_day_start_ms(d), out, sizeof out);
	out[10] = '\0';
	return out;
}

struct shipped {
	struct rules *r;
	struct scheme s;
};

static int open_shipped(void **state)
{
	static struct shipped x;

	x.r = shipped_rules(NULL, NULL);
	assert_true(scheme_now(x.r, "niramaya", at("2026-11-22T10:00:00+05:30"), &x.s));
	*state = &x;
	return 0;
}

static int close_shipped(void **state)
{
	rules_free(((struct shipped *)*state)->r);
	return 0;
}

static void fees_and_papers_go_by_category(void **state)
{
	const struct scheme *s = &((struct shipped *)*state)->s;
	static const struct {
		bool is_bpl, has_guardian;
		const char *category;
		int64_t enrol, renew;
		const char *papers, *without_challan;
	} cases[] = {
	    {true, false, "BPL", 250, 50, "D1D2D3D4", "D1D2D3"},
	    {false, false, "NON_BPL", 500, 250, "D1D3D4", "D1D3"},
	    {false, true, "GUARDIAN", 0, 0, "D1D3D5", "D1D3D5"},
	    {true, true, "GUARDIAN", 0, 0, "D1D3D5", "D1D3D5"}, /* the guardian goes before */
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		for (int challan = 0; challan < 2; challan++) {
			const char *category = nir_category(s, cases[i].is_bpl, cases[i].has_guardian);
			const char *code[8];
			size_t n = nir_documents(s, category, challan, code, 8);
			char papers[32] = "";

			assert_string_equal(category, cases[i].category);
			assert_int_equal(nir_fee(s, "ENROL", category), cases[i].enrol);
			assert_int_equal(nir_fee(s, "RENEW", category), cases[i].renew);
			for (size_t k = 0; k < n; k++)
				snprintf(papers + 2 * k, sizeof papers - 2 * k, "%s", code[k]);
			assert_string_equal(papers,
			    challan ? cases[i].papers : cases[i].without_challan);
		}
}

static void the_guardian_may_be_put_behind(void **state)
{
	struct rules *r =
	    shipped_rules("guardian_precedence: {value: true,", "guardian_precedence: {value: false,");
	struct scheme s;

	(void)state;
	assert_non_null(r);
	assert_true(scheme_now(r, "niramaya", at("2026-11-22T10:00:00+05:30"), &s));
	assert_string_equal(nir_category(&s, true, true), "BPL");
	assert_string_equal(nir_category(&s, false, true), "GUARDIAN");
	rules_free(r);
}

static void a_bill_is_paid_up_to_every_limit(void **state)
{
	const struct scheme *s = &((struct shipped *)*state)->s;
	static const struct {
		const char *section, *sub;
		int64_t amount;
		struct nir_used used;
		int64_t payable, limit;
		const char *by;
	} cases[] = {
	    {"II", "a", 9000, {0, 0, 0}, 8000, 8000, "SUB"},
	    {"V", NULL, 1500, {0, 0, 0}, 1000, 1000, "SECTION"},
	    {"I", "a", 45000, {0, 0, 0}, 40000, 40000, "SUB"},
	    {"I", "b", 15000, {0, 0, 0}, 15000, 15000, ""},
	    {"I", "b", 15001, {0, 0, 0}, 15000, 15000, "SUB"},
	    {"I", "c", 20000, {0, 0, 0}, 15000, 15000, "SUB"},
	    {"II", "b", 4001, {0, 0, 0}, 4000, 4000, "SUB"},
	    {"II", "c", 2501, {0, 0, 0}, 2500, 2500, "SUB"},
	    {"III", NULL, 10001, {0, 0, 0}, 10000, 10000, "SECTION"},
	    {"IV", NULL, 4501, {0, 0, 0}, 4500, 4500, "SECTION"},
	    {"II", "a", 500, {7600, 7600, 7600}, 400, 8000, "SUB"},
	    {"II", "a", 500, {0, 14300, 14300}, 200, 8000, "SECTION"},
	    {"III", NULL, 500, {0, 0, 99900}, 100, 10000, "OVERALL"},
	    {"II", "a", 500, {9000, 9000, 9000}, 0, 8000, "SUB"}, /* never below nothing */
	    {"III", "", 1, {0, 0, 0}, 1, 10000, ""},
	    {"II", NULL, 1, {0, 0, 0}, -1, 0, ""},
	    {"II", "d", 1, {0, 0, 0}, -1, 0, ""},
	    {"III", "a", 1, {0, 0, 0}, -1, 0, ""},
	    {"VI", NULL, 1, {0, 0, 0}, -1, 0, ""},
	};
	int64_t sum = 0;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *by;
		int64_t limit, pay = nir_payable(s, cases[i].section, cases[i].sub, cases[i].amount,
				   &cases[i].used, &by, &limit);

		if (pay != cases[i].payable || limit != cases[i].limit || strcmp(by, cases[i].by))
			fail_msg("case %zu: %lld of %lld by \"%s\"", i, (long long)pay,
			    (long long)limit, by);
	}
	/* 4.2's check: the sections together are the overall limit. */
	for (size_t i = 0; i < scheme_value(s, "benefits")->count; i++) {
		long long v;

		assert_true(ynode_int(ynode_get(scheme_value(s, "benefits")->vals[i], "limit"), &v));
		sum += v;
	}
	assert_int_equal(sum, scheme_int(s, "cover_rs"));
}

static void a_card_is_valid_to_the_end_of_the_financial_year(void **state)
{
	const struct scheme *s = &((struct shipped *)*state)->s;
	static const struct {
		const char *enrolled, *valid_to, *first;
		size_t reminders;
	} cases[] = {
	    {"2024-04-01", "2025-03-31", "2024-12-31", 4},
	    {"2024-12-31", "2025-03-31", "2024-12-31", 4},
	    {"2025-03-31", "2025-03-31", "2025-03-31", 1},
	    {"2025-04-01", "2026-03-31", "2025-12-31", 4},
	    {"2024-02-29", "2024-03-31", "2024-02-29", 2},
	    {"2025-01-01", "2025-03-31", "2025-01-01", 4}, /* at once, then the three that are left */
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t from = day(cases[i].enrolled), to = nir_fy_end(from), r[NIR_REMINDERS_MAX];
		size_t n = nir_reminders(s, from, to, r);

		assert_string_equal(text_of(to), cases[i].valid_to);
		assert_string_equal(text_of(r[0]), cases[i].first);
		assert_int_equal(n, cases[i].reminders);
		for (size_t k = 1; k < n; k++)
			assert_true(r[k] > r[k - 1] && r[k] <= to);
		assert_true(nir_is_valid(from, to, from) && nir_is_valid(from, to, to));
		assert_false(nir_is_valid(from, to, from - 1) || nir_is_valid(from, to, to + 1));
	}
}

static void renewal_is_one_more_year_and_late_is_a_new_enrolment(void **state)
{
	const struct scheme *s = &((struct shipped *)*state)->s;
	static const struct {
		const char *valid_to, *on, *kind, *next;
	} cases[] = {
	    {"2025-03-31", "2024-12-31", "RENEW", "2026-03-31"},
	    {"2025-03-31", "2024-06-01", "RENEW", "2026-03-31"}, /* all the year */
	    {"2025-03-31", "2025-03-31", "RENEW", "2026-03-31"},
	    {"2025-03-31", "2025-04-01", "ENROL", "2026-03-31"},
	    {"2025-03-31", "2026-05-01", "ENROL", "2027-03-31"},
	};
	struct rules *r = shipped_rules("late_renewal_grace_days: {value: 0,",
	    "late_renewal_grace_days: {value: 30,");
	struct scheme grace;
	int64_t next;

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_string_equal(nir_renewal(s, day(cases[i].valid_to), day(cases[i].on), &next),
		    cases[i].kind);
		assert_string_equal(text_of(next), cases[i].next);
	}
	assert_non_null(r);
	assert_true(scheme_now(r, "niramaya", at("2026-11-22T10:00:00+05:30"), &grace));
	assert_string_equal(nir_renewal(&grace, day("2025-03-31"), day("2025-04-30"), &next), "RENEW");
	assert_string_equal(text_of(next), "2026-03-31");
	assert_string_equal(nir_renewal(&grace, day("2025-03-31"), day("2025-05-01"), &next), "ENROL");
	rules_free(r);
}

static void claims_are_due_thirty_days_after_treatment_or_discharge(void **state)
{
	const struct scheme *s = &((struct shipped *)*state)->s;

	assert_string_equal(text_of(nir_claim_due(s, day("2024-06-01"), 0)), "2024-07-01");
	assert_string_equal(text_of(nir_claim_due(s, day("2024-06-01"), day("2024-06-10"))),
	    "2024-07-10");
}

/* ---- the life of an application ---- */

static struct nir_application applied(struct fixture *f, const char *kind, int64_t now_ms)
{
	struct nir_application a = {.msisdn = "919800000001",
	    .category = "BPL",
	    .disability = "AUTISM",
	    .state = "BR",
	    .lang = "hi",
	    .status = "SUBMITTED_AT_RO"};

	snprintf(a.kind, sizeof a.kind, "%s", kind);
	a.received = ist_day(now_ms);
	a.ref = nir_add(f->db, &a, now_ms);
	return a;
}

static void applications_go_their_way_only(void **state)
{
	static const char *const names[] = {"SUBMITTED_AT_RO", "SENT_TO_NT", "INCOMPLETE",
	    "RESUBMITTED", "APPROVED", "REJECTED", "CARD_UPLOADED", "LAPSED"};
	/* A row's letters: which of the columns may follow. */
	static const char *const may[] = {".xx.....", "..x.xx..", "...x...x", "..x.xx..", "......x.",
	    "........", "........", "........"};
	struct shipped *x = *state;
	struct fixture f;

	fixture_open(&f, shipped_rules(NULL, NULL));
	db_begin(f.db, true);
	for (size_t i = 0; i < 8; i++)
		for (size_t k = 0; k < 8; k++) {
			int64_t now_ms = at("2026-11-22T10:00:00+05:30");
			struct nir_application a = applied(&f, "ENROL", now_ms);

			snprintf(a.status, sizeof a.status, "%s", names[i]);
			if (nir_move(f.db, &x->s, &a, names[k], "D2", "a reason", now_ms) !=
			    (may[i][k] == 'x'))
				fail_msg("%s to %s", names[i], names[k]);
		}
	assert_true(db_commit(f.db));
	fixture_close(&f);
}

/* Runs the timers at a time and says how many events there are then. */
static int64_t after(struct fixture *f, const struct scheme *s, const char *time)
{
	db_begin(f->db, true);
	nir_tick(f->db, s, at(time), 100);
	assert_true(db_commit(f->db));
	return ask(f->path, "SELECT count(*) FROM event");
}

static void missing_papers_are_reminded_of_and_then_it_lapses(void **state)
{
	struct shipped *x = *state;
	struct fixture f;
	struct nir_application a;

	fixture_open(&f, shipped_rules(NULL, NULL));
	db_begin(f.db, true);
	a = applied(&f, "ENROL", at("2026-11-01T10:00:00+05:30"));
	assert_true(nir_move(f.db, &x->s, &a, "SENT_TO_NT", "", "", at("2026-11-02T10:00:00+05:30")));
	assert_true(nir_move(f.db, &x->s, &a, "INCOMPLETE", "D2,D3", "",
	    at("2026-11-05T15:00:00+05:30")));
	assert_true(db_commit(f.db));
	/* Sent, and one event for each of the two papers. */
	assert_int_equal(after(&f, &x->s, "2026-11-15T08:59:59+05:30"), 3);
	assert_int_equal(after(&f, &x->s, "2026-11-15T09:00:00+05:30"), 4); /* day 10 */
	assert_int_equal(after(&f, &x->s, "2026-11-19T08:59:59+05:30"), 4);
	assert_int_equal(after(&f, &x->s, "2026-11-19T09:00:00+05:30"), 5); /* day 14 */
	assert_int_equal(after(&f, &x->s, "2026-11-20T23:59:59+05:30"),
	    5); /* the fifteenth is theirs */
	assert_int_equal(after(&f, &x->s, "2026-11-21T00:00:00+05:30"), 6);
	assert_int_equal(ask(f.path,
			     "SELECT count(*) FROM niramaya_application WHERE status = 'LAPSED'"),
	    1);
	assert_int_equal(after(&f, &x->s, "2027-11-21T00:00:00+05:30"), 6);
	assert_int_equal(ask(f.path, "SELECT json_extract(body, '$.data.days') FROM event WHERE type = "
				     "'application.reminder'"
				     " ORDER BY seq LIMIT 1"),
	    5);
	fixture_close(&f);
}

static void a_card_is_reminded_of_until_it_is_renewed(void **state)
{
	static const char *const on[] = {"2026-12-31", "2027-01-31", "2027-02-28", "2027-03-15"};
	struct shipped *x = *state;
	struct fixture f;
	struct nir_application a;
	int64_t now_ms = at("2026-06-01T10:00:00+05:30"), events;
	char time[40];

	fixture_open(&f, shipped_rules(NULL, NULL));
	db_begin(f.db, true);
	a = applied(&f, "ENROL", now_ms);
	assert_true(nir_move(f.db, &x->s, &a, "SENT_TO_NT", "", "", now_ms));
	assert_true(nir_move(f.db, &x->s, &a, "APPROVED", "", "", now_ms));
	assert_string_equal(text_of(a.valid_to), "2027-03-31");
	assert_true(nir_move(f.db, &x->s, &a, "CARD_UPLOADED", "", "", now_ms));
	assert_true(db_commit(f.db));
	events = ask(f.path, "SELECT count(*) FROM event");
	for (size_t i = 0; i < 2; i++) {
		snprintf(time, sizeof time, "%sT08:59:59+05:30", on[i]);
		assert_int_equal(after(&f, &x->s, time), events + (int64_t)i);
		snprintf(time, sizeof time, "%sT09:00:00+05:30", on[i]);
		assert_int_equal(after(&f, &x->s, time), events + (int64_t)i + 1);
	}
	assert_int_equal(ask(f.path, "SELECT json_extract(body, '$.data.fee_rs') FROM event WHERE type "
				     "= 'renewal.due'"),
	    50);
	/* Renewed in February: the card goes on from 1 April, and the old one is not reminded of. */
	now_ms = at("2027-02-10T10:00:00+05:30");
	db_begin(f.db, true);
	a = applied(&f, "RENEW", now_ms);
	assert_true(nir_move(f.db, &x->s, &a, "SENT_TO_NT", "", "", now_ms));
	assert_true(nir_move(f.db, &x->s, &a, "APPROVED", "", "", now_ms));
	assert_string_equal(text_of(a.valid_to), "2028-03-31");
	assert_string_equal(text_of(a.start), "2027-04-01");
	assert_true(nir_move(f.db, &x->s, &a, "CARD_UPLOADED", "", "", now_ms));
	assert_true(db_commit(f.db));
	events = ask(f.path, "SELECT count(*) FROM event");
	assert_int_equal(after(&f, &x->s, "2027-03-31T23:00:00+05:30"), events);
	assert_int_equal(after(&f, &x->s, "2027-12-31T09:00:00+05:30"), events + 1);
	/* A machine that stood still for months reminds once. */
	assert_int_equal(after(&f, &x->s, "2028-03-20T09:00:00+05:30"), events + 2);
	fixture_close(&f);
}

static void mistakes_in_the_maps_are_refused(void **state)
{
	static const char *const bad[][2] = {
	    {"ENROL: {BPL: 250, ", "ENROL: {"},
	    {"RENEW: {BPL: 50,", "RENEW: {BPL: -5,"},
	    {"I: {limit: 70000,", "I: {limit: much,"},
	    {"subs: {a: 8000,", "subs: {a: x,"},
	    {"{BPL: [D1, D2, D3, D4], ", "{"},
	    {"[\"12-31\",", "[\"31-12\","},
	};

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		struct rules *r = shipped_rules(bad[i][0], bad[i][1]);

		if (r)
			fail_msg("taken: %s", bad[i][1]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(fees_and_papers_go_by_category),
	    cmocka_unit_test(the_guardian_may_be_put_behind),
	    cmocka_unit_test(a_bill_is_paid_up_to_every_limit),
	    cmocka_unit_test(a_card_is_valid_to_the_end_of_the_financial_year),
	    cmocka_unit_test(renewal_is_one_more_year_and_late_is_a_new_enrolment),
	    cmocka_unit_test(claims_are_due_thirty_days_after_treatment_or_discharge),
	    cmocka_unit_test(applications_go_their_way_only),
	    cmocka_unit_test(missing_papers_are_reminded_of_and_then_it_lapses),
	    cmocka_unit_test(a_card_is_reminded_of_until_it_is_renewed),
	    cmocka_unit_test(mistakes_in_the_maps_are_refused),
	};

	return cmocka_run_group_tests(tests, open_shipped, close_shipped);
}
