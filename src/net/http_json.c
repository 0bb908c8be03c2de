/* SPDX-License-Identifier: BSD-2-Clause */
/* http_json.c - see http_json.h. */
#include "net/http_json.h"

bool http_json_usable(const struct http_out_answer *a, json_t **body)
{
	*body = NULL;
	if (a->rc != HTTP_OUT_DONE || a->status >= 500 || a->status == 429 || a->status < 200)
		return false;
	if (a->body.n == 0) /* a connection cut inside the head looks like an empty answer to libcurl */
		return a->status == 204;
	*body = json_loadb(a->body.p, a->body.n, JSON_REJECT_DUPLICATES, NULL);
	/* A failure page in HTML with status 404 says nothing about the person's question. */
	return *body != NULL;
}
