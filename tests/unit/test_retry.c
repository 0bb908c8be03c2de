/* SPDX-License-Identifier: BSD-2-Clause */
/* test_retry.c - what becomes of a submit that was not taken. Statuses are written as numbers here, so
 * that a slip in the names cannot agree with itself (SMPP 3.4 s.5.1.3). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "engine/retry.h"
#include "engine/status_words.h"

#define NOW 1000000u
#define FAR (NOW + 3600000u)

static const struct {
	uint32_t status;
	unsigned attempts;
	enum retry_action action;
	uint64_t delay_ms, hold_ms;
	const char *reason;
} rows[] = {
    {0x58, 1, RETRY_SLOWER, 1000, 1000, "throttled"},
    {0x58, 500, RETRY_SLOWER, 1000, 1000, "throttled"},
    {0x14, 1, RETRY_SLOWER, 1000, 1000, "throttled"},
    {0x08, 1, RETRY_AGAIN, 1000, 0, "temporary"},
    {0x64, 1, RETRY_AGAIN, 1000, 0, "temporary"},
    {0x61, 1, RETRY_AGAIN, 1000, 0, "temporary"},
    {0x04, 1, RETRY_AGAIN, 1000, 0, "temporary"},
    {0x08, 99, RETRY_AGAIN, 60000, 0, "temporary"},
    {0x08, 100, RETRY_NEVER, 60000, 0, "temporary"},
    {0x45, 1, RETRY_AGAIN, 1000, 0, "ambiguous"},
    {0x45, 2, RETRY_NEVER, 2000, 0, "ambiguous"},
    {0xFE, 1, RETRY_AGAIN, 1000, 0, "ambiguous"},
    {0xFF, 1, RETRY_AGAIN, 1000, 0, "ambiguous"},
    {0xFF, 2, RETRY_NEVER, 2000, 0, "ambiguous"},
    {0x400, 1, RETRY_AGAIN, 1000, 0, "ambiguous"},
    {0x4FF, 1, RETRY_AGAIN, 1000, 0, "ambiguous"},
    {0x4FF, 2, RETRY_NEVER, 2000, 0, "ambiguous"},
    {0x3FF, 1, RETRY_NEVER, 0, 0, "permanent"},
    {0x500, 1, RETRY_NEVER, 0, 0, "permanent"},
    {0x01, 1, RETRY_NEVER, 0, 0, "permanent"}, /* ESME_RINVMSGLEN */
    {0x0A, 1, RETRY_NEVER, 0, 0, "permanent"}, /* ESME_RINVSRCADR */
    {0x0B, 1, RETRY_NEVER, 0, 0, "permanent"}, /* ESME_RINVDSTADR */
    {0x65, 1, RETRY_NEVER, 0, 0, "permanent"}, /* ESME_RX_P_APPN */
    {633, 1, RETRY_NEVER, 0, 0, "permanent"}, /* DLT: template not matched */
    {636, 1, RETRY_AGAIN, 1000, 0, "ambiguous"},
    {670, 1, RETRY_AGAIN, 1000, 0, "temporary"},
    {0x12345, 1, RETRY_NEVER, 0, 0, "permanent"},
    {0xFFFF0001, 1, RETRY_AGAIN, 0, 0, "no_answer"},
    {0xFFFF0002, 1, RETRY_AGAIN, 0, 0, "link_lost"},
    {0xFFFF0001, 2, RETRY_AGAIN, 1000, 0, "no_answer"},
    {0xFFFF0002, 3, RETRY_AGAIN, 2000, 0, "link_lost"},
    {0xFFFF0002, 1000, RETRY_AGAIN, 60000, 0, "link_lost"},
};

static void every_status_has_its_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct retry r =
		    retry_decide(NULL, CLASS_REPLY, rows[i].status, rows[i].attempts, NOW, FAR, 0);

		if (r.action != rows[i].action || r.delay_ms != rows[i].delay_ms ||
		    r.hold_ms != rows[i].hold_ms || strcmp(r.reason, rows[i].reason) != 0)
			fail_msg("0x%x try %u: action %u delay %llu hold %llu %s", rows[i].status,
			    rows[i].attempts, r.action, (unsigned long long)r.delay_ms,
			    (unsigned long long)r.hold_ms, r.reason);
	}
}

static void pauses_double_up_to_a_minute(void **state)
{
	static const unsigned want[] = {
	    1000, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000};

	(void)state;
	for (unsigned n = 0; n < sizeof(want) / sizeof(want[0]); n++)
		assert_int_equal(retry_decide(NULL, CLASS_REPLY, 0x08, n, NOW, FAR, 0).delay_ms,
		    want[n]);
	assert_int_equal(retry_decide(NULL, CLASS_REPLY, 0xFFFF0001, UINT32_MAX, NOW, FAR, 0).delay_ms,
	    60000);
}

static void jitter_shortens_a_pause_by_less_than_a_quarter(void **state)
{
	uint64_t least = UINT64_MAX, most = 0;

	(void)state;
	for (unsigned n = 1; n < 12; n++) {
		uint64_t whole = retry_decide(NULL, CLASS_REPLY, 0x64, n, NOW, FAR, 0).delay_ms;

		for (uint32_t j = 0; j < 1024; j++) {
			uint64_t d = retry_decide(NULL, CLASS_REPLY, 0x64, n, NOW, FAR, j * 2654435761u)
					 .delay_ms;

			assert_true(d <= whole && d * 4 > whole * 3);
			if (n == 1) {
				least = d < least ? d : least;
				most = d > most ? d : most;
			}
		}
	}
	assert_true(least < 760 && most > 990); /* the whole of the quarter is used */
}

static void a_try_that_would_come_after_the_end_of_life_is_not_made(void **state)
{
	static const struct {
		uint32_t status;
		uint64_t life; /* the shortest with another try */
	} row[] = {
	    {0x58, 1001}, {0x14, 1001}, {0x08, 1001}, {0x45, 1001}, {0xFFFF0001, 1}, {0xFFFF0002, 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct retry r =
		    retry_decide(NULL, CLASS_REPLY, row[i].status, 1, NOW, NOW + row[i].life - 1, 0);

		assert_int_equal(r.action, RETRY_NEVER);
		assert_string_equal(r.reason, "expired");
		assert_int_equal(r.hold_ms, 0);
		assert_int_not_equal(retry_decide(NULL, CLASS_REPLY, row[i].status, 1, NOW,
					 NOW + row[i].life, 0)
					 .action,
		    RETRY_NEVER);
		assert_int_equal(retry_decide(NULL, CLASS_REPLY, row[i].status, 1, NOW, 1, 0).action,
		    RETRY_NEVER); /* long over */
	}
	/* what is permanent says so, also after its life */
	assert_string_equal(retry_decide(NULL, CLASS_REPLY, 0x0B, 1, NOW, 1, 0).reason, "permanent");
}

static void an_ambiguous_answer_ends_no_code_and_no_alert_before_its_life(void **state)
{
	(void)state;
	for (unsigned c = 0; c < MSG_CLASSES; c++) {
		bool must_come = c == (unsigned)CLASS_OTP || c == (unsigned)CLASS_ALERT;
		struct retry r = retry_decide(NULL, (enum msg_class)c, 0x45, 5, NOW, FAR, 0);

		assert_int_equal(r.action, must_come ? RETRY_AGAIN : RETRY_NEVER);
	}
}

static void a_link_may_say_otherwise(void **state)
{
	struct retry_rule v[] = {{0x45, 0x45, RETRY_KIND_LATER}, {0x400, 0x40F, RETRY_KIND_SLOWER},
	    {0x400, 0x4FF, RETRY_KIND_NEVER}, {0x0B, 0x0B, RETRY_KIND_AGAIN}};
	struct retry_rules rules = {v, sizeof(v) / sizeof(v[0])};
	static const struct {
		uint32_t status;
		enum retry_action action;
		const char *reason;
	} want[] = {{0x45, RETRY_AGAIN, "temporary"}, {0x40F, RETRY_SLOWER, "throttled"},
	    {0x410, RETRY_NEVER, "permanent"}, {0x0B, RETRY_AGAIN, "again"},
	    {0x0A, RETRY_NEVER, "permanent"}, {0x58, RETRY_SLOWER, "throttled"}};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct retry r = retry_decide(&rules, CLASS_REPLY, want[i].status, 3, NOW, FAR, 0);

		assert_int_equal(r.action, want[i].action);
		assert_string_equal(r.reason, want[i].reason);
	}
}

static void refusals_have_plain_words(void **state)
{
	(void)state;
	assert_string_equal(status_words(0x0B), "there is no such number");
	assert_string_equal(status_words(633), "DLT: the text does not match its template");
	assert_string_equal(status_words(0x777), "");
	assert_string_equal(status_words_of_err(SV("650")),
	    "DLT: the person does not want such messages (DND)");
	assert_string_equal(status_words_of_err(SV("0633")),
	    "DLT: the text does not match its template");
	assert_string_equal(status_words_of_err(SV("11")),
	    ""); /* a vendor's own, not ESME_RINVDSTADR */
	assert_string_equal(status_words_of_err(SV("6E3")), "");
	assert_string_equal(status_words_of_err(SV("")), "");
	assert_string_equal(status_words_of_err(SV("99999999999")), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(an_ambiguous_answer_ends_no_code_and_no_alert_before_its_life),
	    cmocka_unit_test(a_link_may_say_otherwise),
	    cmocka_unit_test(refusals_have_plain_words),
	    cmocka_unit_test(every_status_has_its_row),
	    cmocka_unit_test(pauses_double_up_to_a_minute),
	    cmocka_unit_test(jitter_shortens_a_pause_by_less_than_a_quarter),
	    cmocka_unit_test(a_try_that_would_come_after_the_end_of_life_is_not_made),
	};

	return cmocka_run_group_tests_name("retry", tests, NULL, NULL);
}
