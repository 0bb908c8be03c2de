/* SPDX-License-Identifier: BSD-2-Clause */
/* test_redis_embed.c - the private redis-server: starts, ends, comes back, is never there twice. */
#include "config.h"

#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "store/redis_sync.h"
#include "store_rig.h"

static char err[512];

static struct redis_embed *embed(void)
{
	struct redis_embed *e = redis_embed_new(rig.base, rig.dir, "everysec", err, sizeof err);

	assert_non_null(e);
	return e;
}

static const char *socket_of(const struct redis_embed *e)
{
	assert_memory_equal(redis_embed_address(e), "unix:/", 6);
	return redis_embed_address(e) + strlen("unix:");
}

/* Or dead, but not yet waited for by whoever is its parent now. */
static bool is_gone(long pid)
{
	char path[64], state = 0;
	FILE *f;

	snprintf(path, sizeof path, "/proc/%ld/stat", pid);
	f = fopen(path, "r");
	if (f == NULL)
		return true;
	if (fscanf(f, "%*d %*s %c", &state) != 1)
		state = 'Z';
	fclose(f);
	return state == 'Z' || state == 'X';
}

static void it_starts_and_ends_with_us(void **state)
{
	struct redis_embed *e = embed();
	long pid = redis_embed_pid(e);
	char path[128];

	(void)state;
	assert_true(pid > 0);
	RIG_UNTIL(&rig, rig_answers(socket_of(e)));
	assert_int_equal(getpgid((pid_t)pid), pid); /* Ctrl-C goes to our group only */
	assert_string_equal(rig_redis(socket_of(e), "CONFIG GET appendfsync"),
	    "appendfsync no"); /* we do it */
	assert_string_equal(rig_redis(socket_of(e), "CONFIG GET appendonly"), "appendonly yes");
	assert_string_equal(rig_redis(socket_of(e), "CONFIG GET save"), "save ");
	assert_string_equal(rig_redis(socket_of(e), "CONFIG GET port"), "port 0");
	snprintf(path, sizeof path, "%s", socket_of(e));
	assert_int_equal(access(path, F_OK), 0);
	redis_embed_free(e);
	assert_true(is_gone(pid));
	assert_int_not_equal(access(path, F_OK), 0);
}

static void the_file_is_synced_every_second(void **state)
{
	struct redis_embed *e = embed();
	struct redis_sync *sync;

	(void)state;
	assert_int_equal(redis_sync_once("/nowhere"), 0);
	RIG_UNTIL(&rig, rig_answers(socket_of(e)));
	assert_int_equal(redis_sync_once(rig.dir), 1);
	sync = redis_sync_new(rig.dir);
	assert_non_null(sync);
	assert_int_equal(redis_sync_rounds(sync), 0);
	RIG_UNTIL(&rig, redis_sync_rounds(sync) >= 2);
	redis_sync_free(sync);
	redis_embed_free(e);
}

static void it_comes_back_with_its_data_when_it_is_killed(void **state)
{
	struct redis_embed *e = embed();
	long pid = redis_embed_pid(e);

	(void)state;
	RIG_UNTIL(&rig, rig_answers(socket_of(e)));
	(void)rig_redis(socket_of(e), "SET kept yes");
	assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
	RIG_UNTIL(&rig,
	    redis_embed_pid(e) > 0 && redis_embed_pid(e) != pid && rig_answers(socket_of(e)));
	assert_string_equal(rig_redis(socket_of(e), "GET kept"), "yes");
	redis_embed_free(e);
}

static void a_stopped_one_is_ended_too(void **state)
{
	struct redis_embed *e = embed();
	long pid = redis_embed_pid(e);
	uint64_t begun;

	(void)state;
	RIG_UNTIL(&rig, rig_answers(socket_of(e)));
	assert_int_equal(kill((pid_t)pid, SIGSTOP), 0);
	begun = clock_mono_ms();
	redis_embed_free(e);
	assert_true(is_gone(pid));
	assert_in_range(clock_mono_ms() - begun, 0, 3000); /* it was asked, not killed */
}

static void a_second_process_uses_the_first_ones_and_then_its_own(void **state)
{
	struct redis_embed *first = embed(), *second;

	(void)state;
	RIG_UNTIL(&rig, rig_answers(socket_of(first)));
	(void)rig_redis(socket_of(first), "SET kept yes");
	second = embed();
	for (int i = 0; i < 60; i++)
		rig_turn(&rig);
	assert_int_equal(redis_embed_pid(second), -1);
	assert_string_equal(rig_redis(socket_of(second), "GET kept"), "yes");
	redis_embed_free(first);
	RIG_UNTIL(&rig, redis_embed_pid(second) > 0 && rig_answers(socket_of(second)));
	assert_string_equal(rig_redis(socket_of(second), "GET kept"), "yes");
	redis_embed_free(second);
}

/* A process of its own with an embedded server; returns its pid when the server answers. */
static pid_t other_process(const char *socket)
{
	uint64_t end = rig_deadline();
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct event_base *base = event_base_new();
		struct redis_embed *e = redis_embed_new(base, rig.dir, "always", err, sizeof err);

		if (e == NULL)
			_exit(1);
		event_base_dispatch(base);
		_exit(2);
	}
	while (!rig_answers(socket)) {
		assert_false(rig_late(end));
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	}
	return pid;
}

static void after_a_kill_9_of_the_parent_there_is_one_server_with_the_data(void **state)
{
	char socket[128];

	(void)state;
	snprintf(socket, sizeof socket, "%s/redis.sock", rig.dir);
	for (int round = 0; round < 3; round++) {
		pid_t other = other_process(socket);
		struct redis_embed *e;
		long old;

		old = rig_number(strstr(rig_redis(socket, "INFO server"), "process_id:") +
				 strlen("process_id:"));
		(void)rig_redis(socket, "SET round %d", round);
		assert_int_equal(kill(other, SIGKILL), 0);
		e = embed(); /* at once: the old server is still there, or is just ending */
		assert_int_equal(waitpid(other, NULL, 0), other);
		RIG_UNTIL(&rig, redis_embed_pid(e) > 0 && rig_answers(socket));
		assert_true(is_gone(old)); /* never two */
		assert_int_equal(rig_number(rig_redis(socket, "GET round")), round);
		redis_embed_free(e);
	}
}

static void the_lock_lives_as_long_as_the_server(void **state)
{
	struct redis_embed *e = embed();
	char path[128];
	FILE *f;

	(void)state;
	RIG_UNTIL(&rig, rig_answers(socket_of(e)));
	snprintf(path, sizeof path, "%s/redis.lock", rig.dir);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_not_equal(flock(fileno(f), LOCK_EX | LOCK_NB), 0);
	redis_embed_free(e);
	assert_int_equal(flock(fileno(f), LOCK_EX | LOCK_NB), 0);
	fclose(f);
}

static void one_that_dies_at_once_is_not_started_without_pause(void **state)
{
	struct redis_embed *e;
	size_t starts = 0;
	long last = -1;
	uint64_t end;

	(void)state;
	setenv("DAKIYA_REDIS_SERVER", "/bin/false", 1);
	e = embed();
	end = rig_deadline() - 18000; /* two seconds */
	while (!rig_late(end)) {
		starts += redis_embed_pid(e) > 0 && redis_embed_pid(e) != last;
		last = redis_embed_pid(e);
		rig_turn(&rig);
	}
	unsetenv("DAKIYA_REDIS_SERVER");
	redis_embed_free(e);
	assert_in_range(starts, 2, 6); /* after 0, 0.2, 0.6, 1.4 s and what the timer adds */
}

static void a_missing_redis_server_is_told_in_one_sentence(void **state)
{
	(void)state;
	setenv("DAKIYA_REDIS_SERVER", "/nowhere/redis-server", 1);
	assert_null(redis_embed_new(rig.base, rig.dir, "everysec", err, sizeof err));
	unsetenv("DAKIYA_REDIS_SERVER");
	assert_non_null(strstr(err, "redis-server was not found (/nowhere/redis-server); install it"));
	assert_null(strchr(err, '\n'));
}

static void a_path_too_long_for_a_socket_is_told_in_one_sentence(void **state)
{
	char dir[160];

	(void)state;
	memset(dir, 'd', sizeof dir);
	memcpy(dir, "/tmp/", 5);
	dir[sizeof dir - 1] = '\0';
	assert_null(redis_embed_new(rig.base, dir, "everysec", err, sizeof err));
	assert_non_null(strstr(err, "too long for a Unix socket"));
	assert_non_null(strstr(err, "has 170 octets, the system allows 107"));
}

static void other_mistakes_are_told_too(void **state)
{
	(void)state;
	assert_null(redis_embed_new(rig.base, rig.dir, "sometimes", err, sizeof err));
	assert_string_equal(err, "appendfsync must be always, everysec or no, not sometimes");
	assert_null(redis_embed_new(rig.base, "/nowhere/at/all", "everysec", err, sizeof err));
	assert_string_equal(err,
	    "cannot make the state directory /nowhere/at/all: No such file or directory");
	redis_embed_free(NULL);
}

static int each(void **state)
{
	(void)state;
	rig_init(&rig);
	err[0] = '\0';
	return 0;
}

static int each_end(void **state)
{
	(void)state;
	rig_clear(&rig);
	return 0;
}

#define E(f) cmocka_unit_test_setup_teardown(f, each, each_end)
static const struct CMUnitTest tests[] = {
    E(it_starts_and_ends_with_us),
    E(the_file_is_synced_every_second),
    E(it_comes_back_with_its_data_when_it_is_killed),
    E(a_stopped_one_is_ended_too),
    E(a_second_process_uses_the_first_ones_and_then_its_own),
    E(after_a_kill_9_of_the_parent_there_is_one_server_with_the_data),
    E(the_lock_lives_as_long_as_the_server),
    E(one_that_dies_at_once_is_not_started_without_pause),
    E(a_missing_redis_server_is_told_in_one_sentence),
    E(a_path_too_long_for_a_socket_is_told_in_one_sentence),
    E(other_mistakes_are_told_too),
};

int main(void)
{
	if (rig_redis_server() == NULL) {
		fprintf(stderr, "SKIP: redis-server is missing\n");
		return 77;
	}
	return cmocka_run_group_tests_name("redis: embedded", tests, NULL, NULL);
}
