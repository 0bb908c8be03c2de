/* SPDX-License-Identifier: BSD-2-Clause */
/* test_smpp_pdu.c - src/codec/smpp_pdu.c and smpp_names.c. Octets are written out by hand from the
 * specification (SMPP 3.4), so that the codec cannot agree with its own mistakes. */
#include "smpp_samples.h"
#include "unit.h"

#define HDR(len, id3, id0, status, seq) 0, 0, 0, len, id3, 0, 0, id0, 0, 0, 0, status, 0, 0, 0, seq

/* s.4.1.5 */
static const uint8_t bind_pdu[] = {HDR(40, 0, 9, 0, 1), 'd', 'a', 'k', 'i', 'y', 'a', 0, 's', 'e', 'c',
    'r', 'e', 't', '0', '8', 0, 'S', 'M', 'S', 0, 0x34, 6, 8, 0};
/* s.4.6.1: source 919812345678, destination 56161, "hi", and a user_message_reference */
static const uint8_t deliver_pdu[] = {HDR(62, 0, 5, 0, 7), 0, 1, 2, '9', '1', '9', '8', '1', '2', '3',
    '4', '5', '6', '7', '8', 0, 3, 0, '5', '6', '1', '6', '1', 0, 0x40, 0x11, 2, 0, 0, 0x13, 1, 0x14,
    0x15, 2, 'h', 'i', 0x02, 0x04, 0, 2, 0xAB, 0xCD, 0x14, 0, 0, 0};
/* s.4.4.2 */
static const uint8_t submit_resp_pdu[] = {HDR(20, 0x80, 4, 0, 9), 'a', 'b', '1', 0};

static struct smpp_pdu decoded(const void *p, size_t n, enum smpp_pdu_rc want)
{
	struct smpp_pdu pdu;

	assert_int_equal(smpp_pdu_decode(p, n, &pdu), want);
	return pdu;
}

static void a_bind_is_read_field_by_field(void **state)
{
	struct smpp_pdu p = decoded(bind_pdu, sizeof bind_pdu, SMPP_PDU_OK);

	(void)state;
	assert_int_equal(p.h.len, sizeof bind_pdu);
	assert_int_equal(p.h.id, SMPP_BIND_TRANSCEIVER);
	assert_int_equal(p.h.seq, 1);
	assert_true(sv_is(p.system_id, "dakiya"));
	assert_true(sv_is(p.password, "secret08"));
	assert_true(sv_is(p.system_type, "SMS"));
	assert_int_equal(p.interface_version, 0x34);
	assert_int_equal(p.addr_ton, 6);
	assert_int_equal(p.addr_npi, 8);
	assert_true(sv_is(p.address_range, ""));
}

static void a_deliver_sm_is_read_field_by_field(void **state)
{
	struct smpp_pdu p = decoded(deliver_pdu, sizeof deliver_pdu, SMPP_PDU_OK);

	(void)state;
	assert_int_equal(p.source_addr_ton, 1);
	assert_int_equal(p.source_addr_npi, 2);
	assert_int_equal(p.dest_addr_npi, 0);
	assert_int_equal(p.protocol_id, 0x11);
	assert_int_equal(p.priority_flag, 2);
	assert_int_equal(p.registered_delivery, 0x13);
	assert_int_equal(p.replace_if_present_flag, 1);
	assert_int_equal(p.data_coding, 0x14);
	assert_int_equal(p.sm_default_msg_id, 0x15);
	assert_true(sv_is(p.source_addr, "919812345678"));
	assert_int_equal(p.dest_addr_ton, 3);
	assert_true(sv_is(p.destination_addr, "56161"));
	assert_int_equal(p.esm_class, SMPP_ESM_UDHI);
	assert_true(sv_is(p.short_message, "hi"));
	assert_int_equal(p.tlv_count, 2);
	assert_non_null(smpp_tlv_find(&p, SMPP_TLV_USER_MESSAGE_REFERENCE));
	assert_memory_equal(smpp_tlv_find(&p, SMPP_TLV_USER_MESSAGE_REFERENCE)->val.p, "\xAB\xCD", 2);
	assert_int_equal(smpp_tlv_find(&p, 0x1400)->val.n, 0);
	assert_null(smpp_tlv_find(&p, 0x1401));
}

static void what_was_read_is_written_as_the_same_octets(void **state)
{
	static const struct {
		const uint8_t *p;
		size_t n;
	} rows[] = {{bind_pdu, sizeof bind_pdu}, {deliver_pdu, sizeof deliver_pdu},
	    {submit_resp_pdu, sizeof submit_resp_pdu}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		struct smpp_pdu p = decoded(rows[i].p, rows[i].n, SMPP_PDU_OK);
		uint8_t out[200];
		struct wr w = wr_make(out, sizeof out);

		smpp_pdu_encode(&p, &w);
		assert_false(w.err);
		assert_int_equal(w.n, rows[i].n);
		assert_memory_equal(out, rows[i].p, w.n);
	}
}

/* A PDU cut to n octets whose command_length says n, too. */
static void *cut(const uint8_t *pdu, size_t n)
{
	uint8_t *p = exact(pdu, n);

	if (n >= 4) {
		memset(p, 0, 4);
		p[2] = (uint8_t)(n >> 8);
		p[3] = (uint8_t)n;
	}
	return p;
}

static void every_prefix_is_refused_without_reading_past_it(void **state)
{
	/* where the mandatory part of deliver_pdu ends, and where its first TLV does */
	const size_t mandatory = sizeof deliver_pdu - 10, first_tlv = sizeof deliver_pdu - 4;

	(void)state;
	for (size_t n = 0; n < sizeof bind_pdu; n++) {
		void *p = cut(bind_pdu, n);

		(void)decoded(p, n, SMPP_PDU_BAD_LEN);
		free(p);
	}
	for (size_t n = 0; n < sizeof deliver_pdu; n++) {
		bool is_whole = n == mandatory || n == first_tlv;
		enum smpp_pdu_rc want = n < mandatory ? SMPP_PDU_BAD_LEN
					: is_whole    ? SMPP_PDU_OK
						      : SMPP_PDU_BAD_TLV;
		void *p = cut(deliver_pdu, n);
		struct smpp_pdu pdu = decoded(p, n, want);

		if (want == SMPP_PDU_BAD_TLV) { /* the mandatory part is there to be answered */
			assert_true(sv_is(pdu.short_message, "hi"));
			assert_int_equal(pdu.tlv_count, n > first_tlv);
		}
		free(p);
	}
}

static void a_length_other_than_the_octets_there_is_refused(void **state)
{
	(void)state;
	(void)decoded(deliver_pdu, sizeof deliver_pdu - 1, SMPP_PDU_BAD_LEN);
	(void)decoded(deliver_pdu, 3, SMPP_PDU_BAD_LEN);
}

static void the_header_is_known_even_when_the_rest_is_not(void **state)
{
	static const uint8_t multi[] = {HDR(17, 0, 0x21, 0, 9), 0};
	struct smpp_pdu p = decoded(multi, sizeof multi, SMPP_PDU_UNKNOWN);

	(void)state;
	assert_int_equal(p.h.id, SMPP_SUBMIT_MULTI);
	assert_int_equal(p.h.seq, 9);
}

static void a_response_may_be_the_header_alone(void **state)
{
	static const uint8_t failed[] = {HDR(16, 0x80, 4, 0x58, 9)}, terse[] = {HDR(16, 0x80, 5, 0, 9)},
			     request[] = {HDR(16, 0, 4, 0, 9)};
	struct smpp_pdu p = decoded(failed, sizeof failed, SMPP_PDU_OK);

	(void)state;
	assert_int_equal(p.h.status, ESME_RTHROTTLED);
	assert_int_equal(p.message_id.n, 0);
	(void)decoded(terse, sizeof terse, SMPP_PDU_OK);
	(void)decoded(request, sizeof request, SMPP_PDU_BAD_LEN);
}

static void a_message_id_may_lack_its_nul_at_the_end(void **state)
{
	static const uint8_t pdu[] = {HDR(19, 0x80, 4, 0, 9), 'a', 'b', '1'};
	void *heap = exact(pdu, sizeof pdu);
	struct smpp_pdu p = decoded(heap, sizeof pdu, SMPP_PDU_OK);
	uint8_t much[16 + 65] = {HDR(81, 0x80, 4, 0, 9)};

	(void)state;
	assert_true(sv_is(p.message_id, "ab1"));
	free(heap);
	memset(much + 16, 'x', 65); /* 65 octets are one too many without a NUL */
	(void)decoded(much, sizeof much, SMPP_PDU_BAD_LEN);
}

static void fields_that_are_too_long_are_not_written(void **state)
{
	static const char text[300] = "";
	uint8_t out[1000];
	struct smpp_pdu p = {.h = {.id = SMPP_SUBMIT_SM}};
	struct wr w = wr_make(out, sizeof out);

	(void)state;
	p.short_message = (struct sv){text, 254}; /* s.5.2.21 */
	smpp_pdu_encode(&p, &w);
	assert_false(w.err);
	p.short_message.n = 255;
	w = wr_make(out, sizeof out);
	smpp_pdu_encode(&p, &w);
	assert_true(w.err);
	p.short_message.n = 0;
	p.source_addr = SV("123456789012345678901"); /* 21 without its NUL, s.5.2.8 */
	w = wr_make(out, sizeof out);
	smpp_pdu_encode(&p, &w);
	assert_true(w.err);
	p.source_addr.n = 20;
	w = wr_make(out, sizeof out);
	smpp_pdu_encode(&p, &w);
	assert_false(w.err);
	w = wr_make(out, w.n - 1);
	smpp_pdu_encode(&p, &w);
	assert_true(w.err);
	p.h.id = SMPP_SUBMIT_MULTI;
	w = wr_make(out, sizeof out);
	smpp_pdu_encode(&p, &w);
	assert_true(w.err);
}

static void an_error_response_is_written_as_the_header_alone(void **state)
{
	uint8_t out[100];
	struct wr w = wr_make(out, sizeof out);
	struct smpp_pdu p = {
	    .h = {.id = SMPP_DELIVER_SM | SMPP_RESP, .status = ESME_RX_T_APPN, .seq = 3}};

	(void)state;
	p.message_id = SV("x");
	wr_u8(&w, 0xEE); /* a PDU may follow others in one buffer */
	smpp_pdu_encode(&p, &w);
	assert_int_equal(w.n, 1 + SMPP_HDR_LEN);
	assert_memory_equal(out + 1, ((const uint8_t[]){HDR(16, 0x80, 5, 0x64, 3)}), SMPP_HDR_LEN);
}

static void more_tlvs_than_are_kept_are_counted(void **state)
{
	uint8_t pdu[16 + 4 * (SMPP_TLV_MAX + 3)] = {HDR(16 + 4 * (SMPP_TLV_MAX + 3), 0, 0x15, 0, 1)};
	struct smpp_pdu p = decoded(pdu, sizeof pdu, SMPP_PDU_OK);

	(void)state;
	assert_int_equal(p.tlv_count, SMPP_TLV_MAX);
	assert_int_equal(p.tlv_dropped, 3);
	assert_false(smpp_tlv_add(&p, 1, SV("x")));
	p.tlv_count = 0;
	assert_false(smpp_tlv_add(&p, 1, (struct sv){"", 65536}));
	assert_true(smpp_tlv_add(&p, 1, SV("x")));
}

static void the_text_is_the_short_message_or_the_payload(void **state)
{
	struct smpp_pdu p = {0};

	(void)state;
	assert_int_equal(smpp_pdu_message(&p).n, 0);
	assert_true(smpp_tlv_add(&p, SMPP_TLV_MESSAGE_PAYLOAD, SV("long")));
	assert_true(sv_is(smpp_pdu_message(&p), "long"));
	p.short_message = SV("short");
	assert_true(sv_is(smpp_pdu_message(&p), "short"));
}

static void framing_answers_ok_more_or_bad_and_consumes_nothing(void **state)
{
	static const struct {
		uint32_t len;
		size_t n;
		enum smpp_frame_rc want;
	} rows[] = {
	    {16, 0, SMPP_FRAME_MORE},
	    {16, 3, SMPP_FRAME_MORE},
	    {16, 4, SMPP_FRAME_MORE},
	    {16, 15, SMPP_FRAME_MORE},
	    {16, 16, SMPP_FRAME_OK},
	    {16, 40, SMPP_FRAME_OK}, /* the next PDU has begun to come */
	    {15, 4, SMPP_FRAME_BAD}, /* known at once: no need to wait for 16 octets */
	    {0, 4, SMPP_FRAME_BAD},
	    {SMPP_PDU_MAX, 20, SMPP_FRAME_MORE},
	    {SMPP_PDU_MAX + 1, 20, SMPP_FRAME_BAD},
	    {0xFFFFFFFF, 20, SMPP_FRAME_BAD},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		uint8_t head[40] = {(uint8_t)(rows[i].len >> 24), (uint8_t)(rows[i].len >> 16),
		    (uint8_t)(rows[i].len >> 8), (uint8_t)rows[i].len, 0, 0, 0, 0x15, 0, 0, 0, 2, 0, 0,
		    0, 9};
		void *p = exact(head, rows[i].n);
		struct smpp_hdr h;

		assert_int_equal(smpp_frame_peek(p, rows[i].n, &h), rows[i].want);
		if (rows[i].want == SMPP_FRAME_OK) {
			assert_int_equal(h.len, rows[i].len);
			assert_int_equal(h.id, SMPP_ENQUIRE_LINK);
			assert_int_equal(h.status, 2);
			assert_int_equal(h.seq, 9);
		}
		free(p);
	}
}

static struct sv some_text(uint64_t *seed, char *room, size_t max_octets)
{
	size_t n = chance_below(seed, (uint32_t)max_octets);

	for (size_t i = 0; i < n; i++)
		room[i] = (char)(1 + chance_below(seed, 255));
	return (struct sv){room, n};
}

static void assert_same(const struct smpp_pdu *a, const struct smpp_pdu *b)
{
	struct buf x, y;

	buf_init(&x, 100000);
	buf_init(&y, 100000);
	smpp_pdu_print(a, &x);
	smpp_pdu_print(b, &y);
	assert_string_equal(buf_str(&x), buf_str(&y));
	buf_clear(&x);
	buf_clear(&y);
}

static void any_message_survives_the_wire(void **state)
{
	static const uint32_t ids[] = {SMPP_SUBMIT_SM, SMPP_DELIVER_SM, SMPP_DATA_SM, SMPP_QUERY_SM,
	    SMPP_QUERY_SM | SMPP_RESP, SMPP_CANCEL_SM, SMPP_REPLACE_SM, SMPP_BIND_RECEIVER,
	    SMPP_BIND_TRANSMITTER | SMPP_RESP, SMPP_ALERT_NOTIFICATION, SMPP_OUTBIND,
	    SMPP_SUBMIT_SM | SMPP_RESP, SMPP_UNBIND, (uint32_t)SMPP_GENERIC_NACK};
	uint64_t seed = UNIT_SEED;

	(void)state;
	for (int round = 0; round < 3000; round++) {
		char room[12][300];
		uint8_t out[4000];
		struct wr w = wr_make(out, sizeof out);
		struct smpp_pdu a = {.h = {.id = ids[chance_below(&seed, COUNT_OF(ids))],
					 .seq = chance(&seed)}},
				b;

		a.service_type = some_text(&seed, room[0], 6);
		a.source_addr = some_text(&seed, room[1], 21);
		a.destination_addr = some_text(&seed, room[2], 21);
		a.schedule_delivery_time = some_text(&seed, room[3], 17);
		a.validity_period = some_text(&seed, room[4], 17);
		a.short_message = some_text(&seed, room[5], 255);
		a.message_id = some_text(&seed, room[6], 65);
		a.system_id = some_text(&seed, room[7], 16);
		a.password = some_text(&seed, room[8], 9);
		a.esme_addr = some_text(&seed, room[9], 65);
		a.esm_class = (uint8_t)chance(&seed);
		a.data_coding = (uint8_t)chance(&seed);
		a.dest_addr_ton = (uint8_t)chance(&seed);
		a.message_state = (uint8_t)chance(&seed);
		if (a.h.id != SMPP_OUTBIND)
			for (uint32_t i = chance_below(&seed, 5); i > 0; i--)
				assert_true(smpp_tlv_add(&a, (uint16_t)chance(&seed),
				    some_text(&seed, room[10], 300)));
		smpp_pdu_encode(&a, &w);
		assert_false(w.err);
		if (smpp_pdu_decode(out, w.n, &b) != SMPP_PDU_OK)
			fail_msg("round %d of seed %u: id 0x%08x is not read back", round, UNIT_SEED,
			    a.h.id);
		assert_int_equal(b.h.len, w.n);
		assert_same(&a, &b);
	}
}

static void names_are_known_for_all_that_is_named_in_the_header(void **state)
{
	static const struct {
		uint32_t value;
		const char *want;
	} commands[] = {{SMPP_DELIVER_SM, "deliver_sm"},
	    {SMPP_DELIVER_SM | SMPP_RESP, "deliver_sm_resp"},
	    {(uint32_t)SMPP_GENERIC_NACK, "generic_nack"}, {SMPP_SUBMIT_MULTI, "submit_multi"},
	    {0x77, "unknown"}},
	  statuses[] = {{ESME_ROK, "ESME_ROK"}, {ESME_RTHROTTLED, "ESME_RTHROTTLED"},
	      {0x58, "ESME_RTHROTTLED"}, {ESME_RX_T_APPN, "ESME_RX_T_APPN"}, {0xFF, "ESME_RUNKNOWNERR"},
	      {0x400, "vendor"}, {0x4FF, "vendor"}, {0x500, "unknown"}, {0x09, "unknown"}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(commands); i++)
		assert_string_equal(smpp_cmd_name(commands[i].value), commands[i].want);
	for (size_t i = 0; i < COUNT_OF(statuses); i++)
		assert_string_equal(smpp_status_name(statuses[i].value), statuses[i].want);
}

static void a_printed_bind_hides_its_password(void **state)
{
	struct smpp_pdu p = decoded(bind_pdu, sizeof bind_pdu, SMPP_PDU_OK);
	struct buf out;

	(void)state;
	buf_init(&out, 1000);
	smpp_pdu_print(&p, &out);
	assert_null(strstr(buf_str(&out), "secret08"));
	assert_non_null(strstr(buf_str(&out),
	    "bind_transceiver id=0x00000009 seq=1 status=0x00 system_id=\"dakiya\" password=\"***\""));
	buf_clear(&out);
}

/* Whatever the PDU: a tag that nobody knows, a vendor's, one without a value, one that stands there twice. */
static void unknown_tlvs_of_any_pdu_are_kept_and_written_again(void **state)
{
	static const struct smpp_tlv odd[] = {
	    {0x3FFF, SV("vendor")}, {0xFFFF, SV("")}, {0x0002, {"\0\0\0", 3}}, {0x3FFF, SV("again")}};

	(void)state;
	for (size_t i = 0; i < smpp_samples_count; i++) {
		struct smpp_pdu p = smpp_samples[i], back;
		uint8_t out[1024], again[1024];
		struct wr w = wr_make(out, sizeof out), v = wr_make(again, sizeof again);

		for (size_t k = 0; k < COUNT_OF(odd); k++)
			assert_true(smpp_tlv_add(&p, odd[k].tag, odd[k].val));
		if ((p.h.id & SMPP_RESP) && p.h.status != ESME_ROK)
			continue; /* the header alone */
		smpp_pdu_encode(&p, &w);
		assert_false(w.err);
		back = decoded(out, w.n, SMPP_PDU_OK);
		assert_int_equal(back.tlv_count, p.tlv_count);
		assert_true(sv_is(smpp_tlv_find(&back, 0x3FFF)->val, "vendor"));
		smpp_pdu_encode(&back, &v);
		assert_int_equal(v.n, w.n);
		assert_memory_equal(again, out, w.n);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(unknown_tlvs_of_any_pdu_are_kept_and_written_again),
	    cmocka_unit_test(a_bind_is_read_field_by_field),
	    cmocka_unit_test(a_deliver_sm_is_read_field_by_field),
	    cmocka_unit_test(what_was_read_is_written_as_the_same_octets),
	    cmocka_unit_test(every_prefix_is_refused_without_reading_past_it),
	    cmocka_unit_test(a_length_other_than_the_octets_there_is_refused),
	    cmocka_unit_test(the_header_is_known_even_when_the_rest_is_not),
	    cmocka_unit_test(a_response_may_be_the_header_alone),
	    cmocka_unit_test(a_message_id_may_lack_its_nul_at_the_end),
	    cmocka_unit_test(fields_that_are_too_long_are_not_written),
	    cmocka_unit_test(an_error_response_is_written_as_the_header_alone),
	    cmocka_unit_test(more_tlvs_than_are_kept_are_counted),
	    cmocka_unit_test(the_text_is_the_short_message_or_the_payload),
	    cmocka_unit_test(framing_answers_ok_more_or_bad_and_consumes_nothing),
	    cmocka_unit_test(any_message_survives_the_wire),
	    cmocka_unit_test(names_are_known_for_all_that_is_named_in_the_header),
	    cmocka_unit_test(a_printed_bind_hides_its_password),
	};

	return cmocka_run_group_tests_name("smpp_pdu", tests, NULL, NULL);
}
