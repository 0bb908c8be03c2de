/* SPDX-License-Identifier: BSD-2-Clause */
/* test_store_redis.c - what only a real redis-server can do to the store: stand still, die, come
 * back, forget its scripts, run out of memory, become a replica; and what a session costs it. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "store_rig.h"

enum { CALLS = 10 };

/* One of every call, each into its own got. */
static void call_all(struct rig_got got[CALLS])
{
	static const char *const id = "m";
	struct sv ids[1] = {sv_from(id)};
	struct store_accept a = message(1, "x");
	struct store_commit c = turn(0, 0, "s");
	struct store_sent t = {
	    .msisdn = ANA, .link = "l", .message_ids = ids, .message_id_count = 1, .receipt_ms = 1000};
	struct store_dead d = {.msisdn = ANA, .id = 1, .record = SV("r")};
	struct store_part p = {.msisdn = ANA, .key = SV("k"), .seq = 1, .total = 2, .part_ms = 1000};
	struct store_receipt r = {
	    .msisdn = ANA, .link = "l", .ids = ids, .id_count = 1, .state = '2', .keep_ms = 1000};
	const struct store_ops *ops = rig.s->ops;

	memset(got, 0, CALLS * sizeof *got);
	ops->accept(rig.s, &a, rig_done, &got[0]);
	ops->commit(rig.s, &c, rig_done, &got[1]);
	ops->sent(rig.s, &t, rig_done, &got[2]);
	ops->dead(rig.s, &d, rig_done, &got[3]);
	ops->receipt(rig.s, &r, rig_done, &got[4]);
	ops->get(rig.s, ANA, rig_done, &got[5]);
	ops->load_in(rig.s, 0, 0, 8, rig_load, &got[6]);
	ops->load_out(rig.s, 0, 0, 0, 8, rig_load, &got[7]);
	ops->due(rig.s, 0, 0, 1, 8, rig_due, &got[8]);
	ops->part(rig.s, &p, rig_part, &got[9]);
	for (size_t i = 0; i < CALLS; i++)
		assert_int_equal(got[i].count, 0);
}

static size_t completed(const struct rig_got got[CALLS])
{
	size_t n = 0;

	for (size_t i = 0; i < CALLS; i++)
		n += got[i].count;
	return n;
}

static void all_were_away_once(const struct rig_got got[CALLS])
{
	for (size_t i = 0; i < CALLS; i++) {
		assert_int_equal(got[i].count, 1);
		assert_int_equal(got[i].rc, STORE_AWAY);
	}
}

static void a_server_that_stands_still_makes_every_call_away_once(void **state)
{
	static struct rig_got got[CALLS];

	(void)state;
	rig_close(&rig);
	rig.cf.command_ms = 150;
	rig_open(&rig, true);
	rig_server_signal(&rig, SIGSTOP);
	call_all(got);
	RIG_UNTIL(&rig, completed(got) >= CALLS);
	all_were_away_once(got);
	assert_false(rig.s->ops->is_up(rig.s));
	assert_int_equal(rig.downs, 1);
	call_all(got); /* and those while it is away */
	RIG_UNTIL(&rig, completed(got) >= CALLS);
	all_were_away_once(got);
	rig_server_signal(&rig, SIGCONT);
	RIG_UNTIL(&rig, rig.is_up);
	assert_int_equal(rig_get(&rig, ANA), STORE_OK);
	for (int i = 0; i < 20; i++)
		rig_turn(&rig);
	all_were_away_once(got); /* what the server still answered to the old calls came to nobody */
	rig.cf.command_ms = 5000;
}

/* One that says it is the store's own, as an earlier connection of it is. */
static int namesake(const char *name)
{
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	char line[96], answer[8] = "";

	snprintf(un.sun_path, sizeof un.sun_path, "%s", rig.socket);
	assert_int_equal(connect(fd, (struct sockaddr *)&un, sizeof un), 0);
	snprintf(line, sizeof line, "CLIENT SETNAME %s\r\n", name);
	assert_int_equal(write(fd, line, strlen(line)), (ssize_t)strlen(line));
	assert_int_equal(read(fd, answer, sizeof answer - 1), 5);
	assert_string_equal(answer, "+OK\r\n");
	return fd;
}

static void earlier_connections_are_over_before_it_is_up_again(void **state)
{
	char name[64] = "", octet;
	const char *list;
	int same, other;
	long id;

	(void)state;
	assert_int_equal(rig_get(&rig, ANA), STORE_OK); /* it has said its name before */
	list = strstr(rig_redis(rig.socket, "CLIENT LIST"), "name=dakiyad-");
	assert_non_null(list);
	assert_int_equal(sscanf(list, "name=%63s", name), 1);
	list = rig_redis(rig.socket, "CLIENT LIST");
	while (sscanf(list, "id=%ld", &id) == 1 && strstr(list, name) > strchr(list, '\n'))
		list = strchr(list, '\n') + 1;
	same = namesake(name);
	other = namesake("dakiyad-0");
	rig_redis(rig.socket, "CLIENT KILL ID %ld", id);
	RIG_UNTIL(&rig, rig.downs == 1 && rig.is_up);
	assert_int_equal(recv(same, &octet, 1, MSG_DONTWAIT), 0);
	assert_int_equal(recv(other, &octet, 1, MSG_DONTWAIT), -1);
	assert_int_equal(rig_get(&rig, ANA), STORE_OK);
	close(same);
	close(other);
}

static void a_server_that_forbids_to_look_is_used_all_the_same(void **state)
{
	(void)state;
	rig_redis(rig.socket, "ACL SETUSER default -client|list -client|setname");
	rig_redis(rig.socket, "CLIENT KILL TYPE normal");
	RIG_UNTIL(&rig, rig.downs == 1 && rig.is_up);
	assert_int_equal(rig_get(&rig, ANA), STORE_OK);
	rig_redis(rig.socket, "ACL SETUSER default +@all");
}

static void a_short_stop_costs_nothing(void **state)
{
	static struct rig_got got[CALLS];

	(void)state;
	rig_server_signal(&rig, SIGSTOP);
	call_all(got);
	for (int i = 0; i < 20; i++)
		rig_turn(&rig);
	assert_int_equal(completed(got), 0);
	rig_server_signal(&rig, SIGCONT);
	RIG_UNTIL(&rig, completed(got) >= CALLS);
	for (size_t i = 0; i < CALLS; i++)
		assert_int_not_equal(got[i].rc, STORE_AWAY);
	assert_int_equal(rig.downs, 0);
}

static void a_killed_server_comes_back_with_everything(void **state)
{
	static struct rig_got got[CALLS];
	struct store_out o = out(10, 2, "reply");
	struct store_accept a = message(1, "hello");
	struct store_commit c = turn(0, 0, "s");

	(void)state;
	c.out = &o;
	c.out_count = 1;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	rig_server_signal(&rig,
	    SIGSTOP); /* else it may have done some of these calls, and say so after */
	call_all(got);
	rig_server_end(&rig, SIGKILL);
	RIG_UNTIL(&rig, completed(got) >= CALLS && !rig.is_up);
	for (size_t i = 0; i < CALLS; i++)
		assert_int_equal(got[i].count, 1);
	call_all(got);
	RIG_UNTIL(&rig, completed(got) >= CALLS);
	all_were_away_once(got);
	rig_server_start(&rig);
	RIG_UNTIL(&rig, rig.is_up);
	assert_int_equal(inbox_size(), 1);
	assert_string_equal(rig.got.text[0], "hello");
	assert_int_equal(outbox_size(2), 1);
	assert_int_equal(rig_get(&rig, ANA), STORE_OK);
	assert_int_equal(rig.got.version, 1);
}

static void forgotten_scripts_are_not_noticed(void **state)
{
	static struct rig_got got[CALLS];
	struct store_accept a = message(1, "hello");
	struct store_commit c = turn(0, 1, "s");

	(void)state;
	(void)rig_redis(rig.socket, "SCRIPT FLUSH");
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	(void)rig_redis(rig.socket, "SCRIPT FLUSH");
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	(void)rig_redis(rig.socket, "SCRIPT FLUSH");
	call_all(got); /* many at once */
	RIG_UNTIL(&rig, completed(got) >= CALLS);
	for (size_t i = 0; i < CALLS; i++) {
		assert_int_equal(got[i].count, 1);
		assert_int_not_equal(got[i].rc, STORE_AWAY);
	}
	assert_int_equal(rig.downs, 0);
}

static void without_memory_nothing_is_half_done(void **state)
{
	struct sv ids[1] = {SV("m1")};
	struct store_out o[2] = {out(10, 2, "one"), out(11, 2, "two")};
	struct store_accept a = message(1, "hello");
	struct store_commit c = turn(0, 0, "s");
	struct store_sent t = {.msisdn = ANA,
	    .out_id = 10,
	    .class = 2,
	    .link = "l",
	    .message_ids = ids,
	    .message_id_count = 1,
	    .receipt_ms = 60000,
	    .record = SV("r")};
	char keys[4096];

	(void)state;
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	c.out = o;
	c.out_count = 1;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	snprintf(keys, sizeof keys, "%s", rig_redis(rig.socket, "DBSIZE"));
	(void)rig_redis(rig.socket, "CONFIG SET maxmemory 1");

	a.id = 2;
	a.dedup_key = SV("k");
	a.dedup_value = SV("v");
	a.dedup_ms = 60000;
	assert_int_equal(rig_accept(&rig, &a), STORE_AWAY);
	assert_int_equal(rig.got.count, 1);
	c = turn(1, 0, "new"); /* an alert: only adds */
	c.out = o + 1;
	c.out_count = 1;
	c.defer_at_ms = 1000;
	assert_int_equal(rig_commit(&rig, &c), STORE_AWAY);
	assert_string_equal(rig_redis(rig.socket, "DBSIZE"), keys);
	assert_int_equal(inbox_size(), 1);
	assert_int_equal(outbox_size(2), 1);
	assert_int_equal(rig_get(&rig, ANA), STORE_OK);
	assert_int_equal(rig.got.version, 1);
	assert_true(rig.s->ops->is_up(rig.s)); /* it still answers */

	/* What was accepted can be finished, and what waits can leave. */
	c = turn(1, 1, "new");
	c.out = o + 1;
	c.out_count = 1;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(inbox_size(), 0);
	assert_int_equal(outbox_size(2), 2);
	assert_int_equal(rig_sent(&rig, &t), STORE_OK);
	assert_int_equal(outbox_size(2), 1);

	(void)rig_redis(rig.socket, "CONFIG SET maxmemory 0");
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	assert_int_equal(rig.downs, 0);
}

static void a_replica_is_left_until_it_is_a_master_again(void **state)
{
	struct store_accept a = message(1, "hello");

	(void)state;
	(void)rig_redis(rig.socket, "REPLICAOF 127.0.0.1 1");
	assert_int_equal(rig_accept(&rig, &a), STORE_AWAY);
	assert_int_equal(rig.got.count, 1);
	assert_int_equal(rig.downs, 1);
	(void)rig_redis(rig.socket, "REPLICAOF NO ONE");
	RIG_UNTIL(&rig, rig.is_up && rig_accept(&rig, &a) == STORE_OK);
}

static void a_busy_script_is_an_error_that_passes(void **state)
{
	(void)state;
	rig_close(&rig);
	rig_open(&rig, true);
	(void)rig_redis(rig.socket, "CONFIG SET busy-reply-threshold 20");
	rig.s->ops->get(rig.s, ANA, rig_done, memset(&rig.got, 0, sizeof rig.got));
	rig_wait(&rig);
	rig_redis_later(rig.socket, "EVAL", "while true do end", "0");
	RIG_UNTIL(&rig, rig_get(&rig, ANA) == STORE_AWAY);
	assert_true(rig.s->ops->is_up(rig.s));
	(void)rig_redis(rig.socket, "SCRIPT KILL");
	RIG_UNTIL(&rig, rig_get(&rig, ANA) == STORE_OK);
	assert_int_equal(rig.downs, 0);
}

static void what_is_left_in_the_boxes_has_no_life_but_the_inbox(void **state)
{
	struct store_out o = out(10, 2, "reply");
	struct store_accept a = message(1, "hello");
	struct store_commit c = turn(0, 0, "s");

	(void)state;
	c.out = &o;
	c.out_count = 1;
	c.defer_at_ms = 1000;
	assert_int_equal(rig_commit(&rig, &c), STORE_OK);
	assert_int_equal(rig_accept(&rig, &a), STORE_OK);
	assert_string_equal(rig_redis(rig.socket, "PTTL dky:{p%u}:o:2", part()), "-1");
	assert_string_equal(rig_redis(rig.socket, "PTTL dky:{p%u}:df", part()), "-1");
	assert_true(rig_number(rig_redis(rig.socket, "PTTL dky:{p%u}:in", part())) > 50000);
	assert_true(rig_number(rig_redis(rig.socket, "PTTL dky:{p%u}:s:%s", part(), ANA)) > 50000);
	assert_string_equal(rig_redis(rig.socket, "GET dky:{p%u}:s:%s", part(), ANA), "1!s");
	assert_string_equal(rig_redis(rig.socket, "ZRANGE dky:{p%u}:o:2 0 -1", part()),
	    "000000000000000a:reply");
}

static long long used_memory(void)
{
	const char *at = strstr(rig_redis(rig.socket, "INFO memory"), "used_memory:");

	assert_non_null(at);
	return rig_number(at + strlen("used_memory:"));
}

static size_t stored;

static void on_stored(const struct store_done *d, void *arg)
{
	(void)arg;
	assert_int_equal(d->rc, STORE_OK);
	stored++;
}

static void a_session_of_150_octets_costs_less_than_400(void **state)
{
	enum { SESSIONS = 16384 };
	char blob[150], who[32];
	long long before, each;

	(void)state;
	memset(blob, 'b', sizeof blob);
	before = used_memory();
	stored = 0;
	for (unsigned i = 0; i < SESSIONS; i++) {
		struct store_commit c = {
		    .msisdn = who, .session = {blob, sizeof blob}, .session_ms = 1800000};

		snprintf(who, sizeof who, "9198%08u", i);
		rig.s->ops->commit(rig.s, &c, on_stored, NULL);
		if (i % 1000 == 999)
			RIG_UNTIL(&rig, stored == i + 1);
	}
	RIG_UNTIL(&rig, stored == SESSIONS);
	each = (used_memory() - before) / SESSIONS;
	print_message("a session of 150 octets costs Redis %lld octets\n", each);
	assert_true(each < 400);
}

static int begin(void **state)
{
	(void)state;
	rig_init(&rig);
	rig.is_redis = true;
	rig_server_start(&rig);
	return 0;
}

static int end(void **state)
{
	(void)state;
	rig_clear(&rig);
	return 0;
}

static const struct CMUnitTest tests[] = {
    T(a_server_that_stands_still_makes_every_call_away_once),
    T(earlier_connections_are_over_before_it_is_up_again),
    T(a_server_that_forbids_to_look_is_used_all_the_same),
    T(a_short_stop_costs_nothing),
    T(a_killed_server_comes_back_with_everything),
    T(forgotten_scripts_are_not_noticed),
    T(without_memory_nothing_is_half_done),
    T(a_replica_is_left_until_it_is_a_master_again),
    T(a_busy_script_is_an_error_that_passes),
    T(what_is_left_in_the_boxes_has_no_life_but_the_inbox),
    T(a_session_of_150_octets_costs_less_than_400),
};

int main(void)
{
	if (rig_redis_server() == NULL) {
		fprintf(stderr, "SKIP: redis-server is missing\n");
		return 77;
	}
	return cmocka_run_group_tests_name("store and its server", tests, begin, end);
}
