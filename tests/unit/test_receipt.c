/* SPDX-License-Identifier: BSD-2-Clause */
/* test_receipt.c - src/codec/receipt.c: receipts as message centres were seen to send them. */
#include "codec/receipt.h"
#include "unit.h"

static const struct {
	const char *text, *id;
	enum receipt_state state;
	const char *err;
} texts[] = {
    /* SMPP 3.4 appendix B */
    {"id:0123456789 sub:001 dlvrd:001 submit date:0903011200 done date:0903011201 stat:DELIVRD err:000 "
     "text:Your token",
	"0123456789", RECEIPT_DELIVERED, "000"},
    {"id:1 sub:001 dlvrd:000 submit date:0903011200 done date:0903011201 stat:EXPIRED err:001 text:",
	"1", RECEIPT_EXPIRED, "001"},
    {"id:1 stat:DELETED err:1", "1", RECEIPT_DELETED, "1"},
    {"id:1 stat:UNDELIV err:1", "1", RECEIPT_UNDELIVERABLE, "1"},
    {"id:1 stat:ACCEPTD err:1", "1", RECEIPT_ACCEPTED, "1"},
    {"id:1 stat:UNKNOWN err:1", "1", RECEIPT_UNKNOWN, "1"},
    {"id:1 stat:REJECTD err:1", "1", RECEIPT_REJECTED, "1"},
    {"id:1 stat:ENROUTE err:1", "1", RECEIPT_ENROUTE, "1"},
    /* without sub: and dlvrd: */
    {"id:c44760eb-f9cd-4b19-8bb7-9a1b2c3d4e5f submit date:260301120000 done date:260301120001 "
     "stat:DELIVRD err:000 Text:x",
	"c44760eb-f9cd-4b19-8bb7-9a1b2c3d4e5f", RECEIPT_DELIVERED, "000"},
    /* dates of 14 digits, and with a zone */
    {"id:7 sub:001 dlvrd:001 submit date:20260301120000 done date:20260301120001 stat:DELIVRD err:0 "
     "text:",
	"7", RECEIPT_DELIVERED, "0"},
    {"id:7 sub:000 dlvrd:000 submit date:180711070003912+ done date:180711070000012+ stat:UNDELIV "
     "err:000",
	"7", RECEIPT_UNDELIVERABLE, "000"},
    {"id:7 submit date:2026-03-01 12:00 done date:2026-03-01 12:01 stat:DELIVRD err:0", "7",
	RECEIPT_DELIVERED, "0"},
    /* words and letters of their own */
    {"id:8 stat:FAILED err:63A Text:x", "8", RECEIPT_UNDELIVERABLE, "63A"},
    {"id:8 stat:BUFFRED err:0", "8", RECEIPT_ENROUTE, "0"},
    {"id:8 stat:BUFFERD err:0", "8", RECEIPT_ENROUTE, "0"},
    {"id:8 stat:ACKED err:0", "8", RECEIPT_ENROUTE, "0"},
    {"id:8 stat:Delivered err:0", "8", RECEIPT_DELIVERED, "0"},
    {"ID:8 Stat:undelivered Err:0", "8", RECEIPT_UNDELIVERABLE, "0"},
    {"stat:DELIVRD id:8", "8", RECEIPT_DELIVERED, ""},
    /* blanks in odd places, padding */
    {"id: 0009 sub: 1 stat: DELIVRD err: Text: id:5", "0009", RECEIPT_DELIVERED, ""},
    {"  id:9\tstat:DELIVRD\r\nerr:5\n", "9", RECEIPT_DELIVERED, "5"},
    {"id:9 stat:DELIVRD text:stat:FAILED err:9", "9", RECEIPT_DELIVERED, ""},
    {"id:9 stat:DELIVRD id:5 stat:FAILED", "9", RECEIPT_DELIVERED, ""}, /* the first of each */
    /* half of it */
    {"id:9", "9", RECEIPT_UNKNOWN, ""},
    {"id:9 stat:WHATEVER", "9", RECEIPT_UNKNOWN, ""},
    {"stat:DELIVRD", "", RECEIPT_DELIVERED, ""},
    {"id: stat:DELIVRD", "", RECEIPT_DELIVERED, ""},
    /* the comma form */
    {"00,0210021543,0210021544", "", RECEIPT_DELIVERED, "00"},
    {"01,0210021543", "", RECEIPT_UNDELIVERABLE, "01"},
    {"12,0210021543", "", RECEIPT_UNDELIVERABLE, "12"},
};

static struct smpp_pdu pdu_with(struct sv text)
{
	struct smpp_pdu p = {.h = {.id = SMPP_DELIVER_SM}, .esm_class = SMPP_ESM_RECEIPT};

	p.short_message = text;
	return p;
}

static void every_shape_of_text_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct smpp_pdu p = pdu_with(sv_from(texts[i].text));
		struct receipt r;

		if (!receipt_read(&p, &r) || strcmp(r.id, texts[i].id) != 0 ||
		    r.state != texts[i].state || !sv_is(r.err, texts[i].err))
			fail_msg("%s: id \"%s\" state %s err \"" SV_FMT "\"", texts[i].text, r.id,
			    receipt_state_name(r.state), SV_ARG(r.err));
	}
}

static void what_is_no_receipt_is_not_read_as_one(void **state)
{
	static const char *const others[] = {"", "hello", "idea: state", "REG 00,12", "00", "00,",
	    "00,x", "0,0210021543", "00000,0210021543", "text:id:1 stat:DELIVRD",
	    "paid:5 upstat:DELIVRD"};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(others); i++) {
		struct smpp_pdu p = pdu_with(sv_from(others[i]));
		struct receipt r;

		if (receipt_read(&p, &r))
			fail_msg("%s: id \"%s\" state %s", others[i], r.id,
			    receipt_state_name(r.state));
	}
}

static void every_prefix_of_a_text_can_be_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		for (size_t n = 0; n <= strlen(texts[i].text); n++) {
			void *heap = exact(texts[i].text, n);
			struct smpp_pdu p = pdu_with((struct sv){heap, n});
			struct receipt r;

			(void)!receipt_read(&p, &r);
			(void)receipt_is_like(&p);
			free(heap);
		}
	}
}

static void tlvs_come_before_the_text(void **state)
{
	struct smpp_pdu p = pdu_with(SV("id:text stat:FAILED err:5"));
	struct receipt r;

	(void)state;
	assert_true(smpp_tlv_add(&p, SMPP_TLV_RECEIPTED_MESSAGE_ID, (struct sv){"tlv\0", 4}));
	assert_true(smpp_tlv_add(&p, SMPP_TLV_MESSAGE_STATE, SV("\x02")));
	assert_true(receipt_read(&p, &r));
	assert_string_equal(r.id, "tlv");
	assert_int_equal(r.state, RECEIPT_DELIVERED);
	assert_true(sv_is(r.err, "5"));
}

static void tlvs_alone_are_enough(void **state)
{
	static const struct {
		struct sv id, tlv_state;
		const char *want_id;
		enum receipt_state want;
	} rows[] = {
	    {{"ab\0", 3}, {"\x05", 1}, "ab", RECEIPT_UNDELIVERABLE},
	    {{"ab", 2}, {"\x08", 1}, "ab", RECEIPT_REJECTED}, /* no NUL */
	    {{"ab  \0", 5}, {"\x00", 1}, "ab", RECEIPT_ENROUTE}, /* padded; SCHEDULED of SMPP 5.0 */
	    {{"ab", 2}, {"\x09", 1}, "ab", RECEIPT_UNDELIVERABLE}, /* SKIPPED of SMPP 5.0 */
	    {{"ab", 2}, {"\x0A", 1}, "ab", RECEIPT_UNKNOWN},
	    {{"ab", 2}, {"\x02\x02", 2}, "ab", RECEIPT_UNKNOWN},
	    {{"", 0}, {"\x02", 1}, "", RECEIPT_DELIVERED},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct smpp_pdu p = pdu_with(SV(""));
		struct receipt r;

		assert_true(smpp_tlv_add(&p, SMPP_TLV_RECEIPTED_MESSAGE_ID, rows[i].id));
		assert_true(smpp_tlv_add(&p, SMPP_TLV_MESSAGE_STATE, rows[i].tlv_state));
		assert_true(receipt_read(&p, &r));
		assert_string_equal(r.id, rows[i].want_id);
		assert_int_equal(r.state, rows[i].want);
	}
}

static void an_id_that_is_too_long_is_cut(void **state)
{
	char text[300] = "id:";
	struct smpp_pdu p;
	struct receipt r;

	(void)state;
	memset(text + 3, 'x', 200);
	for (size_t n = RECEIPT_ID_CAP - 1; n < RECEIPT_ID_CAP + 2; n++) {
		p = pdu_with((struct sv){text, 3 + n});
		assert_true(receipt_read(&p, &r));
		assert_int_equal(strlen(r.id), RECEIPT_ID_CAP - 1);
	}
}

static void the_esm_class_or_a_tlv_makes_it_a_receipt(void **state)
{
	static const struct {
		uint8_t esm;
		bool has_id, want;
	} rows[] = {{0x00, false, false}, {0x04, false, true}, {0x08, false, true}, {0x20, false, true},
	    {0x24, false, true}, {0x10, false, false}, {0x18, false, false}, {0x40, false, false},
	    {0x44, false, true}, {0x03, false, false}, {0x00, true, true}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct smpp_pdu p = {.esm_class = rows[i].esm};

		if (rows[i].has_id)
			assert_true(smpp_tlv_add(&p, SMPP_TLV_RECEIPTED_MESSAGE_ID, SV("1")));
		assert_int_equal(receipt_is(&p), rows[i].want);
	}
}

static void only_a_text_with_id_and_a_known_state_is_like_a_receipt(void **state)
{
	static const struct {
		const char *text;
		bool want;
	} rows[] = {{"id:1 stat:DELIVRD", true}, {"ID:1 sub:1 Stat:Failed", true}, {"id:1", false},
	    {"stat:DELIVRD id:1", false}, {"my id:1 stat:DELIVRD", false}, {"id:1 stat:ok", false},
	    {"", false}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct smpp_pdu p = pdu_with(sv_from(rows[i].text));

		assert_int_equal(receipt_is_like(&p), rows[i].want);
	}
}

static void ids_are_compared_in_one_form(void **state)
{
	static const struct {
		struct sv id;
		const char *want;
	} rows[] = {{SV("0F2504E0-4F89-41D3-9A0C-0305E82C3301"), "f2504e04f8941d39a0c0305e82c3301"},
	    {SV("{1F2504E0-4F89-41D3-9A0C-0305E82C3301}"), "1f2504e04f8941d39a0c0305e82c3301"},
	    {SV("1F2504E0-4F89-41D3 -9A0C-0305E82C3301"), "1f2504e04f8941d39a0c0305e82c3301"},
	    {SV("0x001A"), "1a"}, {SV("0{x}"), "{x}"}, {{"0012AB", 6}, "12ab"}, {{" 12ab ", 6}, "12ab"},
	    {{"000", 3}, "0"}, {{"", 0}, ""}, {{"0 0 1", 5}, "1"}, {{"a b\0", 4}, "ab"},
	    {{NULL, 0}, ""}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		char out[RECEIPT_ID_CAP], again[RECEIPT_ID_CAP];

		receipt_id_normal(rows[i].id, out);
		assert_string_equal(out, rows[i].want);
		receipt_id_normal(sv_from(out), again);
		assert_string_equal(again, out);
	}
}

static void states_have_names_and_some_are_final(void **state)
{
	(void)state;
	assert_string_equal(receipt_state_name(RECEIPT_DELIVERED), "DELIVRD");
	assert_string_equal(receipt_state_name((enum receipt_state)0), "UNKNOWN");
	assert_string_equal(receipt_state_name((enum receipt_state)99), "UNKNOWN");
	assert_true(receipt_is_final(RECEIPT_DELIVERED));
	assert_true(receipt_is_final(RECEIPT_REJECTED));
	assert_false(receipt_is_final(RECEIPT_ENROUTE));
	assert_false(receipt_is_final(RECEIPT_ACCEPTED));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_shape_of_text_is_read),
	    cmocka_unit_test(what_is_no_receipt_is_not_read_as_one),
	    cmocka_unit_test(every_prefix_of_a_text_can_be_read),
	    cmocka_unit_test(tlvs_come_before_the_text),
	    cmocka_unit_test(tlvs_alone_are_enough),
	    cmocka_unit_test(an_id_that_is_too_long_is_cut),
	    cmocka_unit_test(the_esm_class_or_a_tlv_makes_it_a_receipt),
	    cmocka_unit_test(only_a_text_with_id_and_a_known_state_is_like_a_receipt),
	    cmocka_unit_test(ids_are_compared_in_one_form),
	    cmocka_unit_test(states_have_names_and_some_are_final),
	};

	return cmocka_run_group_tests_name("receipt", tests, NULL, NULL);
}
