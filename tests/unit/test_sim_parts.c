/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sim_parts.c - the simulator's small parts: joining segments, faults, lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "codec/text.h"
#include "sim/control.h"
#include "sim/faults.h"
#include "sim/join.h"

static struct smpp_pdu part(const struct text_parts *parts, size_t i, const char *from)
{
	return (struct smpp_pdu){.source_addr = sv_from(from),
	    .esm_class = parts->seg[i].has_udh ? SMPP_ESM_UDHI : 0,
	    .data_coding = parts->data_coding,
	    .short_message = {(const char *)parts->seg[i].octets, parts->seg[i].n}};
}

/* 400 characters of one letter, as a message with this reference. */
static void letters(char c, uint8_t ref, struct text_parts *out)
{
	char text[400];

	memset(text, c, sizeof(text));
	assert_true(text_encode((struct sv){text, sizeof(text)}, ref, out));
	assert_int_equal(out->count, 3);
}

static void segments_join_in_any_order_and_per_sender(void **state)
{
	struct join *j = join_new();
	struct text_parts a, b;
	struct smpp_pdu p;
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	letters('a', 7, &a);
	letters('b', 7, &b);
	for (size_t i = 3; i-- > 1;) {
		p = part(&a, i, "ONE");
		assert_int_equal(join_add(j, &p, &out), JOIN_PART);
		p = part(&b, i, "TWO");
		assert_int_equal(join_add(j, &p, &out), JOIN_PART);
		assert_int_equal(join_add(j, &p, &out), JOIN_PART);
	}
	assert_int_equal(join_open(j), 2);
	p = part(&b, 0, "TWO");
	assert_int_equal(join_add(j, &p, &out), JOIN_WHOLE);
	assert_int_equal(out.n, 400);
	assert_int_equal(out.p[399], 'b');
	assert_int_equal(join_open(j), 1);
	buf_clear(&out);
	join_free(j);
}

static void the_oldest_unfinished_message_makes_room(void **state)
{
	struct join *j = join_new();
	struct text_parts m;
	struct smpp_pdu p;
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	for (unsigned ref = 0; ref <= JOIN_OPEN_MAX; ref++) {
		if (ref ==
		    JOIN_OPEN_MAX) { /* the first one is heard of again, so the second is the oldest */
			letters('x', 0, &m);
			p = part(&m, 1, "ONE");
			assert_int_equal(join_add(j, &p, &out), JOIN_PART);
		}
		letters('x', (uint8_t)ref, &m);
		p = part(&m, 0, "ONE");
		assert_int_equal(join_add(j, &p, &out), JOIN_PART);
	}
	assert_int_equal(join_open(j), JOIN_OPEN_MAX);
	letters('x', 0, &m);
	p = part(&m, 2, "ONE");
	assert_int_equal(join_add(j, &p, &out), JOIN_WHOLE);
	buf_clear(&out);
	join_free(j);
}

static void what_no_handset_could_read_is_bad(void **state)
{
	static const char udh_past_end[] = "\x20\x00\x03";
	char octets[161];
	struct join *j = join_new();
	struct smpp_pdu p = {
	    .source_addr = SV("ONE"), .esm_class = SMPP_ESM_UDHI, .short_message = SV(udh_past_end)};
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	memset(octets, 'x', sizeof(octets));
	assert_int_equal(join_add(j, &p, &out), JOIN_BAD);
	p = (struct smpp_pdu){.short_message = {octets, 161}};
	assert_int_equal(join_add(j, &p, &out), JOIN_BAD);
	p.short_message.n = 160;
	assert_int_equal(join_add(j, &p, &out), JOIN_WHOLE);
	p.data_coding = 8;
	p.short_message.n = 142;
	assert_int_equal(join_add(j, &p, &out), JOIN_BAD);
	buf_reset(&out);
	p.data_coding = 4;
	p.short_message.n = 140;
	assert_int_equal(join_add(j, &p, &out), JOIN_WHOLE);
	assert_string_equal(buf_str(&out), "[binary, 140 octets]");
	buf_clear(&out);
	join_free(j);
}

static void faults_are_set_by_name_and_taken_by_count(void **state)
{
	struct faults f = {0};
	char err[100];

	(void)state;
	assert_non_null(faults_set(&f, "throttle", "2", err, sizeof(err)));
	assert_non_null(faults_set(&f, "delay", "300", err, sizeof(err)));
	assert_non_null(faults_set(&f, "silent", "on", err, sizeof(err)));
	assert_non_null(faults_set(&f, "drop", NULL, err, sizeof(err)));
	assert_int_equal(f.delay_ms, 300);
	assert_true(f.silent);
	assert_true(fault_take(&f.throttle) && fault_take(&f.throttle));
	assert_false(fault_take(&f.throttle));
	assert_null(faults_set(&f, "throttle", "many", err, sizeof(err)));
	assert_string_equal(err, "fault throttle wants a number");
	assert_null(faults_set(&f, "throttle", "-1", err, sizeof(err)));
	assert_null(faults_set(&f, "silent", NULL, err, sizeof(err)));
	assert_null(faults_set(&f, "drop", "now", err, sizeof(err)));
	assert_null(faults_set(&f, "gremlins", "1", err, sizeof(err)));
}

static void lines_carry_any_text(void **state)
{
	static const char text[] = "a\\n\nb\r\\\\n टोकन";
	struct buf line, back;

	(void)state;
	buf_init(&line, 200);
	buf_init(&back, 200);
	line_escape(SV(text), &line);
	assert_null(memchr(line.p, '\n', line.n));
	line_unescape(buf_sv(&line), &back);
	assert_string_equal(buf_str(&back), text);
	buf_clear(&line);
	buf_clear(&back);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(segments_join_in_any_order_and_per_sender),
	    cmocka_unit_test(the_oldest_unfinished_message_makes_room),
	    cmocka_unit_test(what_no_handset_could_read_is_bad),
	    cmocka_unit_test(faults_are_set_by_name_and_taken_by_count),
	    cmocka_unit_test(lines_carry_any_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
