/* SPDX-License-Identifier: BSD-2-Clause */
/* escape.h - a text as it must be written inside another: URL, form, JSON, XML, header; and the writings
 * that SMS providers want of a whole text. Each appends to out. Pure. */
#ifndef DK_ESCAPE_H
#define DK_ESCAPE_H

#include "base/buf.h"
#include "base/sv.h"

/* Percent-encoded but for letters, digits and -._~ (RFC 3986 s.2.3): good in a path, a query and a form. */
void escape_url(struct sv s, struct buf *out);
/* Inside a JSON string (RFC 8259 s.7). What is no UTF-8 becomes U+FFFD. */
void escape_json(struct sv s, struct buf *out);
/* Text or attribute of XML 1.0; what it cannot hold becomes U+FFFD. */
void escape_xml(struct sv s, struct buf *out);
/* A header's value: control characters, which could begin another header, become spaces. */
void escape_header(struct sv s, struct buf *out);
void escape_hex(struct sv s, struct buf *out); /* octets, lower case */
void escape_base64(struct sv s, struct buf *out); /* RFC 4648 s.4 */
void escape_ucs2_hex(struct sv utf8, struct buf *out); /* UTF-16BE units, upper case */
/* Each UTF-16 unit as "&#NNNN;", in decimal, as CDAC's gateway has it. */
void escape_entities(struct sv utf8, struct buf *out);
int hex_digit(char c); /* -1: it is none */
/* Hexadecimal digits of either case to octets. false: odd, or no digits. */
bool unhex(struct sv digits, struct buf *out) MUSTUSE;

#endif
