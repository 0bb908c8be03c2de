/* SPDX-License-Identifier: BSD-2-Clause */
/* test_redis_conn.c - the connection against a server that misbehaves on order. The well-behaved real one is in
 * the tests of the store. */
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/syscall.h>

#include "net/redis_conn.h"
#include "redis_peer.h"

#define OK_LINE "+OK\r\n"

/* The client's side. */
static struct {
	struct rconn *c;
	bool is_up;
	size_t ups, downs, gone;
	char reason[128];
} client;

struct got {
	size_t count;
	enum rconn_rc rc;
	int type;
	char text[64];
};

/* --- waiting --- */

static void turn(void)
{
	struct timeval tv = {.tv_usec = 5000};

	event_base_loopexit(server.base, &tv);
	event_base_loop(server.base, EVLOOP_ONCE);
}

#define UNTIL(cond) \
	do { \
		uint64_t end = clock_mono_ms() + 10000; \
		while (!(cond) && clock_mono_ms() < end) \
			turn(); \
		assert_true(cond); \
	} while (0)

static void on_state(bool up, const char *reason, void *arg)
{
	(void)arg;
	assert_true(client.is_up != up);
	client.is_up = up;
	client.ups += up;
	client.downs += !up;
	snprintf(client.reason, sizeof client.reason, "%s", reason);
}

static void on_got(enum rconn_rc rc, const struct rval *v, void *arg)
{
	struct got *g = arg;

	g->count++;
	g->rc = rc;
	g->type = v != NULL ? v->type : 0;
	if (v != NULL && v->str.p != NULL)
		snprintf(g->text, sizeof g->text, "%s", v->str.p);
}

static void on_gone(void *arg)
{
	(void)arg;
	client.gone++;
}

static struct rconn_conf conf(void)
{
	return (struct rconn_conf){.address = server.address,
	    .connect_ms = 300,
	    .command_ms = 100,
	    .reconnect_min_ms = 4,
	    .reconnect_max_ms = 64,
	    .max_pending = 1000};
}

static void connect_with(struct rconn_conf cf)
{
	char err[256] = "";

	client.c = rconn_new(server.base, &cf, on_state, NULL, err, sizeof err);
	assert_string_equal(err, "");
	assert_non_null(client.c);
	assert_int_equal(client.ups, 0); /* never from inside */
}

static void connect_now(void)
{
	connect_with(conf());
	UNTIL(client.is_up);
}

static void say(struct got *g)
{
	struct sv argv[2] = {SV("ECHO"), SV("hello")};

	memset(g, 0, sizeof *g);
	rconn_command(client.c, argv, 2, on_got, g);
	assert_int_equal(g->count, 0); /* never from inside */
}

static void answers(size_t n, ...)
{
	va_list ap;

	va_start(ap, n);
	server.answer_at = 0;
	server.answer_count = n;
	for (size_t i = 0; i < n; i++)
		server.answers[i] = va_arg(ap, const char *);
	va_end(ap);
}

/* --- tests --- */

static void a_bad_address_is_told_in_a_sentence(void **state)
{
	struct rconn_conf cf = conf();
	char err[256] = "";

	(void)state;
	cf.address = "localhost:6379";
	assert_null(rconn_new(server.base, &cf, on_state, NULL, err, sizeof err));
	assert_non_null(strstr(err, "must be unix:/path or redis://"));
}

static void it_logs_in_and_chooses_the_database(void **state)
{
	struct rconn_conf cf = conf();
	char address[128];

	(void)state;
	evconnlistener_free(server.listener);
	snprintf(address, sizeof address, "redis://us%%3Aer:p%%40ss@127.0.0.1:%d/7", listen_tcp());
	cf.address = address;
	connect_with(cf);
	UNTIL(client.is_up);
	assert_string_equal(server.seen, "*3\r\n$4\r\nAUTH\r\n$5\r\nus:er\r\n$4\r\np@ss\r\n"
					 "*2\r\n$6\r\nSELECT\r\n$1\r\n7\r\n");
}

static void a_refused_password_keeps_it_away(void **state)
{
	(void)state;
	server.otherwise = "-WRONGPASS invalid username-password pair\r\n";
	connect_with(conf());
	UNTIL(server.connections >= 3);
	assert_int_equal(client.ups, 0);
	server.otherwise = OK_LINE;
	UNTIL(client.is_up);
}

static void tcp_is_without_delay_and_not_inherited(void **state)
{
	struct rconn_conf cf = conf();
	char address[64];
	size_t found = 0;
	int port;

	(void)state;
	evconnlistener_free(server.listener);
	port = listen_tcp();
	snprintf(address, sizeof address, "redis://127.0.0.1:%d", port);
	cf.address = address;
	connect_with(cf);
	UNTIL(client.is_up);
	for (int fd = 3; fd < 64; fd++) {
		struct sockaddr_in peer;
		socklen_t n = sizeof peer, m = sizeof(int);
		int on = 0;

		if (getpeername(fd, (struct sockaddr *)&peer, &n) != 0 || ntohs(peer.sin_port) != port)
			continue;
		found++;
		assert_int_equal(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, &m), 0);
		assert_int_not_equal(on, 0);
		assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	}
	assert_int_equal(found, 1);
}

static size_t writes;

/* hiredis calls this one instead of that of the C library. */
ssize_t write(int fd, const void *p, size_t n);
ssize_t write(int fd, const void *p, size_t n)
{
	writes++;
	return syscall(SYS_write, fd, p, n);
}

static void commands_of_one_turn_leave_in_one_write(void **state)
{
	static struct got got[200];
	size_t before;

	(void)state;
	connect_now();
	turn();
	before = writes;
	assert_true(before > 0);
	for (size_t i = 0; i < 200; i++)
		say(&got[i]);
	UNTIL(got[199].count == 1);
	assert_int_equal(writes, before + 1);
	for (size_t i = 0; i < 200; i++)
		assert_int_equal(got[i].count, 1);
}

static void say_soon(struct got *g)
{
	struct sv argv[1] = {SV("PING")};

	rconn_command_soon(client.c, argv, 1, on_got, g);
}

static void what_can_wait_leaves_with_the_next_command_or_by_itself(void **state)
{
	struct got soon, now;
	size_t before, rounds = 0;

	(void)state;
	connect_now();
	turn();
	do { /* on a busy machine the millisecond may be over between two lines */
		soon = (struct got){0};
		before = writes;
		say_soon(&soon);
		event_base_loop(server.base, EVLOOP_ONCE | EVLOOP_NONBLOCK);
		say(&now);
		UNTIL(now.count == 1);
		assert_int_equal(soon.count, 1); /* in the order of asking */
		turn();
	} while (writes != before + 1 && ++rounds < 100);
	assert_true(rounds < 100);
	soon = (struct got){0};
	say_soon(&soon);
	UNTIL(soon.count == 1);
	assert_int_equal(soon.rc, RCONN_OK);
}

static void big_commands_and_answers_pass_whole(void **state)
{
	static char big[1 << 20];
	struct sv argv[1] = {{big, sizeof big}};
	struct got g = {0};

	(void)state;
	connect_now();
	memset(big, 'b', sizeof big);
	rconn_command(client.c, argv, 1, on_got, &g);
	UNTIL(g.count == 1);
	assert_int_equal(g.rc, RCONN_OK);
	UNTIL(server.octets >
	      sizeof big); /* all of it, though it did not fit into the socket at once */
}

static void answers_of_every_kind_are_read_at_any_cut(void **state)
{
	static const char list[] = "*4\r\n$5\r\nhe\0lo\r\n:-12\r\n$-1\r\n*1\r\n+fine\r\n";
	struct got g;

	(void)state;
	for (size_t cut = 1; cut < sizeof list - 1; cut++) {
		if (client.c == NULL)
			connect_now();
		answers(1, NULL);
		say(&g);
		UNTIL(server.answer_at == 1);
		assert_int_equal(send(server.fd, list, cut, 0), cut);
		for (int i = 0; i < 2; i++)
			event_base_loop(server.base, EVLOOP_NONBLOCK);
		assert_int_equal(g.count, 0);
		assert_int_equal(send(server.fd, list + cut, sizeof list - 1 - cut, 0),
		    sizeof list - 1 - cut);
		UNTIL(g.count == 1);
		assert_int_equal(g.rc, RCONN_OK);
		assert_int_equal(g.type, RVAL_LIST);
	}
}

static void no_answer_in_time_loses_every_pending_one(void **state)
{
	struct got got[3];
	uint64_t begun;

	(void)state;
	connect_now();
	answers(3, OK_LINE, NULL, OK_LINE);
	begun = clock_mono_ms();
	for (size_t i = 0; i < 3; i++)
		say(&got[i]);
	UNTIL(got[2].count > 0);
	assert_in_range(clock_mono_ms() - begun, 95, 5000);
	UNTIL(client.is_up && server.connections == 2);
	assert_int_equal(got[0].rc, RCONN_OK);
	/* The third's answer went to the second: that is how pipelines are. What follows is lost. */
	assert_int_equal(got[0].count + got[1].count + got[2].count, 3);
	assert_int_equal(got[2].rc, RCONN_LOST);
	assert_int_equal(client.downs, 1);
	assert_int_equal(rconn_pending(client.c), 0);
}

static void a_server_that_hangs_up_loses_every_pending_one(void **state)
{
	struct got got[3];

	(void)state;
	connect_now();
	answers(2, OK_LINE, "");
	for (size_t i = 0; i < 3; i++)
		say(&got[i]);
	UNTIL(got[2].count > 0);
	assert_int_equal(got[0].rc, RCONN_OK);
	assert_int_equal(got[1].rc, RCONN_LOST);
	assert_int_equal(got[2].rc, RCONN_LOST);
	say(&got[0]); /* not connected at this moment */
	UNTIL(got[0].count > 0);
	assert_int_equal(got[0].rc, RCONN_DOWN);
	UNTIL(client.is_up);
	assert_int_equal(got[1].count + got[2].count, 2);
}

static void garbage_ends_the_connection(void **state)
{
	static const char *const rubbish[] = {
	    "hello\r\n", "$x\r\n", "*-7\r\n", "$99999999999999999999\r\n", ":\r\n\r\n"};
	struct got g;

	(void)state;
	connect_now();
	for (size_t i = 0; i < sizeof rubbish / sizeof *rubbish; i++) {
		answers(1, rubbish[i]);
		say(&g);
		UNTIL(g.count > 0);
		UNTIL(client.is_up && rconn_pending(client.c) == 0);
		assert_int_equal(g.count, 1);
	}
	answers(1, OK_LINE "+more than was asked for\r\n");
	say(&g);
	for (int i = 0; i < 20; i++)
		turn();
	assert_int_equal(g.count, 1);
}

static void a_loading_server_is_left_and_asked_again(void **state)
{
	struct got got[2];

	(void)state;
	answers(3, "-LOADING Redis is loading the dataset in memory\r\n", "-LOADING x\r\n",
	    "-LOADING x\r\n");
	connect_with(conf());
	UNTIL(client.is_up);
	assert_int_equal(server.connections, 4);
	assert_int_equal(client.ups, 1);
	answers(2, "-LOADING Redis is loading the dataset in memory\r\n", NULL);
	say(&got[0]);
	say(&got[1]);
	UNTIL(client.downs == 1);
	UNTIL(got[1].count > 0);
	assert_int_equal(got[0].rc, RCONN_ERROR);
	assert_int_equal(got[1].rc, RCONN_LOST);
	assert_string_equal(client.reason, "LOADING");
	UNTIL(client.is_up);
}

static void errors_of_one_command_leave_the_others_alone(void **state)
{
	static const char *const errors[] = {"-MISCONF Redis is configured to save\r\n",
	    "-OOM command not allowed\r\n", "-BUSY Redis is busy\r\n", "-ERR unknown\r\n", "-X\r\n"};
	struct got got[2];

	(void)state;
	connect_now();
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		answers(2, errors[i], OK_LINE);
		say(&got[0]);
		say(&got[1]);
		UNTIL(got[1].count > 0);
		assert_int_equal(got[0].rc, RCONN_ERROR);
		assert_int_equal(got[0].type, RVAL_ERROR);
		assert_int_equal(got[1].rc, RCONN_OK);
	}
	assert_int_equal(client.downs, 0);
}

static void a_server_that_never_knows_the_script_is_an_error_in_the_end(void **state)
{
	static const struct rconn_script script = {"one", "return 1"};
	struct rconn_conf cf = conf();
	struct got g = {0};
	size_t commands;

	(void)state;
	cf.scripts = &script;
	cf.script_count = 1;
	server.otherwise = "$40\r\n0123456789012345678901234567890123456789\r\n";
	connect_with(cf);
	UNTIL(client.is_up);
	commands = server.commands;
	server.otherwise = "-NOSCRIPT No matching script\r\n";
	rconn_script(client.c, 0, 0, NULL, 0, on_got, &g);
	UNTIL(g.count > 0);
	assert_int_equal(g.rc, RCONN_ERROR);
	assert_int_equal(server.commands - commands, 5); /* three tries, loaded twice between them */
	assert_int_equal(client.downs, 0);
}

static void too_many_pending_is_an_answer(void **state)
{
	struct rconn_conf cf = conf();
	struct got got[5];

	(void)state;
	cf.max_pending = 3;
	connect_with(cf);
	UNTIL(client.is_up);
	for (size_t i = 0; i < 5; i++)
		say(&got[i]);
	UNTIL(got[2].count > 0 && got[4].count > 0);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(got[i].count, 1);
		assert_int_equal(got[i].rc, i < 3 ? RCONN_OK : RCONN_FULL);
	}
	say(&got[0]);
	UNTIL(got[0].count > 0);
	assert_int_equal(got[0].rc, RCONN_OK);
}

static void it_comes_back_slower_and_slower(void **state)
{
	struct got got;
	uint64_t gap;

	(void)state;
	server.otherwise = "";
	connect_with(conf());
	UNTIL(server.connections >= 10);
	gap = server.connected_ms[9] - server.connected_ms[6];
	assert_in_range(gap, 3 * 32, 3000); /* half to all of the longest pause, each */
	gap = server.connected_ms[1] - server.connected_ms[0];
	assert_in_range(gap, 0, 1000);
	server.otherwise = OK_LINE;
	UNTIL(client.is_up);
	gap = clock_mono_ms();
	for (unsigned n = 1; n <= 4; n++) { /* so does one that lets us in and refuses */
		answers(1, "-READONLY x\r\n");
		say(&got);
		UNTIL(client.downs == n && client.is_up);
	}
	assert_in_range(clock_mono_ms() - gap, 4 * 32, 3000);
}

static void a_silent_server_is_given_up_while_connecting(void **state)
{
	struct rconn_conf cf = conf();

	(void)state;
	server.otherwise = NULL;
	cf.command_ms = 5000;
	connect_with(cf);
	UNTIL(server.connections >= 2);
	assert_in_range(server.connected_ms[1] - server.connected_ms[0], 290, 4000);
	assert_int_equal(client.ups, 0);
}

static void free_completes_what_is_pending_and_then_it_is_gone(void **state)
{
	struct got got[3];

	(void)state;
	connect_now();
	answers(1, NULL);
	for (size_t i = 0; i < 3; i++)
		say(&got[i]);
	UNTIL(server.answer_at == 1);
	rconn_free(client.c, on_gone, NULL);
	client.c = NULL;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(got[i].count, 0);
	UNTIL(client.gone == 1);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(got[i].count, 1);
		assert_int_equal(got[i].rc, RCONN_LOST);
	}
	assert_int_equal(client.downs, 0);
}

static void free_inside(enum rconn_rc rc, const struct rval *v, void *arg)
{
	on_got(rc, v, arg);
	if (client.c != NULL)
		rconn_free(client.c, on_gone, NULL);
	client.c = NULL;
}

static void free_may_be_called_from_a_completion_of_any_kind(void **state)
{
	static const char *const kinds[] = {OK_LINE, "-LOADING x\r\n", "-ERR x\r\n", "", NULL};
	struct sv argv[1] = {SV("PING")};

	(void)state;
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		struct got got[2];

		memset(got, 0, sizeof got);
		connect_now();
		answers(2, kinds[i], OK_LINE);
		rconn_command(client.c, argv, 1, free_inside, &got[0]);
		rconn_command(client.c, argv, 1, free_inside, &got[1]);
		UNTIL(client.gone == i + 1);
		assert_int_equal(got[0].count, 1);
		assert_int_equal(got[1].count, 1);
		client.is_up = false;
		client.ups = 0;
	}
}

static void ask_again(enum rconn_rc rc, const struct rval *v, void *arg)
{
	struct got *g = arg;
	struct sv argv[1] = {SV("PING")};

	(void)rc, (void)v;
	if (++g->count < 1000 && client.c != NULL)
		rconn_command(client.c, argv, 1, ask_again, g);
}

static void one_who_repeats_at_once_does_not_hold_up_the_loop(void **state)
{
	static struct got g; /* it goes on until the end */

	(void)state;
	server.otherwise = "";
	connect_with(conf());
	ask_again(RCONN_DOWN, NULL, &g);
	event_base_loop(server.base, EVLOOP_ONCE);
	event_base_loop(server.base, EVLOOP_ONCE);
	assert_in_range(g.count, 1, 4);
	UNTIL(server.connections >= 2);
}

static int each(void **state)
{
	(void)state;
	memset(&server, 0, sizeof server);
	memset(&client, 0, sizeof client);
	server.fd = -1;
	server.otherwise = OK_LINE;
	snprintf(server.dir, sizeof server.dir, "/tmp/dk-rconn-XXXXXX");
	assert_non_null(mkdtemp(server.dir));
	server.base = event_base_new();
	listen_unix();
	return 0;
}

static int each_end(void **state)
{
	char path[128];

	(void)state;
	if (client.c != NULL) {
		size_t gone = client.gone;

		rconn_free(client.c, on_gone, NULL);
		UNTIL(client.gone == gone + 1);
	}
	hang_up();
	evconnlistener_free(server.listener);
	event_base_free(server.base);
	snprintf(path, sizeof path, "%s/s", server.dir);
	unlink(path);
	return rmdir(server.dir);
}

#define T(f) cmocka_unit_test_setup_teardown(f, each, each_end)
static const struct CMUnitTest tests[] = {
    T(a_bad_address_is_told_in_a_sentence),
    T(it_logs_in_and_chooses_the_database),
    T(a_refused_password_keeps_it_away),
    T(tcp_is_without_delay_and_not_inherited),
    T(commands_of_one_turn_leave_in_one_write),
    T(what_can_wait_leaves_with_the_next_command_or_by_itself),
    T(big_commands_and_answers_pass_whole),
    T(answers_of_every_kind_are_read_at_any_cut),
    T(no_answer_in_time_loses_every_pending_one),
    T(a_server_that_hangs_up_loses_every_pending_one),
    T(garbage_ends_the_connection),
    T(a_loading_server_is_left_and_asked_again),
    T(errors_of_one_command_leave_the_others_alone),
    T(a_server_that_never_knows_the_script_is_an_error_in_the_end),
    T(too_many_pending_is_an_answer),
    T(it_comes_back_slower_and_slower),
    T(a_silent_server_is_given_up_while_connecting),
    T(free_completes_what_is_pending_and_then_it_is_gone),
    T(free_may_be_called_from_a_completion_of_any_kind),
    T(one_who_repeats_at_once_does_not_hold_up_the_loop),
};

int main(void)
{
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests_name("connection to redis", tests, NULL, NULL);
}
