/* SPDX-License-Identifier: BSD-2-Clause */
/* test_record.c - inbox and outbox records: there and back, cut, damaged, too large. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "engine/record.h"
#include "seed.h"

#define ROUNDS 3000u

static char octets[70000];

/* A view of random octets, of a length that is often one of the edges. */
static struct sv any(struct chance *ch, size_t max)
{
	size_t n = chance_below(ch, 4) ? chance_below(ch, (unsigned)(max < 40 ? max : 40) + 1)
				       : chance_below(ch, (unsigned)max + 1);

	if (chance_below(ch, 50) == 0)
		n = max;
	return (struct sv){octets + chance_below(ch, (unsigned)(sizeof(octets) - n)), n};
}

static struct sv any_number(struct chance *ch)
{
	return (struct sv){"919812345678901", 1 + chance_below(ch, 15)};
}

static struct in_record any_in(struct chance *ch, size_t max)
{
	return (struct in_record){
	    .kind = (enum input_kind)chance_below(ch, INPUT_EVENT + 1),
	    .msisdn = any_number(ch),
	    .channel = any(ch, 10),
	    .link = any(ch, 32),
	    .address = any(ch, 21),
	    .text = any(ch, max),
	    .event_type = any(ch, 64),
	    .event_service = any(ch, 64),
	    .owner = any(ch, 40),
	    .at_ms = chance_u64(ch),
	};
}

static struct out_record any_out(struct chance *ch, size_t max)
{
	return (struct out_record){
	    .class = (enum msg_class)chance_below(ch, MSG_CLASSES),
	    .msisdn = any_number(ch),
	    .link = any(ch, 32),
	    .address = any(ch, 21),
	    .text = any(ch, max),
	    .text_id = any(ch, 64),
	    .lang = any(ch, 2),
	    .dlt_template_id = any(ch, 20),
	    .owner = any(ch, 40),
	    .trace = chance_u64(ch),
	    .at_ms = chance_u64(ch),
	    .expires_ms = chance_u64(ch),
	};
}

/* In the order in which they are written. */
static const struct field {
	size_t in, out;
} fields[] = {
    {offsetof(struct in_record, msisdn), offsetof(struct out_record, msisdn)},
    {offsetof(struct in_record, channel), offsetof(struct out_record, link)},
    {offsetof(struct in_record, link), offsetof(struct out_record, address)},
    {offsetof(struct in_record, address), offsetof(struct out_record, text)},
    {offsetof(struct in_record, text), offsetof(struct out_record, text_id)},
    {offsetof(struct in_record, event_type), offsetof(struct out_record, lang)},
    {offsetof(struct in_record, event_service), offsetof(struct out_record, dlt_template_id)},
    {offsetof(struct in_record, owner), offsetof(struct out_record, owner)},
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static struct sv field(const void *rec, size_t off)
{
	return *(const struct sv *)((const char *)rec + off);
}

/* Fields below `whole` are the same, the others are empty. */
static bool in_same(const struct in_record *a, const struct in_record *b, size_t whole)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (!sv_eq(field(b, fields[i].in), i < whole ? field(a, fields[i].in) : SV("")))
			return false;
	return a->kind == b->kind && a->at_ms == b->at_ms;
}

static bool out_same(const struct out_record *a, const struct out_record *b, size_t whole)
{
	for (size_t i = 0; i < FIELDS; i++)
		if (!sv_eq(field(b, fields[i].out), i < whole ? field(a, fields[i].out) : SV("")))
			return false;
	return a->class == b->class && a->trace == b->trace && a->at_ms == b->at_ms &&
	       a->expires_ms == b->expires_ms;
}

/* Decoding happens in a block of exactly the size, so that a sanitizer sees a step too far. */
static bool in_decode_exact(struct sv s, struct in_record *r, char **block)
{
	*block = xmemdup(s.p, s.n);
	return in_record_decode((struct sv){*block, s.n}, r);
}

static bool out_decode_exact(struct sv s, struct out_record *r, char **block)
{
	*block = xmemdup(s.p, s.n);
	return out_record_decode((struct sv){*block, s.n}, r);
}

static void what_is_written_is_read_back(void **state)
{
	struct chance ch = chance_new("record", 4711);
	struct buf b;
	char *block;

	(void)state;
	buf_init(&b, SIZE_MAX / 2);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct in_record in = any_in(&ch, 0xFFFF), in2;
		struct out_record out = any_out(&ch, 0xFFFF), out2;

		buf_reset(&b);
		in_record_encode(&in, &b);
		assert_false(b.full);
		assert_true(in_decode_exact(buf_sv(&b), &in2, &block));
		assert_true(in_same(&in, &in2, FIELDS));
		free(block);
		buf_reset(&b);
		out_record_encode(&out, &b);
		assert_false(b.full);
		assert_true(out_decode_exact(buf_sv(&b), &out2, &block));
		assert_true(out_same(&out, &out2, FIELDS));
		free(block);
	}
	buf_clear(&b);
}

/* A cut inside a field is refused. A cut between fields is what an older writer left: the rest is
 * empty. Nothing else may come of it. */
static void a_record_cut_anywhere_is_refused_or_ends_between_fields(void **state)
{
	struct chance ch = chance_new("record cut", 4712);
	struct buf b;
	char *block;

	(void)state;
	buf_init(&b, 65536);
	for (unsigned i = 0; i < 60; i++) {
		struct in_record in = any_in(&ch, 60), in2;
		struct out_record out = any_out(&ch, 60), out2;
		size_t in_end[FIELDS + 1] = {10}, out_end[FIELDS + 1] = {26};

		for (size_t f = 0; f < FIELDS; f++) {
			in_end[f + 1] = in_end[f] + 2 + field(&in, fields[f].in).n;
			out_end[f + 1] = out_end[f] + 2 + field(&out, fields[f].out).n;
		}
		buf_reset(&b);
		in_record_encode(&in, &b);
		assert_int_equal(b.n, in_end[FIELDS]);
		for (size_t n = 0, f = 0; n < b.n; n++) {
			while (f < FIELDS && in_end[f + 1] <= n)
				f++;
			if (in_decode_exact((struct sv){b.p, n}, &in2, &block))
				assert_true(f > 0 && in_end[f] == n && in_same(&in, &in2, f));
			else
				assert_true(f == 0 || in_end[f] != n);
			free(block);
		}
		buf_reset(&b);
		out_record_encode(&out, &b);
		assert_int_equal(b.n, out_end[FIELDS]);
		for (size_t n = 0, f = 0; n < b.n; n++) {
			while (f < FIELDS && out_end[f + 1] <= n)
				f++;
			if (out_decode_exact((struct sv){b.p, n}, &out2, &block))
				assert_true(f > 0 && out_end[f] == n && out_same(&out, &out2, f));
			else
				assert_true(f == 0 || out_end[f] != n);
			free(block);
		}
	}
	buf_clear(&b);
}

static void fields_that_a_later_version_adds_are_passed_over(void **state)
{
	struct in_record in = {.msisdn = SV("919812345678"), .text = SV("hello")}, in2;
	struct out_record out = {.msisdn = SV("919812345678"), .text = SV("hello")}, out2;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	in_record_encode(&in, &b);
	buf_add(&b, "\0\3new", 5);
	assert_true(in_record_decode(buf_sv(&b), &in2));
	assert_true(in_same(&in, &in2, FIELDS));
	buf_reset(&b);
	out_record_encode(&out, &b);
	buf_add(&b, "\0\3new", 5);
	assert_true(out_record_decode(buf_sv(&b), &out2));
	assert_true(out_same(&out, &out2, FIELDS));
	buf_clear(&b);
}

static void another_version_kind_class_or_a_bad_number_is_refused(void **state)
{
	static const struct {
		size_t at; /* octet changed */
		unsigned value;
		bool in, out; /* still read? */
	} row[] = {
	    {0, 1, true, true},
	    {0, 0, false, false}, /* version */
	    {0, 2, false, false},
	    {0, 255, false, false},
	    {1, INPUT_EVENT, true, true}, /* kind; class */
	    {1, INPUT_EVENT + 1, false, true},
	    {1, MSG_CLASSES - 1, false, true},
	    {1, MSG_CLASSES, false, false},
	    {1, 255, false, false},
	};
	struct in_record in = {.msisdn = SV("919812345678")}, in2;
	struct out_record out = {.msisdn = SV("919812345678")}, out2;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		buf_reset(&b);
		in_record_encode(&in, &b);
		b.p[row[i].at] = (char)row[i].value;
		assert_int_equal(in_record_decode(buf_sv(&b), &in2), row[i].in);
		buf_reset(&b);
		out_record_encode(&out, &b);
		b.p[row[i].at] = (char)row[i].value;
		assert_int_equal(out_record_decode(buf_sv(&b), &out2), row[i].out);
	}
	for (size_t n = 0; n < 20; n++) {
		in.msisdn = out.msisdn = (struct sv){"91981234567890123456", n};
		buf_reset(&b);
		in_record_encode(&in, &b);
		assert_int_equal(in_record_decode(buf_sv(&b), &in2), n >= 1 && n <= 15);
		buf_reset(&b);
		out_record_encode(&out, &b);
		assert_int_equal(out_record_decode(buf_sv(&b), &out2), n >= 1 && n <= 15);
	}
	buf_clear(&b);
}

static void damage_never_leads_outside_the_record(void **state)
{
	struct chance ch = chance_new("record damage", 4713);
	struct buf b;
	char *block;

	(void)state;
	buf_init(&b, 65536);
	for (unsigned i = 0; i < ROUNDS; i++) {
		struct in_record in = any_in(&ch, 60), in2;
		struct out_record out = any_out(&ch, 60), out2;

		buf_reset(&b);
		in_record_encode(&in, &b);
		for (unsigned k = chance_below(&ch, 4); k < 4; k++)
			b.p[chance_below(&ch, (unsigned)b.n)] = (char)chance_u64(&ch);
		if (in_decode_exact(buf_sv(&b), &in2, &block))
			for (size_t f = 0; f < FIELDS; f++) {
				struct sv s = field(&in2, fields[f].in);

				assert_true(s.n == 0 || (s.p >= block && s.p + s.n <= block + b.n));
			}
		free(block);
		buf_reset(&b);
		out_record_encode(&out, &b);
		for (unsigned k = chance_below(&ch, 4); k < 4; k++)
			b.p[chance_below(&ch, (unsigned)b.n)] = (char)chance_u64(&ch);
		if (out_decode_exact(buf_sv(&b), &out2, &block))
			for (size_t f = 0; f < FIELDS; f++) {
				struct sv s = field(&out2, fields[f].out);

				assert_true(s.n == 0 || (s.p >= block && s.p + s.n <= block + b.n));
			}
		free(block);
	}
	buf_clear(&b);
}

static void what_does_not_fit_makes_the_buffer_full_and_is_never_cut(void **state)
{
	static const struct {
		size_t text, limit;
		bool fits;
	} row[] = {
	    {0xFFFF, 1000000, true},
	    {0x10000, 1000000, false}, /* more than the length can say */
	    {0x10005, 1000000, false},
	    {500, 10 + 8 * 2 + 12 + 500, true}, /* exactly */
	    {500, 10 + 8 * 2 + 12 + 499, false},
	    {500, 10 + 8 * 2 + 12 + 498, false},
	    {500, 100, false},
	    {0, 5, false},
	    {0, 0, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct in_record in = {.msisdn = SV("919812345678"), .text = {octets, row[i].text}},
				 in2;
		struct out_record out = {.msisdn = SV("919812345678"), .text = {octets, row[i].text}},
				  out2;
		struct buf b;

		buf_init(&b, row[i].limit);
		in_record_encode(&in, &b);
		assert_int_equal(b.full, !row[i].fits);
		assert_true(!row[i].fits ||
			    (in_record_decode(buf_sv(&b), &in2) && in_same(&in, &in2, FIELDS)));
		buf_clear(&b);
		buf_init(&b, row[i].limit + 16); /* its head is 16 octets longer */
		out_record_encode(&out, &b);
		assert_int_equal(b.full, !row[i].fits);
		assert_true(!row[i].fits ||
			    (out_record_decode(buf_sv(&b), &out2) && out_same(&out, &out2, FIELDS)));
		buf_clear(&b);
	}
}

static void the_way_stands_before_a_session_and_comes_off_it_whole(void **state)
{
	struct chance ch = chance_new("record way", 4714);
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (unsigned i = 0; i < 200; i++) {
		struct way w = {any(&ch, 32), any(&ch, 21)}, v;
		struct sv session = any(&ch, 200), rest;
		size_t link_end = 1 + 2 + w.link.n, head = link_end + 2 + w.address.n;

		buf_reset(&b);
		way_encode(&w, &b);
		buf_addsv(&b, session);
		rest = buf_sv(&b);
		way_decode(&rest, &v);
		assert_true(sv_eq(v.link, w.link) && sv_eq(v.address, w.address) &&
			    sv_eq(rest, session));
		for (size_t n = 0; n < head; n++) {
			char *block = xmemdup(b.p, n);

			rest = (struct sv){block, n};
			way_decode(&rest, &v);
			assert_int_equal(rest.n, 0);
			/* cut between the fields it is still one, with less in it */
			assert_true(sv_eq(v.link, n == link_end ? w.link : SV("")));
			assert_int_equal(v.address.n, 0);
			free(block);
		}
		b.p[0]++; /* another version: no way, and no session that could be taken for one */
		rest = buf_sv(&b);
		way_decode(&rest, &v);
		assert_int_equal(rest.n + v.link.n + v.address.n, 0);
	}
	buf_clear(&b);
}

static void what_only_some_messages_have_comes_back_and_costs_the_others_nothing(void **state)
{
	struct out_record r = {.class = CLASS_OTP,
			      .msisdn = SV("919812345678"),
			      .text = SV("code ******")},
			  got;
	struct buf b;
	size_t without;

	(void)state;
	buf_init(&b, 1024);
	out_record_encode(&r, &b);
	without = b.n;
	assert_true(out_record_decode(buf_sv(&b), &got));
	assert_int_equal(got.seal.n, 0);
	buf_reset(&b);
	r.seal = SV("00112233");
	out_record_encode(&r, &b);
	assert_int_equal(b.n, without + 2 + 8);
	assert_true(out_record_decode(buf_sv(&b), &got));
	assert_true(sv_is(got.seal, "00112233"));
	buf_reset(&b);
	r.seal = SV("");
	r.screen = SV("It is your turn!");
	r.press = SV("CALL");
	r.keeps = true;
	out_record_encode(&r, &b);
	assert_true(out_record_decode(buf_sv(&b), &got));
	assert_int_equal(got.seal.n, 0);
	assert_true(sv_is(got.screen, "It is your turn!") && sv_is(got.press, "CALL") && got.keeps);
	buf_clear(&b);
}

/* What the store adds behind a record that it kept: three texts, each with its length in two octets. */
static void a_kept_event_comes_back_with_what_the_store_adds(void **state)
{
	static const char tail[] = "\0\003a:1\0\0151700000000123\0\0012";
	struct chance ch = chance_new("record", 47);
	struct in_record in = any_in(&ch, 64), out;
	struct buf b;
	char *block;

	(void)state;
	in.kind = INPUT_EVENT;
	in.owner = SV("a:1");
	buf_init(&b, 1 << 16);
	in_record_encode_held(&in, &b);
	buf_add(&b, tail, sizeof(tail) - 1);
	assert_true(in_decode_exact(buf_sv(&b), &out, &block));
	assert_true(in_same(&in, &out, FIELDS));
	assert_int_equal(out.until_ms, 1700000000123u);
	assert_int_equal(out.merged, 2);
	in.until_ms = 1700000000123u;
	in.merged = 2;
	free(block);
	block = xmemdup(b.p, b.n); /* written whole it is the same octets */
	buf_reset(&b);
	in_record_encode(&in, &b);
	assert_memory_equal(b.p, block, b.n);
	free(block);
	buf_clear(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_is_written_is_read_back),
	    cmocka_unit_test(a_record_cut_anywhere_is_refused_or_ends_between_fields),
	    cmocka_unit_test(fields_that_a_later_version_adds_are_passed_over),
	    cmocka_unit_test(another_version_kind_class_or_a_bad_number_is_refused),
	    cmocka_unit_test(damage_never_leads_outside_the_record),
	    cmocka_unit_test(the_way_stands_before_a_session_and_comes_off_it_whole),
	    cmocka_unit_test(what_does_not_fit_makes_the_buffer_full_and_is_never_cut),
	    cmocka_unit_test(a_kept_event_comes_back_with_what_the_store_adds),
	    cmocka_unit_test(what_only_some_messages_have_comes_back_and_costs_the_others_nothing),
	};
	struct chance ch = {99};

	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = (char)chance_u64(&ch);
	return cmocka_run_group_tests_name("record", tests, NULL, NULL);
}
