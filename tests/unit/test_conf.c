/* SPDX-License-Identifier: BSD-2-Clause */
/* test_conf.c - src/base/conf.c and conf_print.c, over a table that has every type. */
#include <unistd.h>

#include "base/conf.h"
#include "unit.h"

struct link {
	char *name, *host, *password;
	int64_t port, timeout_ms;
	int mode;
	bool is_on;
};

struct listener {
	char *listen;
	struct conf_list tags;
};

struct top {
	char *dir;
	struct conf_list services;
	struct conf_list links;
	struct listener *ops, *events;
	int64_t version;
};

static const struct conf_row link_rows[] = {
    {.name = "name",
	.type = CONF_STR,
	.offset = offsetof(struct link, name),
	.flags = CONF_REQUIRED,
	.help = "Name."},
    {.name = "host",
	.type = CONF_STR,
	.offset = offsetof(struct link, host),
	.def = "127.0.0.1",
	.help = "Host."},
    {.name = "password",
	.type = CONF_STR,
	.offset = offsetof(struct link, password),
	.max = 8,
	.flags = CONF_SECRET,
	.help = "At most eight octets."},
    {.name = "port",
	.type = CONF_INT,
	.offset = offsetof(struct link, port),
	.def = "2775",
	.min = 1,
	.max = 65535},
    {.name = "timeout",
	.type = CONF_MS,
	.offset = offsetof(struct link, timeout_ms),
	.def = "8s",
	.max = 60000},
    {.name = "mode",
	.type = CONF_ENUM,
	.offset = offsetof(struct link, mode),
	.def = "trx",
	.choices = "tx|rx|trx"},
    {.name = "on", .type = CONF_BOOL, .offset = offsetof(struct link, is_on), .def = "yes"},
    {0},
};

static const struct conf_row listener_rows[] = {
    {.name = "listen",
	.type = CONF_STR,
	.offset = offsetof(struct listener, listen),
	.def = "127.0.0.1:0"},
    {.name = "tags", .type = CONF_LIST, .offset = offsetof(struct listener, tags)},
    {0},
};

static const struct conf_row rows[] = {
    {.name = "state_dir",
	.type = CONF_STR,
	.offset = offsetof(struct top, dir),
	.def = "/var/lib/x",
	.help = "A folder in which everything stands that has to outlive the process; its help is one "
		"sentence which is "
		"so long that it takes two lines."},
    {.name = "services",
	.type = CONF_LIST,
	.offset = offsetof(struct top, services),
	.def = "[a/, b/]",
	.flags = CONF_LIVE},
    {.name = "links",
	.type = CONF_SECTION,
	.offset = offsetof(struct top, links),
	.sub = link_rows,
	.sub_size = sizeof(struct link)},
    {.name = "ops",
	.type = CONF_SECTION,
	.offset = offsetof(struct top, ops),
	.def = "{}",
	.flags = CONF_SINGLE,
	.sub = listener_rows,
	.sub_size = sizeof(struct listener)},
    {.name = "events",
	.type = CONF_SECTION,
	.offset = offsetof(struct top, events),
	.flags = CONF_SINGLE,
	.sub = listener_rows,
	.sub_size = sizeof(struct listener)},
    {.name = "version", .type = CONF_INT, .offset = offsetof(struct top, version), .def = "0x34"},
    {0},
};

static bool read_text(const char *text, struct top *c, struct buf *err)
{
	struct sv s = sv_from(text);
	void *p = exact(s.p, s.n);
	bool ok;

	memset(c, 0, sizeof *c);
	buf_init(err, 4000);
	ok = conf_read(rows, "c.yaml", (struct sv){p, s.n}, c, err);
	free(p);
	return ok;
}

static void what_is_absent_has_its_default(void **state)
{
	struct top c;
	struct buf err;

	(void)state;
	assert_true(read_text("", &c, &err));
	assert_string_equal(buf_str(&err), "");
	assert_string_equal(c.dir, "/var/lib/x");
	assert_int_equal(c.services.n, 2);
	assert_string_equal(c.services.v[1], "b/");
	assert_int_equal(c.links.n, 0);
	assert_non_null(c.ops);
	assert_string_equal(c.ops->listen, "127.0.0.1:0");
	assert_null(c.events);
	assert_int_equal(c.version, 0x34);
	conf_clear(rows, &c);
	conf_clear(rows, &c); /* twice is fine */
	buf_clear(&err);
}

static void every_type_is_read(void **state)
{
	static const char text[] =
	    "state_dir: /tmp\n"
	    "services: one/\n"
	    "links:\n"
	    "  - {name: a, password: secret, port: 3000, timeout: 1500ms, mode: rx, on: off}\n"
	    "  - name: b\n"
	    "    timeout: 1m\n"
	    "events: {listen: 'unix:/x y', tags: [p, \"q r\"]}\n"
	    "version: 80\n";
	struct top c;
	struct buf err;
	const struct link *a, *b;

	(void)state;
	assert_true(read_text(text, &c, &err));
	assert_string_equal(buf_str(&err), "");
	assert_int_equal(c.services.n, 1);
	assert_int_equal(c.links.n, 2);
	a = c.links.v[0];
	b = c.links.v[1];
	assert_string_equal(a->password, "secret");
	assert_int_equal(a->port, 3000);
	assert_int_equal(a->timeout_ms, 1500);
	assert_int_equal(a->mode, 1);
	assert_false(a->is_on);
	assert_string_equal(b->host, "127.0.0.1");
	assert_null(b->password);
	assert_int_equal(b->timeout_ms, 60000);
	assert_int_equal(b->mode, 2);
	assert_true(b->is_on);
	assert_string_equal(c.events->listen, "unix:/x y");
	assert_string_equal(c.events->tags.v[1], "q r");
	assert_int_equal(c.version, 80);
	conf_clear(rows, &c);
	buf_clear(&err);
}

static void every_mistake_is_reported_at_its_place(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	    {"stat_dir: x\n",
		"c.yaml:1:1: unknown key \"stat_dir\"; the nearest known key is \"state_dir\"\n"},
	    {"links: [{name: a, pot: 1}]\n",
		"c.yaml:1:19: unknown key \"pot\" in links[0]; the nearest known key is \"port\"\n"},
	    {"links: [{}]\n", "c.yaml:1:9: links[0].name is missing\n"},
	    {"links: {}\n",
		"c.yaml:1:8: links must be a list of sections, each beginning with \"-\"\n"},
	    {"links: [x]\n", "c.yaml:1:9: links[0] must be a map of \"key: value\"\n"},
	    {"ops: [x]\n", "c.yaml:1:6: ops must be a map of \"key: value\"\n"},
	    {"[]\n", "c.yaml:1:1: the configuration must be a map of \"key: value\"\n"},
	    {"links: [{name: a, port: 0}]\n",
		"c.yaml:1:25: links[0].port must be from 1 to 65535, not 0\n"},
	    {"links: [{name: a, port: 65536}]\n",
		"c.yaml:1:25: links[0].port must be from 1 to 65535, not 65536\n"},
	    {"links: [{name: a, port: x}]\n",
		"c.yaml:1:25: links[0].port must be a whole number, not \"x\"\n"},
	    {"links: [{name: a, timeout: 2 s}]\n", "c.yaml:1:28: links[0].timeout must be a duration "
						   "such as 500ms, 10s, 5m, 2h or 1d, not \"2 s\"\n"},
	    {"links: [{name: a, timeout: 61s}]\n",
		"c.yaml:1:28: links[0].timeout must be from 0 to 60000 ms, not 61s\n"},
	    {"links: [{name: a, mode: t}]\n",
		"c.yaml:1:25: links[0].mode must be one of tx|rx|trx, not \"t\"\n"},
	    {"links: [{name: a, on: maybe}]\n",
		"c.yaml:1:23: links[0].on must be true or false, not \"maybe\"\n"},
	    {"links: [{name: a, password: ninechars}]\n",
		"c.yaml:1:29: links[0].password is longer than 8 octets\n"},
	    {"services: {a: b}\n", "c.yaml:1:11: services must be a list such as [a, b]\n"},
	    {"services: [a, [b]]\n", "c.yaml:1:15: services[1] must be a word\n"},
	    {"state_dir: [a]\n", "c.yaml:1:12: state_dir must be one value, not a list\n"},
	    {"version: 99999999999999999999\n",
		"c.yaml:1:10: version must be a whole number, not \"99999999999999999999\"\n"},
	    {"version: 0x\n", "c.yaml:1:10: version must be a whole number, not \"0x\"\n"},
	    {"version: 3.4\nstate_dir: {}\n",
		"c.yaml:2:12: state_dir must be one value, not a map\nc.yaml:1:10: version must be a "
		"whole number, not \"3.4\"\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct top c;
		struct buf err;

		assert_false(read_text(cases[i].text, &c, &err));
		assert_string_equal(buf_str(&err), cases[i].want);
		conf_clear(rows, &c);
		buf_clear(&err);
	}
}

static void durations_have_units(void **state)
{
	static const struct {
		const char *text;
		long long want; /* -1: refused */
	} cases[] = {{"0", 0}, {"250", 250}, {"250ms", 250}, {"8s", 8000}, {"1m", 60000}, {"-1s", -1},
	    {"s", -1}, {"1.5s", -1}, {"1w", -1}, {"99999999999999999999", -1},
	    {"9999999999999999d", -1}};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *text = xasprintf("links: [{name: a, timeout: \"%s\"}]", cases[i].text);
		struct top c;
		struct buf err;
		bool ok = read_text(text, &c, &err);

		assert_int_equal(ok, cases[i].want >= 0);
		if (ok)
			assert_int_equal(((struct link *)c.links.v[0])->timeout_ms, cases[i].want);
		conf_clear(rows, &c);
		buf_clear(&err);
		free(text);
	}
}

static char *file_with(const char *content)
{
	char path[] = "test_conf.XXXXXX";
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	close(fd);
	return xstrdup(path);
}

static void a_secret_can_be_read_from_the_first_line_of_a_file(void **state)
{
	static const struct {
		const char *content, *want, *err;
	} cases[] = {
	    {"hunter2\nsecond line\n", "hunter2", NULL},
	    {"hunter2", "hunter2", NULL},
	    {"hunter2\r\n", "hunter2", NULL},
	    {"\nhunter2\n", NULL, "which links[0].password is read from, is empty"},
	    {"ninechars\n", NULL, "is longer than 8 octets"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		char *path = file_with(cases[i].content),
		     *text = xasprintf("links: [{name: a, password_file: \"%s\"}]", path);
		struct top c;
		struct buf err;
		bool ok = read_text(text, &c, &err);

		assert_int_equal(ok, cases[i].want != NULL);
		if (ok)
			assert_string_equal(((struct link *)c.links.v[0])->password, cases[i].want);
		else
			assert_non_null(strstr(buf_str(&err), cases[i].err));
		assert_null(strstr(buf_str(&err), "ninechars"));
		conf_clear(rows, &c);
		buf_clear(&err);
		unlink(path);
		free(path);
		free(text);
	}
}

static void a_secret_file_that_is_not_there_or_one_too_many_is_a_mistake(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
	    {"links: [{name: a, password_file: /nowhere/at/all}]",
		"c.yaml:1:34: cannot read /nowhere/at/all for links[0].password: No such file or "
		"directory\n"},
	    {"links: [{name: a, password_file: [x]}]",
		"c.yaml:1:34: links[0].password_file must be the path of a file\n"},
	    {"links: [{name: a, password: b, password_file: c}]",
		"c.yaml:1:47: links[0].password and links[0].password_file are both given; keep one\n"},
	    {"links: [{name: a, host_file: x}]", "c.yaml:1:19: unknown key \"host_file\" in links[0]; "
						 "the nearest known key is \"host\"\n"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct top c;
		struct buf err;

		assert_false(read_text(cases[i].text, &c, &err));
		assert_string_equal(buf_str(&err), cases[i].want);
		conf_clear(rows, &c);
		buf_clear(&err);
	}
}

static void what_is_printed_reads_back_and_prints_the_same(void **state)
{
	static const char *const texts[] = {
	    "",
	    "links: [{name: \"a: b # c\", password: secret, timeout: 1500ms}, {name: '- x', host: "
	    "\"\\\"q\\\"\\\\ \\x07\"}]\n"
	    "events: {tags: ['{', '', 'ok', \"a,b\"]}\nservices: []\nversion: -1\n",
	    "state_dir: हिंदी\nlinks: [{name: '...', on: no, mode: tx, timeout: 0}, {name: '-'}, {name: "
	    "'---'}]\nops: {listen: "
	    "'*'}\n",
	};

	(void)state;
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct top c, again;
		struct buf err, first, second;

		buf_init(&first, 10000);
		buf_init(&second, 10000);
		(void)read_text(texts[i], &c, &err);
		conf_print(rows, &c, &first);
		buf_clear(&err);
		if (!read_text(buf_str(&first), &again, &err))
			fail_msg("%s%s", buf_str(&err), buf_str(&first));
		conf_print(rows, &again, &second);
		assert_string_equal(buf_str(&first), buf_str(&second));
		assert_null(strstr(buf_str(&first), "secret"));
		for (size_t k = 0; k < c.links.n; k++)
			assert_string_equal(((struct link *)c.links.v[k])->host,
			    ((struct link *)again.links.v[k])->host);
		conf_clear(rows, &c);
		conf_clear(rows, &again);
		buf_clear(&err);
		buf_clear(&first);
		buf_clear(&second);
	}
}

static void the_print_explains_itself(void **state)
{
	struct top c;
	struct buf err, out;

	(void)state;
	buf_init(&out, 10000);
	assert_true(read_text("links: [{name: a, password: secret}]", &c, &err));
	conf_print(rows, &c, &out);
	assert_non_null(strstr(buf_str(&out), "# A folder in which"));
	for (const char *line = buf_str(&out); *line; line += strcspn(line, "\n") + 1)
		assert_in_range(strcspn(line, "\n"), 1, 100);
	assert_non_null(strstr(buf_str(&out), " lines.\nstate_dir: /var/lib/x\n"));
	assert_non_null(strstr(buf_str(&out), "    # At most eight octets.\n    password: \"***\"\n"));
	assert_non_null(strstr(buf_str(&out), "# events:\n"));
	assert_non_null(strstr(buf_str(&out), "timeout: 8s\n"));
	assert_non_null(strstr(buf_str(&out), "mode: trx\n"));
	conf_clear(rows, &c);
	buf_clear(&err);
	buf_clear(&out);
}

static void a_map_is_read_as_pairs_in_order_and_printed_again(void **state)
{
	static const struct conf_row map_rows[] = {
	    {.name = "codes", .type = CONF_MAP, .def = "{a: b}"}, {0}};
	struct conf_list l = {0};
	struct buf err, out;

	(void)state;
	buf_init(&err, 4000);
	buf_init(&out, 4000);
	assert_true(conf_read(map_rows, "c.yaml", SV(""), &l, &err));
	assert_int_equal(l.n, 2);
	conf_clear(map_rows, &l);
	assert_true(conf_read(map_rows, "c.yaml", SV("codes: {0x45: later, 0x400-0x4ff: \"a b\"}"), &l,
	    &err));
	assert_int_equal(l.n, 4);
	assert_string_equal(l.v[2], "0x400-0x4ff");
	assert_string_equal(l.v[3], "a b");
	conf_print(map_rows, &l, &out);
	assert_string_equal(buf_str(&out), "codes: {0x45: later, 0x400-0x4ff: \"a b\"}\n");
	conf_clear(map_rows, &l);
	assert_false(conf_read(map_rows, "c.yaml", SV("codes: [a]"), &l, &err));
	assert_string_equal(buf_str(&err), "c.yaml:1:8: codes must be a map such as {key: value}\n");
	conf_clear(map_rows, &l);
	buf_reset(&err);
	assert_false(conf_read(map_rows, "c.yaml", SV("codes: {a: [b]}"), &l, &err));
	conf_clear(map_rows, &l);
	buf_clear(&err);
	buf_clear(&out);
}

static void two_are_the_same_when_every_row_but_live_ones_is(void **state)
{
	static const char base[] = "links: [{name: a, password: x}, {name: b}]\nops: {tags: [p]}\n";
	static const char *const other[] = {
	    "links: [{name: a, password: x}]\nops: {tags: [p]}\n",
	    "links: [{name: a, password: y}, {name: b}]\nops: {tags: [p]}\n",
	    "links: [{name: a}, {name: b}]\nops: {tags: [p]}\n",
	    "links: [{name: a, password: x}, {name: b, port: 1}]\nops: {tags: [p]}\n",
	    "links: [{name: a, password: x}, {name: b, timeout: 1}]\nops: {tags: [p]}\n",
	    "links: [{name: a, password: x}, {name: b, mode: tx}]\nops: {tags: [p]}\n",
	    "links: [{name: a, password: x}, {name: b, on: no}]\nops: {tags: [p]}\n",
	    "links: [{name: a, password: x}, {name: b}]\nops: {tags: [q]}\n",
	    "links: [{name: a, password: x}, {name: b}]\nops: {tags: [p]}\nevents: {}\n",
	};
	struct top a, b;
	struct buf err;

	(void)state;
	assert_true(read_text(base, &a, &err));
	buf_clear(&err);
	for (size_t i = 0; i < COUNT_OF(other); i++) {
		assert_true(read_text(other[i], &b, &err));
		if (conf_same(rows, &a, &b) || conf_same(rows, &b, &a))
			fail_msg("taken for the same: %s", other[i]);
		conf_clear(rows, &b);
		buf_clear(&err);
	}
	assert_true(read_text("links: [{name: a, password: x}, {name: b}]\nops: {tags: [p]}\n"
			      "services: [z/]\nversion: 52\n",
	    &b, &err));
	assert_true(conf_same(rows, &a, &b));
	conf_clear(rows, &a);
	conf_clear(rows, &b);
	buf_clear(&err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_map_is_read_as_pairs_in_order_and_printed_again),
	    cmocka_unit_test(what_is_absent_has_its_default),
	    cmocka_unit_test(two_are_the_same_when_every_row_but_live_ones_is),
	    cmocka_unit_test(every_type_is_read),
	    cmocka_unit_test(every_mistake_is_reported_at_its_place),
	    cmocka_unit_test(durations_have_units),
	    cmocka_unit_test(a_secret_can_be_read_from_the_first_line_of_a_file),
	    cmocka_unit_test(a_secret_file_that_is_not_there_or_one_too_many_is_a_mistake),
	    cmocka_unit_test(what_is_printed_reads_back_and_prints_the_same),
	    cmocka_unit_test(the_print_explains_itself),
	};

	return cmocka_run_group_tests_name("conf", tests, NULL, NULL);
}
