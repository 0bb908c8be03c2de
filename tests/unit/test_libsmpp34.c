/* SPDX-License-Identifier: BSD-2-Clause */
/* test_libsmpp34.c - a second implementation, libsmpp34, reads every PDU of ours as we meant it, and we
 * read what it writes. Its structs begin with the header, each has the fields of its PDU by name. */
#include "smpp_samples.h"
#include "unit.h"

#if __has_include(<smpp34.h>)
/* Its headers do not stand alone, in this order they do. */
/* clang-format off */
#include <smpp34.h>
#include <smpp34_structs.h>
#include <smpp34_params.h>
/* clang-format on */

struct row {
	uint32_t id;
	size_t ours, theirs;
	bool is_octet;
	const char *name;
};
#define F(id, t, f) \
	{ \
		(uint32_t)(id), offsetof(struct smpp_pdu, f), offsetof(t, f), \
		    sizeof(((struct smpp_pdu *)0)->f) == 1, #f \
	}
#define SOURCE_OF(id, t) F(id, t, source_addr_ton), F(id, t, source_addr_npi), F(id, t, source_addr)
#define DEST_OF(id, t) F(id, t, dest_addr_ton), F(id, t, dest_addr_npi), F(id, t, destination_addr)
#define BIND_OF(id, t) \
	F(id, t, system_id), F(id, t, password), F(id, t, system_type), F(id, t, interface_version), \
	    F(id, t, addr_ton), F(id, t, addr_npi), F(id, t, address_range)
#define MESSAGE_OF(id, t) \
	F(id, t, service_type), SOURCE_OF(id, t), DEST_OF(id, t), F(id, t, esm_class), \
	    F(id, t, protocol_id), F(id, t, priority_flag), F(id, t, schedule_delivery_time), \
	    F(id, t, validity_period), F(id, t, registered_delivery), \
	    F(id, t, replace_if_present_flag), F(id, t, data_coding), F(id, t, sm_default_msg_id)
static const struct row rows[] = {
    BIND_OF(SMPP_BIND_RECEIVER, bind_receiver_t),
    BIND_OF(SMPP_BIND_TRANSMITTER, bind_transmitter_t),
    BIND_OF(SMPP_BIND_TRANSCEIVER, bind_transceiver_t),
    F(SMPP_BIND_RECEIVER | SMPP_RESP, bind_receiver_resp_t, system_id),
    F(SMPP_BIND_TRANSMITTER | SMPP_RESP, bind_transmitter_resp_t, system_id),
    F(SMPP_BIND_TRANSCEIVER | SMPP_RESP, bind_transceiver_resp_t, system_id),
    F(SMPP_OUTBIND, outbind_t, system_id),
    F(SMPP_OUTBIND, outbind_t, password),
    MESSAGE_OF(SMPP_SUBMIT_SM, submit_sm_t),
    F(SMPP_SUBMIT_SM | SMPP_RESP, submit_sm_resp_t, message_id),
    MESSAGE_OF(SMPP_DELIVER_SM, deliver_sm_t),
    F(SMPP_DATA_SM, data_sm_t, service_type),
    SOURCE_OF(SMPP_DATA_SM, data_sm_t),
    DEST_OF(SMPP_DATA_SM, data_sm_t),
    F(SMPP_DATA_SM, data_sm_t, esm_class),
    F(SMPP_DATA_SM, data_sm_t, registered_delivery),
    F(SMPP_DATA_SM, data_sm_t, data_coding),
    F(SMPP_DATA_SM | SMPP_RESP, data_sm_resp_t, message_id),
    F(SMPP_QUERY_SM, query_sm_t, message_id),
    SOURCE_OF(SMPP_QUERY_SM, query_sm_t),
    F(SMPP_QUERY_SM | SMPP_RESP, query_sm_resp_t, message_id),
    F(SMPP_QUERY_SM | SMPP_RESP, query_sm_resp_t, final_date),
    F(SMPP_QUERY_SM | SMPP_RESP, query_sm_resp_t, message_state),
    F(SMPP_QUERY_SM | SMPP_RESP, query_sm_resp_t, error_code),
    F(SMPP_CANCEL_SM, cancel_sm_t, service_type),
    F(SMPP_CANCEL_SM, cancel_sm_t, message_id),
    SOURCE_OF(SMPP_CANCEL_SM, cancel_sm_t),
    DEST_OF(SMPP_CANCEL_SM, cancel_sm_t),
    F(SMPP_REPLACE_SM, replace_sm_t, message_id),
    SOURCE_OF(SMPP_REPLACE_SM, replace_sm_t),
    F(SMPP_REPLACE_SM, replace_sm_t, schedule_delivery_time),
    F(SMPP_REPLACE_SM, replace_sm_t, validity_period),
    F(SMPP_REPLACE_SM, replace_sm_t, registered_delivery),
    F(SMPP_REPLACE_SM, replace_sm_t, sm_default_msg_id),
    SOURCE_OF(SMPP_ALERT_NOTIFICATION, alert_notification_t),
    F(SMPP_ALERT_NOTIFICATION, alert_notification_t, esme_addr_ton),
    F(SMPP_ALERT_NOTIFICATION, alert_notification_t, esme_addr_npi),
    F(SMPP_ALERT_NOTIFICATION, alert_notification_t, esme_addr),
};
static const struct special {
	uint32_t id;
	size_t tlv, text, text_octets; /* 0: it has none */
} specials[] = {
    {SMPP_SUBMIT_SM, offsetof(submit_sm_t, tlv), offsetof(submit_sm_t, short_message),
	offsetof(submit_sm_t, sm_length)},
    {SMPP_DELIVER_SM, offsetof(deliver_sm_t, tlv), offsetof(deliver_sm_t, short_message),
	offsetof(deliver_sm_t, sm_length)},
    {SMPP_REPLACE_SM, 0, offsetof(replace_sm_t, short_message), offsetof(replace_sm_t, sm_length)},
    {SMPP_DATA_SM, offsetof(data_sm_t, tlv), 0, 0},
    {SMPP_BIND_RECEIVER | SMPP_RESP, offsetof(bind_receiver_resp_t, tlv), 0, 0},
    {SMPP_BIND_TRANSMITTER | SMPP_RESP, offsetof(bind_transmitter_resp_t, tlv), 0, 0},
    {SMPP_BIND_TRANSCEIVER | SMPP_RESP, offsetof(bind_transceiver_resp_t, tlv), 0, 0},
    {SMPP_ALERT_NOTIFICATION, offsetof(alert_notification_t, tlv), 0, 0},
};

static const struct special *special_of(uint32_t id)
{
	for (size_t i = 0; i < COUNT_OF(specials); i++)
		if (specials[i].id == id)
			return &specials[i];
	return NULL;
}

union any {
	generic_nack_t header; /* any PDU begins with it */
	char room[4096];
};

static void same_tlvs(const struct smpp_pdu *p, const tlv_t *their)
{
	size_t n = 0;

	for (const tlv_t *t = their; t; t = t->next, n++) {
		const struct smpp_tlv *o = smpp_tlv_find(p, t->tag);
		uint32_t number = 0;

		assert_non_null(o);
		assert_int_equal(o->val.n, t->length);
		for (size_t i = 0; i < o->val.n && i < 4; i++)
			number = number << 8 | (uint8_t)o->val.p[i];
		if (memcmp(o->val.p, t->value.octet, o->val.n) == 0)
			continue;
		assert_int_equal(number, o->val.n == 1   ? t->value.val08
					 : o->val.n == 2 ? t->value.val16
							 : t->value.val32);
	}
	assert_int_equal(n, p->tlv_count);
}

static void same(const struct smpp_pdu *p, const union any *t)
{
	const struct special *s = special_of(p->h.id);

	assert_int_equal(t->header.command_id, p->h.id);
	assert_int_equal(t->header.command_status, p->h.status);
	assert_int_equal(t->header.sequence_number, p->h.seq);
	for (size_t i = 0; i < COUNT_OF(rows); i++) {
		const char *ours = (const char *)p + rows[i].ours;
		const char *theirs = t->room + rows[i].theirs;

		if (rows[i].id != p->h.id || p->h.status != 0)
			continue;
		if (rows[i].is_octet ? *ours != *theirs
				     : !sv_is(*(const struct sv *)(const void *)ours, theirs))
			fail_msg("%s of %s differs", rows[i].name, smpp_cmd_name(p->h.id));
	}
	if (s && s->text) {
		assert_int_equal((uint8_t)t->room[s->text_octets], p->short_message.n);
		assert_memory_equal(t->room + s->text, p->short_message.p ? p->short_message.p : "",
		    p->short_message.n);
	}
	if (s && s->tlv)
		same_tlvs(p, *(tlv_t *const *)(const void *)(t->room + s->tlv));
}

static void it_reads_what_we_write_and_we_read_what_it_writes(void **state)
{
	(void)state;
	assert_true(smpp_samples_count > 24);
	for (size_t i = 0; i < smpp_samples_count; i++) {
		struct smpp_pdu sample = smpp_samples[i], *p = &sample;
		const struct special *s = special_of(p->h.id);
		uint8_t ours[1024], theirs[1024];
		struct wr w = wr_make(ours, sizeof(ours));
		union any t;
		struct smpp_pdu back;
		struct buf want, got;
		int n = 0;

		if (!s || !s->tlv) /* it knows none there: in data_sm_resp */
			p->tlv_count = 0;
		memset(&t, 0, sizeof(t)); /* it does not do so itself */
		smpp_pdu_encode(p, &w);
		assert_false(w.err);
		if (smpp34_unpack(p->h.id, &t, ours, (int)w.n) != 0)
			fail_msg("%s: %s", smpp_cmd_name(p->h.id), smpp34_strerror);
		same(p, &t);
		if (smpp34_pack(p->h.id, theirs, sizeof(theirs), &n, &t) != 0)
			fail_msg("%s: %s", smpp_cmd_name(p->h.id), smpp34_strerror);
		assert_int_equal(smpp_pdu_decode(theirs, (size_t)n, &back), SMPP_PDU_OK);
		for (size_t k = 0; k < back.tlv_count / 2; k++) { /* it writes the last one first */
			struct smpp_tlv *other = &back.tlv[back.tlv_count - 1 - k], tmp = back.tlv[k];

			back.tlv[k] = *other;
			*other = tmp;
		}
		buf_init(&want, 4096);
		buf_init(&got, 4096);
		smpp_pdu_print(p, &want);
		smpp_pdu_print(&back, &got);
		assert_string_equal(buf_str(&got), buf_str(&want));
		assert_int_equal(back.h.len, n);
		buf_clear(&want);
		buf_clear(&got);
		if (s && s->tlv)
			destroy_tlv(*(tlv_t **)(void *)(t.room + s->tlv));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(it_reads_what_we_write_and_we_read_what_it_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
#else
int main(void)
{
	printf("SKIP: libsmpp34 is not there (Debian: libsmpp34-dev)\n");
	return 77;
}
#endif
