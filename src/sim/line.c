/* SPDX-License-Identifier: BSD-2-Clause */
/* line.c - texts as one line of the control protocol; see control.h. */
#include "sim/control.h"

void line_escape(struct sv text, struct buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		switch (text.p[i]) {
		case '\n':
			buf_adds(out, "\\n");
			break;
		case '\r':
			buf_adds(out, "\\r");
			break;
		case '\\':
			buf_adds(out, "\\\\");
			break;
		default:
			buf_addc(out, text.p[i]);
			break;
		}
	}
}

void line_unescape(struct sv line, struct buf *out)
{
	for (size_t i = 0; i < line.n; i++) {
		char c = line.p[i];

		if (c == '\\' && i + 1 < line.n) {
			c = line.p[++i];
			c = c == 'n' ? '\n' : c == 'r' ? '\r' : c;
		}
		buf_addc(out, c);
	}
}
