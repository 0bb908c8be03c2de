/* SPDX-License-Identifier: BSD-2-Clause */
/* http_answer.c - see http_answer.h. Called again from the beginning with more octets; answers are small. */
#include "codec/http_answer.h"

#include <string.h>
#include <strings.h>

#define LENGTH_DIGITS 15 /* of Content-Length; larger is no answer for us */
#define CHUNK_DIGITS 8

struct head {
	bool has_length, is_chunked;
	size_t length;
};

/* The next line without its end; false: there is no end yet. */
static bool next_line(struct sv *rest, struct sv *line)
{
	const char *nl = rest->n > 0 ? memchr(rest->p, '\n', rest->n) : NULL;
	size_t n;

	if (!nl)
		return false;
	n = (size_t)(nl - rest->p);
	*line = (struct sv){rest->p, n > 0 && nl[-1] == '\r' ? n - 1 : n};
	*rest = (struct sv){nl + 1, rest->n - n - 1};
	return true;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static struct sv trimmed(struct sv s)
{
	while (s.n > 0 && is_blank(s.p[0]))
		s = (struct sv){s.p + 1, s.n - 1};
	while (s.n > 0 && is_blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

static bool is_word(struct sv s, const char *word)
{
	return s.n == strlen(word) && strncasecmp(s.p, word, s.n) == 0;
}

static bool lists(struct sv list, const char *word)
{
	while (list.n > 0) {
		const char *comma = memchr(list.p, ',', list.n);
		size_t n = comma ? (size_t)(comma - list.p) : list.n;

		if (is_word(trimmed((struct sv){list.p, n}), word))
			return true;
		n += comma != NULL;
		list = (struct sv){list.p + n, list.n - n};
	}
	return false;
}

static bool read_length(struct sv s, struct head *h)
{
	size_t v = 0;

	if (s.n == 0 || s.n > LENGTH_DIGITS)
		return false;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (size_t)(s.p[i] - '0');
	}
	if (h->has_length && h->length != v)
		return false; /* two that differ: somebody between reads the other one */
	h->has_length = true;
	h->length = v;
	return true;
}

static bool read_field(struct sv line, struct head *h, struct http_answer *out)
{
	const char *colon = memchr(line.p, ':', line.n);
	struct sv name, value;

	if (!colon)
		return false;
	name = (struct sv){line.p, (size_t)(colon - line.p)};
	value = trimmed((struct sv){colon + 1, line.n - name.n - 1});
	if (is_word(name, "Content-Length"))
		return read_length(value, h);
	if (is_word(name, "Transfer-Encoding")) {
		h->is_chunked = is_word(value, "chunked"); /* we ask for no other */
		return h->is_chunked;
	}
	if (is_word(name, "Content-Type"))
		out->content_type = value;
	else if (is_word(name, "Retry-After"))
		out->retry_after = value;
	else if (is_word(name, "Connection") && lists(value, "close"))
		out->keeps = false;
	return true;
}

/* "HTTP/1.1 200 OK" */
static bool read_status(struct sv line, struct http_answer *out)
{
	const char *p = line.p;

	if (line.n < 12 || memcmp(p, "HTTP/1.", 7) != 0 || p[7] < '0' || p[7] > '9' || p[8] != ' ' ||
	    (line.n > 12 && p[12] != ' '))
		return false;
	out->status = 0;
	for (size_t i = 9; i < 12; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		out->status = out->status * 10 + (p[i] - '0');
	}
	out->keeps = p[7] != '0';
	return out->status >= 100;
}

static enum http_answer_rc read_head(struct sv *rest, struct head *h, struct http_answer *out)
{
	struct sv line;

	*h = (struct head){0};
	*out = (struct http_answer){0};
	if (!next_line(rest, &line))
		return HTTP_ANSWER_MORE;
	if (!read_status(line, out))
		return HTTP_ANSWER_BAD;
	while (next_line(rest, &line)) {
		if (line.n == 0)
			return HTTP_ANSWER_OK;
		/* A line that goes on from the one before is of none of the fields that count here. */
		if (!is_blank(line.p[0]) && !read_field(line, h, out))
			return HTTP_ANSWER_BAD;
	}
	return HTTP_ANSWER_MORE;
}

/* "1a3;name=value"; false: no number. */
static bool read_size(struct sv line, size_t *out)
{
	size_t i;

	*out = 0;
	for (i = 0; i < line.n && i <= CHUNK_DIGITS; i++) {
		char c = line.p[i];

		if (c >= '0' && c <= '9')
			*out = *out * 16 + (size_t)(c - '0');
		else if ((c | 32) >= 'a' && (c | 32) <= 'f')
			*out = *out * 16 + (size_t)((c | 32) - 'a') + 10;
		else
			break;
	}
	return i > 0 && i <= CHUNK_DIGITS && (i == line.n || line.p[i] == ';' || is_blank(line.p[i]));
}

/* to: NULL, or where the body is moved together. */
static enum http_answer_rc read_chunks(struct sv *rest, char *to, size_t max_body, size_t *octets)
{
	struct sv line;
	size_t size;

	*octets = 0;
	while (next_line(rest, &line)) {
		if (!read_size(line, &size))
			return HTTP_ANSWER_BAD;
		if (size == 0) {
			while (next_line(rest,
			    &line)) /* what follows the last one says nothing to us */
				if (line.n == 0)
					return HTTP_ANSWER_OK;
			return HTTP_ANSWER_MORE;
		}
		if (size > max_body - *octets)
			return HTTP_ANSWER_BIG;
		if (rest->n < size)
			return HTTP_ANSWER_MORE;
		if (to)
			memmove(to + *octets, rest->p, size);
		*octets += size;
		*rest = (struct sv){rest->p + size, rest->n - size};
		if (!next_line(rest, &line))
			return rest->n > 1 ? HTTP_ANSWER_BAD : HTTP_ANSWER_MORE;
		if (line.n > 0)
			return HTTP_ANSWER_BAD;
	}
	return rest->n > HTTP_ANSWER_HEAD_MAX ? HTTP_ANSWER_BAD : HTTP_ANSWER_MORE;
}

static enum http_answer_rc read_body(char *p, struct sv rest, const struct head *h, bool is_end,
    size_t max_body, struct http_answer *out)
{
	struct sv at = rest;
	size_t octets = h->length;
	enum http_answer_rc rc;

	if (h->is_chunked) {
		rc = read_chunks(&rest, NULL, max_body, &octets);
		if (rc != HTTP_ANSWER_OK)
			return rc;
		rest = at;
		rc = read_chunks(&rest, p, max_body, &octets);
		out->keeps = out->keeps && !h->has_length && rest.n == 0;
		out->body = (struct sv){p, octets};
		return rc;
	}
	if (!h->has_length) {
		out->keeps = false;
		out->body = rest;
		return rest.n > max_body ? HTTP_ANSWER_BIG : is_end ? HTTP_ANSWER_OK : HTTP_ANSWER_MORE;
	}
	if (octets > max_body)
		return HTTP_ANSWER_BIG;
	out->keeps = out->keeps && rest.n == octets;
	out->body = (struct sv){rest.p, octets};
	return rest.n < octets ? HTTP_ANSWER_MORE : HTTP_ANSWER_OK;
}

enum http_answer_rc http_answer_read(char *p, size_t n, bool is_end, bool is_head, size_t max_body,
    struct http_answer *out)
{
	struct sv rest = {p, n};
	enum http_answer_rc rc;
	struct head h;

	do
		rc = read_head(&rest, &h, out);
	while (rc == HTTP_ANSWER_OK && out->status < 200 && out->status != 101);
	if (rc == HTTP_ANSWER_OK && out->status == 101)
		rc = HTTP_ANSWER_BAD; /* to a protocol that we did not offer */
	if ((rc == HTTP_ANSWER_MORE ? n : n - rest.n) > HTTP_ANSWER_HEAD_MAX)
		return HTTP_ANSWER_BAD;
	if (rc == HTTP_ANSWER_OK && !is_head && out->status != 204 && out->status != 304)
		rc = read_body(p + (n - rest.n), rest, &h, is_end, max_body, out);
	else
		out->keeps = out->keeps && rest.n == 0;
	return rc == HTTP_ANSWER_MORE && is_end ? HTTP_ANSWER_BAD : rc;
}
