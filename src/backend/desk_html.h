/* SPDX-License-Identifier: BSD-2-Clause */
/* desk_html.h - web/desk.html as octets; made by src/backend/local.mk. */
#ifndef DK_BACKEND_DESK_HTML_H
#define DK_BACKEND_DESK_HTML_H

#include <stddef.h>

extern const unsigned char desk_html[];
extern const size_t desk_html_len;

#endif
