/* SPDX-License-Identifier: BSD-2-Clause */
/* test_ussd_pdu.c - src/codec/ussd_pdu.c, src/codec/form.c. */
#include "codec/form.h"
#include "codec/ussd_pdu.h"
#include "unit.h"

#include <stdlib.h>

static void operations_are_unmistakable(void **state)
{
	static const struct {
		const char *in;
		int want; /* -1: refused */
	} rows[] = {{"0x11", 17}, {"dec 17", 17}, {"0X1f", 31}, {"2", 2}, {"0xff", 255},
	    {"dec 255", 255}, {"11", -1}, {"17", -1}, {"", -1}, {"0x", -1}, {"dec ", -1}, {"dec", -1},
	    {"0x100", -1}, {"dec 256", -1}, {"0x1g", -1}, {"dec 1f", -1}, {"x", -1}, {"-1", -1},
	    {"0x-1", -1}, {"dec -1", -1}, {" 2", -1}, {"0xffffffffffffffff11", -1}};
	uint8_t op;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		op = 99;
		assert_int_equal(ussd_op_parse(rows[i].in, &op), rows[i].want >= 0);
		if (rows[i].want >= 0)
			assert_int_equal(op, rows[i].want);
	}
}

static void what_was_dialled_is_code_and_inputs(void **state)
{
	static const struct {
		const char *dialled, *code, *want; /* NULL: another code */
	} rows[] = {{"*123#", "", ""}, {"*123*1*2#", "", "1*2"}, {"123*1", "", "1"}, {"123", "", ""},
	    {"", "", ""}, {"*123#", "*123#", ""}, {"*123*4#", "*123#", "4"},
	    {"*491*101*2#", "*491*101#", "2"}, {"*491*101#", "*491*101#", ""},
	    {"*491*1012#", "*491*101#", NULL}, {"*124#", "*123#", NULL}, {"1", "*123#", NULL},
	    {"123*1*2", "123", "1*2"}, {"*123#1#", "*123#", "1"}, {"##", "", ""},
	    {" *123# ", "*123#", ""}};
	struct sv got;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *exact = xmemdup(rows[i].dialled, strlen(rows[i].dialled) + 1);
		struct sv in = {exact, strlen(exact)};

		assert_int_equal(ussd_dialled(in, sv_from(rows[i].code), &got), rows[i].want != NULL);
		if (rows[i].want && !sv_is(got, rows[i].want))
			fail_msg("%s: " SV_FMT, rows[i].dialled, SV_ARG(got));
		free(exact);
	}
}

static void a_text_is_one_string_or_none(void **state)
{
	static char many[600];
	uint8_t out[USSD_TEXT_OCTETS];
	enum text_alphabet a;

	(void)state;
	memset(many, 'x', sizeof(many));
	assert_int_equal(ussd_text_encode((struct sv){many, 182}, out, &a), 182);
	assert_int_equal(a, TEXT_GSM7);
	assert_int_equal(ussd_text_encode((struct sv){many, 183}, out, &a), 0);
	assert_int_equal(ussd_text_encode(SV(""), out, &a), 0);
	assert_int_equal(ussd_text_encode(SV("a[\xe2\x82\xac"), out, &a), 5); /* escapes */
	assert_memory_equal(out, "a\x1b\x3c\x1b\x65", 5);
	for (size_t i = 0; i < 91; i++)
		memcpy(many + 2 * i, "[[", 2);
	assert_int_equal(ussd_text_encode((struct sv){many, 91}, out, &a), 182);
	assert_int_equal(ussd_text_encode((struct sv){many, 92}, out, &a), 0);
	for (size_t i = 0; i < 81; i++)
		memcpy(many + 3 * i, "\xe0\xa4\x95", 3);
	assert_int_equal(ussd_text_encode((struct sv){many, 240}, out, &a), 160);
	assert_int_equal(a, TEXT_UCS2);
	assert_memory_equal(out, "\x09\x15\x09\x15", 4);
	assert_int_equal(ussd_text_encode((struct sv){many, 243}, out, &a), 0);
	assert_int_equal(ussd_text_encode(SV("\xf0\x9f\x98\x80"), out, &a), 4);
	assert_memory_equal(out, "\xd8\x3d\xde\x00", 4);
}

static struct ussd_profile profile(void)
{
	struct ussd_profile f = {.out_more = 2,
	    .out_end = 0x17,
	    .id = USSD_ID_ITS,
	    .id_mask = 0xfffe,
	    .end_flag = true,
	    .dcs_ucs2 = 8,
	    .service_type = "USSD"};

	f.in[1] = USSD_OP_BEGIN;
	f.in[0x12] = USSD_OP_NEXT;
	f.in[0x81] = USSD_OP_ABORT;
	return f;
}

static struct smpp_pdu deliver(struct sv op, struct sv its)
{
	struct smpp_pdu p = {.h = {.id = SMPP_DELIVER_SM},
	    .service_type = SV("USSD"),
	    .source_addr = SV("919812345678"),
	    .destination_addr = SV("*123#"),
	    .short_message = SV("1")};

	if (op.p && !smpp_tlv_add(&p, SMPP_TLV_USSD_SERVICE_OP, op))
		abort();
	if (its.p && !smpp_tlv_add(&p, 0x1383, its))
		abort();
	return p;
}

static void a_profile_says_what_comes_in(void **state)
{
	static const struct {
		struct sv op, its;
		enum ussd_op want;
		uint8_t name_last;
	} rows[] = {
	    {{"\x01", 1}, {"\x10\x20", 2}, USSD_OP_BEGIN, 0x20},
	    {{"\x12", 1}, {"\x10\x20", 2}, USSD_OP_NEXT, 0x20},
	    {{"\x12", 1}, {"\x10\x21", 2}, USSD_OP_END, 0x20}, /* the flag ends it */
	    {{"\x81", 1}, {"\x10\x21", 2}, USSD_OP_ABORT, 0x20},
	    {{"\x99", 1}, {"\x10\x20", 2}, USSD_OP_UNKNOWN, 0x20},
	    {{"\x12\x12", 2}, {"\x10\x20", 2}, USSD_OP_UNKNOWN, 0x20},
	    {{"", 0}, {"\x10\x21\x22", 3}, USSD_OP_UNKNOWN, 0x21},
	    {{"\x01", 1}, {"", 0}, USSD_OP_BEGIN, 0},
	    {{"\x01", 1}, {"123456789", 9}, USSD_OP_BEGIN, 0}, /* no name is that long */
	};
	struct ussd_profile f = profile();
	struct smpp_pdu plain = {.h = {.id = SMPP_DELIVER_SM}, .short_message = SV("1")};
	struct ussd_mo mo;

	(void)state;
	assert_false(ussd_pdu_is(&f, &plain));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct smpp_pdu p = deliver(rows[i].op, rows[i].its);

		assert_true(ussd_pdu_is(&f, &p));
		ussd_pdu_read(&f, &p, TEXT_GSM7, &mo);
		assert_int_equal(mo.op, rows[i].want);
		assert_int_equal(mo.id_name[1], rows[i].name_last);
		assert_int_equal(mo.id_octets, rows[i].its.n > USSD_ID_OCTETS ? 0 : rows[i].its.n);
		assert_true(sv_is(mo.dialled, "*123#") && sv_is(mo.octets, "1"));
	}
}

static void alphabets_of_ussd_strings_are_known(void **state)
{
	static const struct {
		uint8_t dcs;
		enum text_alphabet want;
		size_t skips;
	} rows[] = {{0, TEXT_GSM7, 0}, {0x0f, TEXT_GSM7, 0}, {8, TEXT_UCS2, 0}, {0x48, TEXT_UCS2, 0},
	    {0x11, TEXT_UCS2, 2}};
	struct ussd_profile f = profile();
	struct ussd_mo mo;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct smpp_pdu p = deliver(SV("\x12"), SV("\x10\x20"));

		p.short_message = SV("abcd");
		p.data_coding = rows[i].dcs;
		ussd_pdu_read(&f, &p, TEXT_GSM7, &mo);
		assert_int_equal(mo.alphabet, rows[i].want);
		assert_int_equal(mo.octets.n, 4 - rows[i].skips);
	}
	f.code = USSD_CODE_TEXT;
	struct smpp_pdu p = deliver(SV("\x01"), SV("\x10\x20"));

	ussd_pdu_read(&f, &p, TEXT_GSM7, &mo);
	assert_true(sv_is(mo.dialled, "1"));
}

static void a_profile_says_what_goes_out(void **state)
{
	struct ussd_profile f = profile();
	struct ussd_back back = {.id = {0x10, 0x21},
	    .id_octets = 2,
	    .number = SV("919812345678"),
	    .code = SV("*123#"),
	    .number_ton = 1,
	    .number_npi = 1,
	    .code_npi = 9};
	struct ussd_reply r;

	(void)state;
	for (unsigned ends = 0; ends < 2; ends++)
		for (unsigned flag = 0; flag < 2; flag++) {
			f.end_flag = flag;
			assert_true(ussd_pdu_reply(&f, &back, SV("Hi"), ends, &r));
			assert_int_equal(r.pdu.h.id, SMPP_SUBMIT_SM);
			assert_true(sv_is(r.pdu.short_message, "Hi") && r.pdu.data_coding == 0);
			assert_true(sv_is(r.pdu.destination_addr, "919812345678") &&
				    sv_is(r.pdu.source_addr, "*123#"));
			assert_true(r.pdu.dest_addr_ton == 1 && r.pdu.source_addr_npi == 9 &&
				    r.pdu.source_addr_ton == 0);
			assert_int_equal(*smpp_tlv_find(&r.pdu, SMPP_TLV_USSD_SERVICE_OP)->val.p,
			    ends ? 0x17 : 2);
			assert_int_equal((uint8_t)smpp_tlv_find(&r.pdu, 0x1383)->val.p[1],
			    flag ? 0x20 + ends : 0x21);
		}
	f.out_notice = 3;
	assert_true(ussd_pdu_reply(&f, &back, SV("Hi"), USSD_OUT_NOTICE, &r));
	assert_int_equal(*smpp_tlv_find(&r.pdu, SMPP_TLV_USSD_SERVICE_OP)->val.p, 3);
	f.use_data_sm = true;
	f.dcs_ucs2 = 0x48;
	f.esm_class = 1;
	back.id_octets = 0;
	assert_true(ussd_pdu_reply(&f, &back, SV("\xe0\xa4\x95"), true, &r));
	assert_int_equal(r.pdu.h.id, SMPP_DATA_SM);
	assert_true(r.pdu.short_message.n == 0 && r.pdu.data_coding == 0x48 && r.pdu.esm_class == 1);
	assert_memory_equal(smpp_tlv_find(&r.pdu, SMPP_TLV_MESSAGE_PAYLOAD)->val.p, "\x09\x15", 2);
	assert_null(smpp_tlv_find(&r.pdu, 0x1383));
	assert_false(ussd_pdu_reply(&f, &back, SV(""), true, &r));
}

static void form_values_are_decoded(void **state)
{
	static const struct {
		const char *form, *name, *want; /* NULL: absent */
	} rows[] = {{"a=1&b=2", "b", "2"}, {"a=1&b=2", "c", NULL}, {"a=%2A1*2+3%", "a", "*1*2 3%"},
	    {"a&b=", "a", ""}, {"b=", "b", ""}, {"", "a", NULL}, {"a=1&a=2", "a", "1"},
	    {"%61b=x", "ab", "x"}, {"ab=x", "a", NULL}, {"a=x", "ab", NULL},
	    {"a=%E0%A4%95", "a", "\xe0\xa4\x95"}, {"a=%4", "a", "%4"}, {"a=%zz", "a", "%zz"},
	    {"a=x%00y", "a", "xy"}, {"&&a=1", "a", "1"}, {"=1", "a", NULL}, {"a=b=c", "a", "b=c"}};
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = strlen(rows[i].form);
		char *exact = xmemdup(rows[i].form, n ? n : 1);

		buf_reset(&b);
		assert_int_equal(form_get((struct sv){exact, n}, rows[i].name, &b),
		    rows[i].want != NULL);
		if (rows[i].want && strcmp(buf_str(&b), rows[i].want) != 0)
			fail_msg("%s: %s", rows[i].form, buf_str(&b));
		free(exact);
	}
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(operations_are_unmistakable),
	    cmocka_unit_test(what_was_dialled_is_code_and_inputs),
	    cmocka_unit_test(a_text_is_one_string_or_none),
	    cmocka_unit_test(a_profile_says_what_comes_in),
	    cmocka_unit_test(alphabets_of_ussd_strings_are_known),
	    cmocka_unit_test(a_profile_says_what_goes_out),
	    cmocka_unit_test(form_values_are_decoded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
