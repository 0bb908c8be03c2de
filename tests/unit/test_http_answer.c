/* SPDX-License-Identifier: BSD-2-Clause */
/* test_http_answer.c - answers as servers give them, each cut off behind every octet in a block of its size. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/xmalloc.h"
#include "codec/http_answer.h"

#define MAX_BODY 64u
#define H "HTTP/1.1 200 OK\r\n"

static const struct row {
	const char *text;
	enum http_answer_rc rc; /* of the whole, while the connection lives */
	enum http_answer_rc end; /* once it is closed */
	int status;
	const char *body;
	bool keeps, is_head;
} rows[] = {
    {H "Content-Length: 5\r\n\r\nhello", HTTP_ANSWER_OK, HTTP_ANSWER_OK, 200, "hello", true, false},
    {H "content-LENGTH:5\r\n\r\nhello", HTTP_ANSWER_OK, HTTP_ANSWER_OK, 200, "hello", true, false},
    {H "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello", HTTP_ANSWER_OK, HTTP_ANSWER_OK, 200,
	"hello", true, false},
    {"HTTP/1.1 200\nContent-Length: 2\n\nok", HTTP_ANSWER_OK, HTTP_ANSWER_OK, 200, "ok", true, false},
    {"HTTP/1.0 404 Not Found\r\nContent-Length: 2\r\n\r\nno", HTTP_ANSWER_OK, HTTP_ANSWER_OK, 404, "no",
	false, false},
    {H "Connection: x, Close\r\nContent-Length: 0\r\n\r\n", HTTP_ANSWER_OK, HTTP_ANSWER_OK, 200, "",
	false, false},
    {H "Connection: keep-alive\r\nContent-Length: 0\r\n\r\n", HTTP_ANSWER_OK, HTTP_ANSWER_OK, 200, "",
	true, false},
    {H "Content-Length: 2\r\n\r\nok and more", HTTP_ANSWER_OK, HTTP_ANSWER_OK, 200, "ok", false, false},
    {H "X: a\r\n  goes on: here\r\nContent-Length: 2\r\n\r\nok", HTTP_ANSWER_OK, HTTP_ANSWER_OK, 200,
	"ok", true, false},
    {"HTTP/1.1 204 No Content\r\n\r\n", HTTP_ANSWER_OK, HTTP_ANSWER_OK, 204, "", true, false},
    {"HTTP/1.1 304 Same\r\nContent-Length: 9\r\n\r\n", HTTP_ANSWER_OK, HTTP_ANSWER_OK, 304, "", true,
	false},
    {H "Content-Length: 9\r\n\r\n", HTTP_ANSWER_OK, HTTP_ANSWER_OK, 200, "", true, true},
    {"HTTP/1.1 100 Continue\r\n\r\n" H "Content-Length: 2\r\n\r\nok", HTTP_ANSWER_OK, HTTP_ANSWER_OK,
	200, "ok", true, false},
    {H "\r\nuntil the end", HTTP_ANSWER_MORE, HTTP_ANSWER_OK, 200, "until the end", false, false},
    {H "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n", HTTP_ANSWER_OK,
	HTTP_ANSWER_OK, 200, "abcde", true, false},
    {H "Transfer-Encoding: Chunked\r\n\r\n0A\r\n0123456789\r\n0\r\nX: trailer\r\n\r\n", HTTP_ANSWER_OK,
	HTTP_ANSWER_OK, 200, "0123456789", true, false},
    {H "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\na\r\n0\r\n\r\n", HTTP_ANSWER_OK,
	HTTP_ANSWER_OK, 200, "a", false, false},
    /* no answer */
    {"\001\002 this is no HTTP \r\n\r\n", HTTP_ANSWER_BAD, HTTP_ANSWER_BAD, 0, "", false, false},
    {"HTTP/2 200\r\n\r\n", HTTP_ANSWER_BAD, HTTP_ANSWER_BAD, 0, "", false, false},
    {"HTTP/1.1 2x0 OK\r\n\r\n", HTTP_ANSWER_BAD, HTTP_ANSWER_BAD, 0, "", false, false},
    {"HTTP/1.1 099 OK\r\n\r\n", HTTP_ANSWER_BAD, HTTP_ANSWER_BAD, 0, "", false, false},
    {"HTTP/1.1 101 Other\r\n\r\n", HTTP_ANSWER_BAD, HTTP_ANSWER_BAD, 0, "", false, false},
    {H "no colon\r\n\r\n", HTTP_ANSWER_BAD, HTTP_ANSWER_BAD, 0, "", false, false},
    {H "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc", HTTP_ANSWER_BAD, HTTP_ANSWER_BAD, 0, "",
	false, false},
    {H "Content-Length: -1\r\n\r\n", HTTP_ANSWER_BAD, HTTP_ANSWER_BAD, 0, "", false, false},
    {H "Content-Length: 99999999999999999999\r\n\r\n", HTTP_ANSWER_BAD, HTTP_ANSWER_BAD, 0, "", false,
	false},
    {H "Transfer-Encoding: gzip, chunked\r\n\r\n", HTTP_ANSWER_BAD, HTTP_ANSWER_BAD, 0, "", false,
	false},
    {H "Transfer-Encoding: chunked\r\n\r\nxyz\r\n", HTTP_ANSWER_BAD, HTTP_ANSWER_BAD, 0, "", false,
	false},
    {H "Transfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", HTTP_ANSWER_BAD, HTTP_ANSWER_BAD, 0, "", false,
	false},
    {H "Transfer-Encoding: chunked\r\n\r\n111111111\r\n", HTTP_ANSWER_BAD, HTTP_ANSWER_BAD, 0, "",
	false, false},
    /* too much */
    {H "Content-Length: 65\r\n\r\n", HTTP_ANSWER_BIG, HTTP_ANSWER_BIG, 0, "", false, false},
    {H "Transfer-Encoding: chunked\r\n\r\nffffffff\r\n", HTTP_ANSWER_BIG, HTTP_ANSWER_BIG, 0, "", false,
	false},
    /* cut off */
    {H "Content-Length: 5\r\n\r\nhell", HTTP_ANSWER_MORE, HTTP_ANSWER_BAD, 0, "", false, false},
    {H "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n", HTTP_ANSWER_MORE, HTTP_ANSWER_BAD, 0, "",
	false, false},
    {"", HTTP_ANSWER_MORE, HTTP_ANSWER_BAD, 0, "", false, false},
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static enum http_answer_rc read_row(const struct row *r, size_t n, bool is_end, struct http_answer *a,
    char **block)
{
	*block = n > 0 ? xmemdup(r->text, n) : xmalloc(1);
	return http_answer_read(*block, n, is_end, r->is_head, MAX_BODY, a);
}

static void answers_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		for (int is_end = 0; is_end < 2; is_end++) {
			const struct row *r = &rows[i];
			enum http_answer_rc want = is_end ? r->end : r->rc;
			struct http_answer a;
			char *block;

			if (read_row(r, strlen(r->text), is_end, &a, &block) != want)
				fail_msg("not as expected: %s", r->text);
			if (want == HTTP_ANSWER_OK) {
				assert_int_equal(a.status, r->status);
				assert_true(sv_is(a.body, r->body));
				assert_int_equal(a.keeps, r->keeps);
			}
			free(block);
		}
	}
}

/* Octet after octet: nothing is whole too early, nothing is refused that would have been right. */
static void the_beginning_of_an_answer_waits_for_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < ROWS; i++) {
		const struct row *r = &rows[i];

		for (size_t n = 0; n < strlen(r->text); n++) {
			struct http_answer a;
			char *block;
			enum http_answer_rc rc = read_row(r, n, false, &a, &block);

			if (rc == HTTP_ANSWER_OK)
				assert_true(sv_is(a.body, r->body));
			else if (rc != HTTP_ANSWER_MORE)
				assert_int_equal(rc, r->rc);
			free(block);
		}
	}
}

static void fields_are_found(void **state)
{
	char text[] = H "CONTENT-TYPE: \t application/json; charset=utf-8 \r\nretry-after: 7\r\n"
			"Content-Length: 0\r\n\r\n";
	struct http_answer a;

	(void)state;
	assert_int_equal(http_answer_read(text, sizeof(text) - 1, false, false, MAX_BODY, &a),
	    HTTP_ANSWER_OK);
	assert_true(sv_is(a.content_type, "application/json; charset=utf-8"));
	assert_true(sv_is(a.retry_after, "7"));
}

static void a_head_has_an_end(void **state)
{
	size_t n = HTTP_ANSWER_HEAD_MAX + 1;
	char *text = xmalloc(n);
	struct http_answer a;

	(void)state;
	memset(text, 'x', n);
	memcpy(text, H, sizeof(H) - 1);
	assert_int_equal(http_answer_read(text, n - 1, false, false, MAX_BODY, &a), HTTP_ANSWER_MORE);
	assert_int_equal(http_answer_read(text, n, false, false, MAX_BODY, &a), HTTP_ANSWER_BAD);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(answers_are_read),
	    cmocka_unit_test(the_beginning_of_an_answer_waits_for_more),
	    cmocka_unit_test(fields_are_found),
	    cmocka_unit_test(a_head_has_an_end),
	};

	return cmocka_run_group_tests_name("http_answer", tests, NULL, NULL);
}
