/* SPDX-License-Identifier: BSD-2-Clause */
/* niramaya_print.c - the half-yearly report as people read it: the numbers of niramaya_report.c as text
 * or as a page to print, in Hindi or English. Pure. */
#include "backend/niramaya.h"

#include <stdio.h>
#include <string.h>

#include "backend/ist.h"

struct print {
	struct buf out;
	const struct scheme *s;
	const json_t *o; /* the report */
	bool is_hi, is_html;
};

static const char *say(const struct print *p, const char *hi, const char *en)
{
	return p->is_hi ? hi : en;
}

static void escaped(struct buf *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '<')
			buf_adds(out, "&lt;");
		else if (*text == '&')
			buf_adds(out, "&amp;");
		else
			buf_addc(out, *text);
	}
}

static void add(struct print *p, const char *tag, const char *text)
{
	if (!p->is_html) {
		buf_addf(&p->out, "%s%s\n", *tag == 'h' && p->out.n ? "\n" : "", text);
		return;
	}
	buf_addf(&p->out, "<%s>", tag);
	escaped(&p->out, text);
	buf_addf(&p->out, "</%s>\n", tag);
}

static long long number(const json_t *o, const char *key)
{
	return json_integer_value(json_object_get(o, key));
}

static const char *named(const struct print *p, const char *rule, const char *code)
{
	static const char *const other[][3] = {
	    {"BPL", "बीपीएल", "BPL"},
	    {"NON_BPL", "बीपीएल से ऊपर", "above BPL"},
	    {"GUARDIAN", "क़ानूनी अभिभावक", "legal guardian"},
	    {"ENROL", "नामांकन", "enrolment"},
	    {"RENEW", "नवीनीकरण", "renewal"},
	};
	const struct ynode *n = rule ? ynode_get(scheme_value(p->s, rule), code) : NULL;
	const char *name = n ? ynode_str(ynode_get(n, say(p, "hi", "en"))) : NULL;

	for (size_t i = 0; !name && i < sizeof other / sizeof other[0]; i++)
		if (!strcmp(other[i][0], code))
			name = say(p, other[i][1], other[i][2]);
	return name ? name : code;
}

/* "Category: BPL 1, above BPL 2", or nothing when the list is empty. */
static void counts(struct print *p, const char *head, const json_t *of, const char *rule)
{
	struct buf line;
	const char *key;
	const json_t *n;

	if (json_object_size(of) == 0)
		return;
	buf_init(&line, 1 << 16);
	buf_addf(&line, "%s: ", head);
	json_object_foreach((json_t *)of, key, n)
	{
		buf_addf(&line, "%s%s %lld", line.n > strlen(head) + 2 ? ", " : "", named(p, rule, key),
		    (long long)json_integer_value(n));
	}
	add(p, "p", buf_str(&line));
	buf_clear(&line);
}

static void line(struct print *p, const char *fmt, ...) PRINTF_LIKE(2, 3);
static void line(struct print *p, const char *fmt, ...)
{
	struct buf b;
	va_list ap;

	buf_init(&b, 1 << 16);
	va_start(ap, fmt);
	buf_vaddf(&b, fmt, ap);
	va_end(ap);
	add(p, "p", buf_str(&b));
	buf_clear(&b);
}

static void applications(struct print *p)
{
	const json_t *heads = json_object_get(p->o, "heads"),
		     *hard = json_object_get(p->o, "difficulties");

	add(p, "h2", say(p, "1. आवेदन", "1. Applications"));
	line(p,
	    p->is_hi ? "प्राप्त %lld, अनुमोदित %lld, अस्वीकृत %lld, कार्ड अपलोड %lld।"
		     : "Received %lld, approved %lld, rejected %lld, cards uploaded %lld.",
	    number(p->o, "received"), number(p->o, "approved"), number(p->o, "rejected"),
	    number(p->o, "cards"));
	add(p, "p",
	    say(p, "अनुमोदन, अस्वीकृति और कार्ड उस दिन गिने गए हैं जिस दिन हुए, आवेदन जब भी आया हो।",
		"Approvals, rejections and cards are counted on the day they happened, whenever the "
		"application came."));
	add(p, "h2", say(p, "2. किन मदों में आवेदन आए", "2. Heads under which applications were received"));
	counts(p, say(p, "प्रकार", "Kind"), json_object_get(heads, "kind"), NULL);
	counts(p, say(p, "श्रेणी", "Category"), json_object_get(heads, "category"), NULL);
	counts(p, say(p, "दिव्यांगता", "Disability"), json_object_get(heads, "disability"),
	    "disabilities");
	if (number(p->o, "received") == 0)
		add(p, "p", say(p, "कोई आवेदन नहीं आया।", "No application was received."));
	add(p, "h2", say(p, "3. अस्वीकृति के कारण", "3. Reasons for rejection"));
	counts(p, say(p, "कारण", "Reasons"), json_object_get(p->o, "rejection_reasons"), NULL);
	if (number(p->o, "rejected") == 0)
		add(p, "p", say(p, "कोई आवेदन अस्वीकृत नहीं हुआ।", "No application was rejected."));
	add(p, "h2", say(p, "4. प्रक्रिया में कठिनाइयां", "4. Difficulties in processing"));
	line(p,
	    p->is_hi ? "अपूर्ण पाए गए %lld; %lld दिन में पूरे न होने से बंद हुए %lld।"
		     : "Found incomplete %lld; not completed within %lld days %lld.",
	    number(hard, "incomplete"), (long long)scheme_int(p->s, "resubmit_days"),
	    number(hard, "lapsed"));
	counts(p, say(p, "छूटे दस्तावेज", "Missing papers"), json_object_get(hard, "missing_papers"),
	    "document_names");
}

static void kpi(struct print *p, const json_t *k)
{
	const char *lang = say(p, "hi", "en");
	const json_t *share = json_object_get(k, "percent_in_time");

	line(p, p->is_hi ? "KPI %lld, नियम: %s" : "KPI %lld, rule: %s", number(k, "kpi"),
	    json_string_value(json_object_get(json_object_get(k, "rule"), lang)));
	if (number(k, "kpi") == 2) {
		line(p, p->is_hi ? "स्थिति: यह रिपोर्ट %s तक देय है।" : "Result: this report is due by %s.",
		    json_string_value(json_object_get(k, "due")));
		return;
	}
	line(p,
	    p->is_hi ? "स्थिति: समय पर %lld, देर से %lld, समय बीतने पर भी बाकी %lld।"
		     : "Result: in time %lld, late %lld, overdue and still open %lld.",
	    number(k, "in_time"), number(k, "late"), number(k, "overdue"));
	if (json_is_integer(share))
		line(p, p->is_hi ? "समय पर: %lld%%" : "In time: %lld%%",
		    (long long)json_integer_value(share));
	else
		add(p, "p", say(p, "अभी किसी का समय पूरा नहीं हुआ।", "None has come to its time yet."));
	line(p,
	    p->is_hi ? "कारण बताकर अस्वीकृत: %lld में से %lld।"
		     : "Rejected with the reason told: %2$lld of %1$lld.",
	    number(p->o, "rejected"), number(k, "reasons_told"));
}

char *nir_report_print(const struct scheme *s, const json_t *report, const char *lang, bool is_html)
{
	struct print p = {.s = s, .o = report, .is_hi = !strcmp(lang, "hi"), .is_html = is_html};
	const char *title = say(&p, "निरामय स्थिति रिपोर्ट", "Niramaya status report");
	size_t i;
	const json_t *k;

	buf_init(&p.out, 1 << 20);
	if (is_html)
		buf_addf(&p.out,
		    "<!doctype html>\n<html lang=\"%s\"><meta charset=\"utf-8\"><meta name=\"viewport\""
		    " content=\"width=device-width\"><title>%s %s</title><style>body{font:1rem/1.5"
		    " system-ui,\"Noto Sans Devanagari\",sans-serif;max-width:46rem;margin:1rem auto;"
		    "padding:0 1rem}h2{font-size:1.1rem;break-after:avoid}p{margin:.3rem 0}</style>\n",
		    p.is_hi ? "hi" : "en", title, json_string_value(json_object_get(report, "half")));
	add(&p, "h1", title);
	line(&p, p.is_hi ? "%s से %s, %s की स्थिति" : "%s to %s, as of %s",
	    json_string_value(json_object_get(report, "from")),
	    json_string_value(json_object_get(report, "to")),
	    json_string_value(json_object_get(report, "as_of")));
	applications(&p);
	add(&p, "h2", say(&p, "5. मापदंड (KPI)", "5. Measures (KPI)"));
	json_array_foreach(json_object_get(report, "kpis"), i, k) kpi(&p, k);
	return buf_take(&p.out);
}
