/* SPDX-License-Identifier: BSD-2-Clause */
/* ask.c - see ask.h. */
#include "sim/ask.h"

#include <curl/curl.h>
#include <stdio.h>

#define ANSWER_MAX (1u << 20)
#define TIMEOUT_MS 20000L /* longer than a network waits for a screen */

void *ask_open(void)
{
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	return curl_easy_init();
}

void ask_close(void *client)
{
	curl_easy_cleanup(client);
	curl_global_cleanup();
}

static size_t on_octets(char *p, size_t size, size_t n, void *arg)
{
	struct buf *b = arg;

	buf_add(b, p, size * n);
	return b->full ? 0 : size * n;
}

bool ask(void *client, const struct ask *a, struct asked *out, char *err, size_t err_cap)
{
	struct curl_slist *h = NULL;
	CURLcode rc;

	*out = (struct asked){.status = 0};
	buf_init(&out->body, ANSWER_MAX);
	buf_init(&out->head, ANSWER_MAX);
	for (size_t i = 0; a->headers && a->headers[i]; i++)
		h = curl_slist_append(h, a->headers[i]);
	curl_easy_reset(client);
	curl_easy_setopt(client, CURLOPT_URL, a->url);
	curl_easy_setopt(client, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
	curl_easy_setopt(client, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(client, CURLOPT_PROXY, "");
	curl_easy_setopt(client, CURLOPT_WRITEFUNCTION, on_octets);
	curl_easy_setopt(client, CURLOPT_WRITEDATA, &out->body);
	curl_easy_setopt(client, CURLOPT_HEADERFUNCTION, on_octets);
	curl_easy_setopt(client, CURLOPT_HEADERDATA, &out->head);
	curl_easy_setopt(client, CURLOPT_HTTPHEADER, h);
	if (a->post)
		curl_easy_setopt(client, CURLOPT_POSTFIELDS, a->post);
	rc = curl_easy_perform(client);
	if (rc == CURLE_OK)
		(void)curl_easy_getinfo(client, CURLINFO_RESPONSE_CODE, &out->status);
	else
		snprintf(err, err_cap, "%s: %s", a->url, curl_easy_strerror(rc));
	curl_slist_free_all(h);
	return rc == CURLE_OK;
}

void asked_clear(struct asked *out)
{
	buf_clear(&out->body);
	buf_clear(&out->head);
}
