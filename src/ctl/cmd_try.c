/* SPDX-License-Identifier: BSD-2-Clause */
/* cmd_try.c - dakiyactl try: a phone in the terminal, straight against service packs. The real compiler
 * and the real dialogue; no network, no Redis, and a clock that moves when it is told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "codec/msisdn.h"
#include "ctl/ctl.h"
#include "ctl/try_int.h"
#include "pack_files.h"
#include "ussd_conf.h"

#define FOLDERS_MAX 32
#define RETRIES_MAX 1000 /* of a kept question in one wait */
#define ERR_MAX (1u << 20)

void cmd_try_usage(void)
{
	printf("usage: dakiyactl try PACK [PACK ...] [--ussd | --sms] [OPTION ...]\n"
	       "  PACK              a folder with a service.yaml, or of such folders; the pack common\n"
	       "                    beside the first one comes by itself\n"
	       "  --ussd            dial at the start (default); --sms: what is typed is an SMS\n"
	       "  --lang LANG       the language the person has chosen, such as hi or en\n"
	       "  --number N        the person's number (default 919812345678)\n"
	       "  --code CODE       what is dialled (default *123#; *123*1# is a shortcut)\n"
	       "  --profile NAME    USSD profile: of the installed ones, or a path; its screens\n"
	       "                    and times count\n"
	       "  --backend URL     ask this backend; NAME=URL: for this backend of the packs only;\n"
	       "                    without it answers are typed in\n"
	       "  --coverage        at the end say which steps were never reached; status 3 if any\n"
	       "typed: what the person types, *123# to dial, or\n"
	       "  :redial           dial afresh, as the first time (also :back-to-start)\n"
	       "  :drop             the signal is lost        :wait 5m     time passes\n"
	       "  :sms TEXT         an SMS beside USSD        :event TYPE JSON, :event PACK:TYPE JSON\n"
	       "  :coverage         steps not reached yet     :where       where the dialogue stands\n"
	       "  :help             this                      :quit        the end, also Ctrl-D\n"
	       "status: 0; 1 packs that do not compile, or (not at a terminal) a line that meant "
	       "nothing;\n"
	       "2 wrong use; 3 with --coverage\n");
}

/* ---- reading and stepping ---- */

char *try_read(struct try *t, const char *prompt)
{
	ssize_t n;

	if (t->is_tty)
		printf("%s> ", prompt);
	fflush(stdout);
	n = t->is_over ? -1 : getline(&t->typed, &t->typed_cap, stdin);
	if (n < 0) {
		t->is_over = true;
		return NULL;
	}
	while (n > 0 && (t->typed[n - 1] == '\n' || t->typed[n - 1] == '\r'))
		t->typed[--n] = '\0';
	if (!t->is_tty)
		printf("%s> %s\n", prompt, t->typed);
	return t->typed;
}

void try_late(struct try *t)
{
	if (!rehearsal_is_open(&t->r))
		return;
	try_note("the screen had to leave before the answer was there");
	t->r.is_late = true;
	try_show_screen(t, dialogue_last_screen(t->packs, session_lang(t->r.s), SCREEN_LATE), true);
}

/* What a step brought, and the steps that its calls bring. */
static void carry_on(struct try *t)
{
	for (;;) {
		const struct step_result *res = &t->r.res;

		for (size_t i = 0; i < res->reply_count; i++)
			try_show_reply(t, &res->reply[i]);
		if (res->screen)
			try_show_screen(t, res->screen, res->screen_ends);
		if (!res->has_call)
			break;
		if (!try_answer(t)) {
			try_note("the call got no answer");
			return;
		}
	}
	t->defer_at_ms = t->r.res.defer_at_ms;
	if (t->defer_at_ms > 0)
		try_note("the question is kept and asked again in %llu s",
		    (unsigned long long)(t->defer_at_ms - t->r.now_ms) / 1000);
}

static void step(struct try *t, struct input in)
{
	t->at[0] = '\0';
	if (rehearsal_step(&t->r, in))
		carry_on(t);
}

static void say(struct try *t, const char *text)
{
	step(t, (struct input){.kind = INPUT_TEXT, .text = sv_from(xstrdup(text))});
}

static void mistake(struct try *t, const char *sentence)
{
	t->has_mistake = true;
	try_note("%s", sentence);
}

/* ---- commands ---- */

static void do_drop(struct try *t, const char *arg)
{
	(void)arg;
	if (!rehearsal_is_open(&t->r)) {
		mistake(t, "no USSD session is open");
		return;
	}
	rehearsal_drop(&t->r, "");
	try_note("the signal is lost");
}

static void dial(struct try *t, const char *code)
{
	if (rehearsal_is_open(&t->r))
		do_drop(t, "");
	t->at[0] = '\0';
	if (rehearsal_dial(&t->r, code))
		carry_on(t);
	else
		mistake(t, "a code is dialled as *123# or *123*1*2#");
}

static void do_redial(struct try *t, const char *arg)
{
	dial(t, *arg ? arg : t->code);
}

static bool read_time(const char *s, uint64_t *ms)
{
	static const struct {
		const char *unit;
		uint64_t ms;
	} unit[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
	char *end;
	unsigned long long n = strtoull(s, &end, 10);

	for (size_t i = 0; end > s && n <= 100000000 && i < sizeof(unit) / sizeof(unit[0]); i++)
		if (strcmp(end, unit[i].unit) == 0) {
			*ms = n * unit[i].ms;
			return true;
		}
	return false;
}

static void do_wait(struct try *t, const char *arg)
{
	uint64_t ms, until;

	if (!read_time(arg, &ms)) {
		mistake(t, ":wait wants a time such as 30s, 5m, 2h or 1d");
		return;
	}
	until = t->r.now_ms + ms;
	if (rehearsal_is_open(&t->r) && ms >= t->session_ms) {
		t->r.now_ms += t->session_ms;
		try_note("the network ends the session after %llu s",
		    (unsigned long long)t->session_ms / 1000);
		rehearsal_drop(&t->r, "");
		t->defer_at_ms = t->r.res.defer_at_ms;
	}
	for (int i = 0; i < RETRIES_MAX && t->defer_at_ms > 0 && t->defer_at_ms <= until && !t->is_over;
	     i++) {
		if (t->defer_at_ms > t->r.now_ms)
			t->r.now_ms = t->defer_at_ms;
		t->defer_at_ms = 0;
		step(t, (struct input){.kind = INPUT_RETRY});
	}
	t->r.now_ms = until > t->r.now_ms ? until : t->r.now_ms;
	try_note("%s later", arg);
}

/* The pack that an event of no named one is for: the first with events. */
static const char *event_pack(const struct try *t)
{
	for (size_t i = 0; i < t->packs->count; i++)
		if (t->packs->pack[i]->event_count > 0)
			return t->packs->pack[i]->name;
	return "";
}

static void do_event(struct try *t, const char *arg)
{
	size_t n = strcspn(arg, " ");
	const char *colon = memchr(arg, ':', n), *json = arg + n;
	struct sv service = sv_from(event_pack(t)), type = {arg, n};
	json_t *data;

	if (colon) {
		service = (struct sv){arg, (size_t)(colon - arg)};
		type = (struct sv){colon + 1, n - service.n - 1};
	}
	data = json_loads(*json ? json : "{}", JSON_REJECT_DUPLICATES, NULL);
	if (!data || type.n == 0) {
		json_decref(data);
		mistake(t, ":event wants a type and JSON: :event token.called {\"token\": 7}");
		return;
	}
	/* The line is read over if the event's turn asks something. */
	service = (struct sv){xstrndup(service.p, service.n), service.n};
	step(t, (struct input){.kind = INPUT_EVENT,
		    .event_service = service,
		    .event_type = (struct sv){xstrndup(type.p, type.n), type.n},
		    .data = data});
	if (t->r.res.reply_count == 0)
		try_note("nothing is said of it (%s)", t->r.res.outcome);
	free((char *)(uintptr_t)service.p);
}

static void do_sms(struct try *t, const char *arg)
{
	bool was_open = t->r.on_ussd;

	t->r.on_ussd = false;
	say(t, arg);
	t->r.on_ussd = was_open;
}

static void do_coverage(struct try *t, const char *arg)
{
	size_t never;

	(void)arg;
	try_show_coverage(t, &never);
}

static void do_where(struct try *t, const char *arg)
{
	struct buf b;

	(void)arg;
	buf_init(&b, 4096);
	rehearsal_where(&t->r, &b);
	try_note("%s%s", buf_str(&b), rehearsal_is_open(&t->r) ? ", a USSD session is open" : "");
	buf_clear(&b);
}

static void do_help(struct try *t, const char *arg)
{
	(void)t, (void)arg;
	cmd_try_usage();
}

static void do_quit(struct try *t, const char *arg)
{
	(void)arg;
	t->is_over = true;
}

static const struct {
	const char *name;
	void (*run)(struct try *t, const char *arg);
} commands[] = {
    {"redial", do_redial},
    {"back-to-start", do_redial},
    {"drop", do_drop},
    {"wait", do_wait},
    {"event", do_event},
    {"sms", do_sms},
    {"coverage", do_coverage},
    {"where", do_where},
    {"help", do_help},
    {"quit", do_quit},
};

static void command(struct try *t, const char *line)
{
	size_t n = strcspn(line, " ");
	const char *arg = line + n + strspn(line + n, " ");

	for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
		if (strlen(commands[i].name) == n && strncmp(line, commands[i].name, n) == 0) {
			commands[i].run(t, arg);
			return;
		}
	mistake(t, "there is no such command; :help lists them");
}

static void talk(struct try *t)
{
	char *line;

	if (!t->is_sms)
		dial(t, t->code);
	while ((line = try_read(t, rehearsal_is_open(&t->r) ? "ussd" : "sms"))) {
		char *copy = xstrdup(line); /* calls of the turn read further lines */
		size_t n = strlen(copy);

		if (copy[0] == ':')
			command(t, copy + 1);
		else if (n > 2 && copy[0] == '*' && copy[n - 1] == '#' && !rehearsal_is_open(&t->r))
			dial(t, copy);
		else if (n > 0)
			say(t, copy);
		free(copy);
		if (t->is_over)
			break;
	}
}

/* ---- arguments ---- */

struct args {
	const char *folder[FOLDERS_MAX];
	size_t folders;
	const char *lang, *number, *code, *profile;
	bool is_sms, has_coverage;
};

static bool take_backend(struct try *t, const char *arg)
{
	struct try_backend *b = &t->backend[t->backends];
	const char *eq = strchr(arg, '='), *slash = strchr(arg, '/');
	size_t n = eq && (!slash || eq < slash) ? (size_t)(eq - arg) : 0;

	if (t->backends == TRY_BACKENDS_MAX || n > NAME_MAX_OCTETS)
		return false;
	memcpy(b->name, arg, n);
	b->url = arg + (n > 0 ? n + 1 : 0);
	t->backends++;
	return strncmp(b->url, "http://", 7) == 0 || strncmp(b->url, "https://", 8) == 0;
}

/* 0, or the exit status. */
static int take_arguments(int argc, char **argv, struct try *t, struct args *x)
{
	for (int i = 1; i < argc; i++) {
		const char *a = argv[i];

		if (strcmp(a, "--ussd") == 0)
			x->is_sms = false;
		else if (strcmp(a, "--sms") == 0)
			x->is_sms = true;
		else if (strcmp(a, "--coverage") == 0)
			x->has_coverage = true;
		else if (strcmp(a, "--lang") == 0)
			x->lang = ctl_value(argc, argv, &i);
		else if (strcmp(a, "--number") == 0)
			x->number = ctl_value(argc, argv, &i);
		else if (strcmp(a, "--code") == 0)
			x->code = ctl_value(argc, argv, &i);
		else if (strcmp(a, "--profile") == 0)
			x->profile = ctl_value(argc, argv, &i);
		else if (strcmp(a, "--backend") == 0) {
			if (!take_backend(t, ctl_value(argc, argv, &i)))
				return ctl_misused("--backend is a URL, or NAME=URL");
		} else if (a[0] == '-')
			return ctl_misused("there is no option %s", a);
		else if (x->folders == FOLDERS_MAX - 1)
			return ctl_misused("too many packs");
		else
			x->folder[x->folders++] = a;
	}
	return x->folders > 0 ? 0 : ctl_misused("which pack?");
}

/* The pack common beside the first one, unless it is there or the first is no single pack. Owned. */
static char *common_beside(const struct args *x)
{
	char *file = xasprintf("%s/service.yaml", x->folder[0]), *dir;
	bool is_pack = access(file, F_OK) == 0;

	free(file);
	if (!is_pack)
		return NULL;
	dir = xasprintf("%s/../common", x->folder[0]);
	file = xasprintf("%s/service.yaml", dir);
	for (size_t i = 0; i < x->folders; i++)
		if (strstr(x->folder[i], "common"))
			is_pack = false;
	if (!is_pack || access(file, F_OK) != 0) {
		free(dir);
		dir = NULL;
	}
	free(file);
	return dir;
}

static struct packs *read_packs(struct args *x)
{
	char *common = common_beside(x);
	struct packs *p;
	struct buf err, warn;

	if (common)
		x->folder[x->folders++] = common;
	buf_init(&err, ERR_MAX);
	buf_init(&warn, ERR_MAX);
	p = pack_files_read(x->folder, x->folders, &err, &warn);
	fputs(buf_str(&warn), stderr);
	fputs(buf_str(&err), stderr);
	buf_clear(&err);
	buf_clear(&warn);
	free(common);
	return p;
}

static bool take_profile(struct try *t, const char *which)
{
	struct ussd_conf *c;
	struct buf err;

	t->r.limits = (struct screen_limits){160, 70};
	t->answer_ms = 10000;
	t->session_ms = 180000;
	if (!which)
		return true;
	buf_init(&err, ERR_MAX);
	c = ussd_conf_read(DK_DATADIR "/ussd", which, &err);
	fputs(buf_str(&err), stderr);
	buf_clear(&err);
	if (!c)
		return false;
	t->r.limits = (struct screen_limits){(unsigned)c->gsm7, (unsigned)c->ucs2};
	t->answer_ms = (uint64_t)c->answer_ms;
	t->session_ms = (uint64_t)c->session_ms;
	ussd_conf_free(c);
	return true;
}

static void on_step(void *arg, const char *pack, const char *name)
{
	struct try *t = arg;

	snprintf(t->at, sizeof(t->at), "%s/%s", pack, name);
	for (size_t i = 0; i < t->packs->count; i++)
		if (strcmp(t->packs->pack[i]->name, pack) == 0)
			t->seen[i][pack_step(t->packs->pack[i], sv_from(name))] = true;
}

static int run(struct try *t, const struct args *x, const char *number)
{
	size_t never = 0;

	rehearsal_init(&t->r, t->packs, number, clock_wall_ms());
	/* Idempotency keys that no earlier trial has used. */
	t->r.turn = t->r.now_ms << 20;
	t->watch = (struct dialogue_watch){on_step, t};
	t->r.watch = &t->watch;
	t->code = x->code;
	t->is_sms = x->is_sms;
	t->is_tty = isatty(STDIN_FILENO) == 1;
	if (!take_profile(t, x->profile))
		return 1;
	if (x->lang && !rehearsal_lang(&t->r, x->lang))
		return ctl_misused("the packs do not speak %s", x->lang);
	talk(t);
	if (x->has_coverage)
		try_show_coverage(t, &never);
	if (t->has_mistake && !t->is_tty)
		return 1;
	return never > 0 ? 3 : 0;
}

int cmd_try(int argc, char **argv)
{
	struct args x = {.number = "919812345678", .code = "*123#"};
	struct try *t = xcalloc(1, sizeof(*t));
	char number[MSISDN_CAP];
	int rc = take_arguments(argc, argv, t, &x);

	if (rc == 0 && !msisdn_normalise(sv_from(x.number), 0, number))
		rc = ctl_misused("%s is no phone number", x.number);
	if (rc == 0) {
		t->packs = read_packs(&x);
		rc = t->packs ? run(t, &x, number) : 1;
	}
	rehearsal_clear(&t->r);
	try_forget(t);
	packs_free(t->packs);
	free(t->typed);
	free(t);
	return rc;
}
