/* SPDX-License-Identifier: BSD-2-Clause */
/* test_sms_parts.c - what links through HTTP providers are made of: escaping, templates, fields, networks. */
#include <jansson.h>

#include "app/fill.h"
#include "app/http_fields.h"
#include "codec/escape.h"
#include "codec/form.h"
#include "unit.h"

struct escape_row {
	void (*fn)(struct sv s, struct buf *out);
	const char *in, *want;
};

static void texts_are_escaped_for_each_place(void **state)
{
	static const struct escape_row rows[] = {
	    {escape_url, "a-Z_0.9~", "a-Z_0.9~"},
	    {escape_url, "a b&c=d+e%/?#", "a%20b%26c%3Dd%2Be%25%2F%3F%23"},
	    {escape_url, "\xe0\xa4\x95", "%E0%A4%95"},
	    {escape_json, "\"\\\n\t\x7f", "\\\"\\\\\\n\\u0009\\u007f"},
	    {escape_json, "\xe0\xa4\x95\xf0\x9f\x99\x82", "\xe0\xa4\x95\xf0\x9f\x99\x82"},
	    {escape_json, "a\xff", "a\xef\xbf\xbd"},
	    {escape_xml, "<a b=\"1\">&'", "&#60;a b=&#34;1&#34;&#62;&#38;&#39;"},
	    {escape_xml, "a\x01\n", "a\xef\xbf\xbd\n"},
	    {escape_header, "a\r\nB: c\x7f", "a  B: c "},
	    {escape_hex, "\x01\xff", "01ff"},
	    {escape_base64, "", ""},
	    {escape_base64, "f", "Zg=="}, /* RFC 4648 s.10 */
	    {escape_base64, "fo", "Zm8="},
	    {escape_base64, "foo", "Zm9v"},
	    {escape_base64, "foobar", "Zm9vYmFy"},
	    {escape_ucs2_hex, "A\xe0\xa4\x95\xf0\x9f\x99\x82", "00410915D83DDE42"},
	    {escape_entities, "A\xe0\xa4\x95\xf0\x9f\x99\x82", "&#65;&#2325;&#55357;&#56898;"},
	};
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, 1000);
		rows[i].fn(sv_from(rows[i].in), &b);
		assert_string_equal(buf_str(&b), rows[i].want);
		buf_clear(&b);
	}
}

static void hexadecimal_is_read_or_refused(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	assert_true(unhex(SV("0915aF"), &b));
	assert_int_equal(b.n, 3);
	assert_memory_equal(b.p, "\x09\x15\xaf", 3);
	assert_false(unhex(SV("091"), &b));
	assert_false(unhex(SV("09g5"), &b));
	buf_clear(&b);
}

/* ---- templates ---- */

static bool value(const char *name, struct buf *out, void *arg)
{
	(void)arg;
	if (strcmp(name, "to") == 0)
		buf_adds(out, "919812345678");
	else if (strcmp(name, "text") == 0)
		buf_adds(out, " a\"b & \xe0\xa4\x95 ");
	else if (strcmp(name, "key") == 0)
		buf_adds(out, "key");
	else if (strcmp(name, "fox") == 0)
		buf_adds(out, "The quick brown fox jumps over the lazy dog");
	else if (strcmp(name, "line") == 0)
		buf_adds(out, "a\r\nX: b");
	else
		return strcmp(name, "none") == 0;
	return true;
}

static void templates_are_filled_in(void **state)
{
	static const struct {
		enum fill_place place;
		const char *text, *want;
	} rows[] = {
	    {FILL_RAW, "", ""},
	    {FILL_RAW, "no value { } {} {1} {A} {a b} {\"to\":1} {",
		"no value { } {} {1} {A} {a b} {\"to\":1} {"},
	    {FILL_URL, "to=%2B{to}&text={text|trim}",
		"to=%2B919812345678&text=a%22b%20%26%20%E0%A4%95"},
	    {FILL_JSON, "{\"text\":\"{text}\"}", "{\"text\":\" a\\\"b & \xe0\xa4\x95 \"}"},
	    {FILL_XML, "<t>{text|trim}</t>", "<t>a&#34;b &#38; \xe0\xa4\x95</t>"},
	    {FILL_URL, "{text|trim|raw}", "a\"b & \xe0\xa4\x95"},
	    {FILL_HEADER, "X: {line}", "X: a  X: b"},
	    {FILL_RAW, "{?to}has{/}{!to}has not{/}", "has"},
	    {FILL_RAW, "{?none}has{/}{!none}has not {to}{/}.", "has not 919812345678."},
	    {FILL_RAW, "{to|national}", "9812345678"},
	    {FILL_RAW, "{to|max-36000} {to|max-999999999999}", "36000 919812345678"},
	    {FILL_RAW, "{key|upper}{key|lower}", "KEYkey"},
	    {FILL_RAW, "{none|sha1|hex}", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
	    {FILL_RAW, "{fox|md5|hex}", "9e107d9d372bb6826bd81d3542a419d6"},
	    {FILL_RAW, "{fox|hmac-sha1:key|hex}", "de7c9b85b8b78aa6bc8a7a36f70a90701c9db4d9"},
	    {FILL_RAW, "{fox|hmac-sha256:key|base64}", "97yD9DBThCSxMpjmqm+xQ+9NWaFJRhdZl0edvC0aPNg="},
	    {FILL_URL, "{fox|hmac-sha256:key|base64}",
		"97yD9DBThCSxMpjmqm%2BxQ%2B9NWaFJRhdZl0edvC0aPNg%3D"},
	};
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, 1000);
		assert_true(fill_check(rows[i].text, value, NULL, &b));
		fill_text(rows[i].text, rows[i].place, value, NULL, &b);
		assert_string_equal(buf_str(&b), rows[i].want);
		buf_clear(&b);
	}
}

static void mistakes_in_templates_are_told(void **state)
{
	static const struct {
		const char *text, *why;
	} rows[] = {{"{nobody}", "there is no value \"nobody\""},
	    {"{?nobody}x{/}", "there is no value"}, {"{to|rot}", "there is no filter \"rot\""},
	    {"{to|hmac-sha3:key}", "there is no filter"},
	    {"{to|hmac-sha1:nobody}", "there is no value"}, {"{to|hmac-sha1}", "there is no value"},
	    {"{?to}x", "{/} is missing"}, {"x{/}", "nothing to end"},
	    {"{?to}{?key}{/}{/}", "one inside another"}};
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_init(&b, 1000);
		assert_false(fill_check(rows[i].text, value, NULL, &b));
		assert_non_null(strstr(buf_str(&b), rows[i].why));
		buf_clear(&b);
	}
}

/* ---- fields ---- */

static void fields_come_from_query_form_and_json(void **state)
{
	static const char json[] = "{\"a\":\"x\",\"n\":-5,\"b\":true,\"f\":1.5,\"o\":{\"k\":[\"q\"]}}";
	struct http_fields f;

	(void)state;
	http_fields_init(&f, "a=query&b=%26", SV("c=form+1&a=2"), HTTP_BODY_FORM, false, 100);
	assert_string_equal(http_field(&f, "a"), "query");
	assert_string_equal(http_field(&f, "b"), "&");
	assert_string_equal(http_field(&f, "c"), "form 1");
	assert_string_equal(http_field(&f, "d"), "");
	assert_string_equal(http_field(&f, ""), "");
	http_fields_clear(&f);
	http_fields_init(&f, "a=query&e=1", SV("c=form"), HTTP_BODY_FORM, true, 100);
	assert_string_equal(http_field(&f, "e"), "");
	http_fields_clear(&f);
	http_fields_init(&f, "a=query", SV(json), HTTP_BODY_JSON, true, 100);
	assert_string_equal(http_field(&f, "a"), "x");
	assert_string_equal(http_field(&f, "n"), "-5");
	assert_string_equal(http_field(&f, "b"), "true");
	assert_string_equal(http_field(&f, "f"), "");
	assert_string_equal(http_field(&f, "/o/k/0"), "q");
	assert_string_equal(http_field(&f, "/o/k/1"), "");
	assert_string_equal(http_field(&f, "o"), "");
	http_fields_clear(&f);
}

static void a_field_over_its_bound_is_known(void **state)
{
	struct http_fields f;

	(void)state;
	http_fields_init(&f, "a=12345678901", SV(""), HTTP_BODY_FORM, false, 10);
	(void)http_field(&f, "a");
	assert_true(f.v.full);
	http_fields_clear(&f);
}

static void pairs_of_a_form_come_in_order(void **state)
{
	struct sv form = SV("a=1&&b=%26x&=&c");
	struct buf name, text;

	(void)state;
	buf_init(&name, 10);
	buf_init(&text, 10);
	assert_true(form_next(&form, &name, &text));
	assert_true(form_next(&form, &name, &text));
	assert_string_equal(buf_str(&name), "ab");
	assert_string_equal(buf_str(&text), "1&x");
	assert_true(form_next(&form, &name, &text));
	assert_string_equal(buf_str(&name), "abc");
	assert_false(form_next(&form, &name, &text));
	buf_clear(&name);
	buf_clear(&text);
}

static void networks_hold_their_addresses(void **state)
{
	static char names[][16] = {
	    "10.0.0.0/8", "192.0.2.7", "2001:db8::/33", "172.16.0.0/12", "0.0.0.0/0x"};
	void *v[] = {names[0], names[1], names[2], names[3], names[4]};
	const struct conf_list l = {v, 5}, none = {NULL, 0};
	static const struct {
		const char *peer;
		bool is_in;
	} rows[] = {{"10.255.0.1", true}, {"11.0.0.1", false}, {"192.0.2.7", true},
	    {"192.0.2.6", false}, {"2001:db8:7fff::1", true}, {"2001:db8:8000::1", false},
	    {"172.31.255.255", true}, {"172.32.0.0", false}, {"::ffff:10.1.2.3", true}, {"", false},
	    {"nonsense", false}};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(http_peer_in(&l, rows[i].peer), rows[i].is_in);
	assert_false(http_peer_in(&none, "10.0.0.1"));
	assert_true(http_network_is("::/0") && http_network_is("0.0.0.0/0"));
	assert_false(http_network_is("10.0.0.0/33") || http_network_is("host") ||
		     http_network_is("::/-1") || http_network_is("10.0.0.0/"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(texts_are_escaped_for_each_place),
	    cmocka_unit_test(hexadecimal_is_read_or_refused),
	    cmocka_unit_test(templates_are_filled_in),
	    cmocka_unit_test(mistakes_in_templates_are_told),
	    cmocka_unit_test(fields_come_from_query_form_and_json),
	    cmocka_unit_test(a_field_over_its_bound_is_known),
	    cmocka_unit_test(pairs_of_a_form_come_in_order),
	    cmocka_unit_test(networks_hold_their_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
