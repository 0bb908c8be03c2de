/* SPDX-License-Identifier: BSD-2-Clause */
/* niramaya_report.c - the numbers of the half-yearly status report: April to September (due in
 * September) and October to March (due in March). */
#include "backend/scheme_api.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend/ist.h"
#include "backend/niramaya.h"

/* "2024-09" or "2025-03": the month in which the report is due. */
static bool read_half(const char *text, int64_t *from, int64_t *to)
{
	char date[16];
	int year;
	char *end;

	if (strlen(text) != 7 || text[4] != '-' || strspn(text, "0123456789") != 4)
		return false;
	year = (int)strtol(text, &end, 10);
	if (!strcmp(text + 5, "09"))
		snprintf(date, sizeof date, "%04d-04-01", year % 10000);
	else if (!strcmp(text + 5, "03"))
		snprintf(date, sizeof date, "%04d-10-01", (year - 1) % 10000);
	else
		return false;
	if (!ist_parse_date(date, from))
		return false;
	snprintf(date, sizeof date, "%04d-%s", year % 10000,
	    !strcmp(text + 5, "09") ? "09-30" : "03-31");
	return ist_parse_date(date, to);
}

static json_t *heads(struct db *d, int64_t from, int64_t to, int64_t *received)
{
	sqlite3_stmt *st = db_use(d, SQL_NIR_HEADS);
	json_t *o = json_pack("{s:{}, s:{}, s:{}}", "category", "disability", "kind");

	*received = 0;
	db_bind_int(st, 1, from);
	db_bind_int(st, 2, to);
	while (db_row(d, st)) {
		const char *head = (const char *)sqlite3_column_text(st, 0);
		int64_t n = sqlite3_column_int64(st, 2);

		json_object_set_new(json_object_get(o, head), (const char *)sqlite3_column_text(st, 1),
		    json_integer(n));
		if (!strcmp(head, "kind"))
			*received += n;
	}
	return o;
}

static void count(json_t *o, const char *key, int64_t n)
{
	json_object_set_new(o, key, json_integer(json_integer_value(json_object_get(o, key)) + n));
}

/* What happened in the half-year, whenever the application came. */
static void add_happened(struct db *d, json_t *o, int64_t from, int64_t to)
{
	sqlite3_stmt *st = db_use(d, SQL_NIR_HAPPENED);
	json_t *reasons = json_object(), *missing = json_object(), *all = json_object();

	db_bind_int(st, 1, ist_day_start_ms(from));
	db_bind_int(st, 2, ist_day_start_ms(to + 1));
	while (db_row(d, st)) {
		const char *status = (const char *)sqlite3_column_text(st, 0),
			   *detail = (const char *)sqlite3_column_text(st, 1);
		int64_t n = sqlite3_column_int64(st, 2);

		if (!strcmp(status, "MISSING")) {
			count(missing, detail, n);
			continue;
		}
		count(all, status, n);
		if (!strcmp(status, "REJECTED"))
			count(reasons, detail, n);
	}
	json_object_set_new(o, "approved",
	    json_integer(json_integer_value(json_object_get(all, "APPROVED"))));
	json_object_set_new(o, "rejected",
	    json_integer(json_integer_value(json_object_get(all, "REJECTED"))));
	json_object_set_new(o, "cards",
	    json_integer(json_integer_value(json_object_get(all, "CARD_UPLOADED"))));
	json_object_set_new(o, "rejection_reasons", reasons);
	json_object_set_new(o, "difficulties",
	    json_pack("{s:I, s:I, s:o}", "incomplete",
		json_integer_value(json_object_get(all, "INCOMPLETE")), "lapsed",
		json_integer_value(json_object_get(all, "LAPSED")), "missing_papers", missing));
	json_decref(all);
}

static json_t *kpi(struct db *d, const struct scheme *s, int64_t from, int64_t to, int64_t today)
{
	sqlite3_stmt *st = db_use(d, SQL_NIR_KPI);
	json_t *o = json_pack("{s:I}", "card_days", (json_int_t)scheme_int(s, "card_days"));

	db_bind_int(st, 1, from);
	db_bind_int(st, 2, to);
	db_bind_int(st, 3, scheme_int(s, "card_days"));
	db_bind_int(st, 4, today);
	if (db_row(d, st)) {
		json_object_set_new(o, "in_time", json_integer(sqlite3_column_int64(st, 0)));
		json_object_set_new(o, "late", json_integer(sqlite3_column_int64(st, 1)));
		json_object_set_new(o, "overdue", json_integer(sqlite3_column_int64(st, 2)));
	}
	db_done(st);
	return o;
}

/* Each measure of the guideline with its rule; the share is of those whose time has come. */
static json_t *kpis(const struct scheme *s, const json_t *o, const char *due)
{
	const json_t *k = json_object_get(o, "kpi"), *n;
	json_int_t in_time = json_integer_value(json_object_get(k, "in_time")),
		   late = json_integer_value(json_object_get(k, "late")),
		   overdue = json_integer_value(json_object_get(k, "overdue")), told = 0,
		   all = in_time + late + overdue;
	const char *reason;

	json_object_foreach(json_object_get(o, "rejection_reasons"), reason, n)
	{
		told += *reason ? json_integer_value(n) : 0;
	}
	return json_pack("[{s:i, s:o, s:I, s:I, s:I, s:I, s:o, s:I}, {s:i, s:o, s:s, s:I}]", "kpi", 1,
	    "rule", scheme_value_json(scheme_value(s, "kpi_card")), "days",
	    (json_int_t)scheme_int(s, "card_days"), "in_time", in_time, "late", late, "overdue",
	    overdue, "percent_in_time", all ? json_integer(in_time * 100 / all) : json_null(),
	    "reasons_told", told, "kpi", 2, "rule", scheme_value_json(scheme_value(s, "kpi_report")),
	    "due", due, "words", (json_int_t)scheme_int(s, "report_words"));
}

/* JSON, or what people read: format=text, format=html. */
static void answer(struct api_call *c, const struct scheme *s, json_t *o)
{
	char format[8], lang[FIELD_LANG_CAP];

	if (!sapi_query(c, "lang", lang, sizeof lang))
		memcpy(lang, "hi", 3);
	if (!sapi_query(c, "format", format, sizeof format) || !strcmp(format, "json")) {
		api_answer(c, 200, o);
		return;
	}
	if (strcmp(format, "text") && strcmp(format, "html")) {
		json_decref(o);
		api_bad_field(c, "format", "It must be json, text or html.");
		return;
	}
	api_answer(c, 200, o);
	c->page = nir_report_print(s, o, lang, *format == 'h');
	c->page_type = *format == 'h' ? "text/html; charset=utf-8" : "text/plain; charset=utf-8";
}

void api_nir_report(struct api_call *c)
{
	char half[16];
	int64_t from, to, received;
	struct scheme s;
	json_t *o, *of;

	if (!sapi_scheme(c, "niramaya", &s))
		return;
	if (!sapi_query(c, "half", half, sizeof half) || !read_half(half, &from, &to)) {
		api_bad_field(c, "half", "It must be a month of report: 2024-09 or 2025-03.");
		return;
	}
	of = heads(c->a->q.db, from, to, &received);
	o = json_pack("{s:s, s:o, s:o, s:I, s:o, s:I}", "half", half, "from", sapi_day_json(from), "to",
	    sapi_day_json(to), "received", (json_int_t)received, "heads", of, "report_words",
	    (json_int_t)scheme_int(&s, "report_words"));
	add_happened(c->a->q.db, o, from, to);
	json_object_set_new(o, "kpi", kpi(c->a->q.db, &s, from, to, ist_day(c->now_ms)));
	json_object_set_new(o, "as_of", sapi_day_json(ist_day(c->now_ms)));
	json_object_set_new(o, "kpis", kpis(&s, o, json_string_value(json_object_get(o, "to"))));
	answer(c, &s, o);
}
