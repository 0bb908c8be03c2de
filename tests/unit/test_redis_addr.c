/* SPDX-License-Identifier: BSD-2-Clause */
/* test_redis_addr.c - addresses of Redis servers as people write them, right and wrong. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net/redis_addr.h"

static void bad_addresses_are_told_in_a_sentence(void **state)
{
	static const struct {
		const char *address, *sentence;
	} rows[] = {
	    {"", "must be unix:/path or redis://"},
	    {"localhost:6379", "must be unix:/path or redis://"},
	    {"unix:", "needs a path"},
	    {"redis://", "needs a host"},
	    {"redis://:1", "needs a host"},
	    {"redis://[]:1", "needs a host"},
	    {"redis://h:0", "port must be a number"},
	    {"redis://h:65536", "port must be a number"},
	    {"redis://h:99999999999999999999", "port must be a number"},
	    {"redis://h:", "port must be a number"},
	    {"redis://h:6379/x", "number of a database"},
	    {"redis://h:6379/-1", "number of a database"},
	    {"redis://secret@h", "must be :password or user:password"},
	    {"redis://:@h", "must be :password or user:password"},
	    {"redis://:sec%4@h", "must be :password or user:password"},
	    {"redis://:sec%00ret@h", "must be :password or user:password"},
	    {"redis://:sec%g0ret@h", "must be :password or user:password"},
	    {"redis://%:sec@h", "must be :password or user:password"},
	    {"redis://[::1", "the ] of an IPv6 address is missing"},
	};
	struct redis_addr a;
	char err[256], path[200];

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		err[0] = '\0';
		assert_false(redis_addr_parse(&a, rows[i].address, err, sizeof err));
		redis_addr_clear(&a);
		if (strstr(err, rows[i].sentence) == NULL)
			fail_msg("%s: %s", rows[i].address, err);
		assert_null(strstr(err, "sec"));
	}
	assert_false(redis_addr_parse(&a, NULL, err, sizeof err));
	memset(path, 'p', sizeof path);
	memcpy(path, "unix:/", 6);
	path[sizeof path - 1] = '\0';
	assert_false(redis_addr_parse(&a, path, err, sizeof err));
	assert_non_null(strstr(err, "has 194 octets, the system allows 107"));
	redis_addr_clear(&a);
}

static void good_addresses_are_taken_apart(void **state)
{
	static const struct {
		const char *address, *path, *host;
		int port;
		const char *user, *password;
		int db;
	} rows[] = {
	    {"unix:/run/r.sock", "/run/r.sock", NULL, 0, NULL, NULL, 0},
	    {"unix:r.sock", "r.sock", NULL, 0, NULL, NULL, 0},
	    {"redis://h", NULL, "h", 6379, NULL, NULL, 0},
	    {"redis://h/", NULL, "h", 6379, NULL, NULL, 0},
	    {"redis://127.0.0.1:1/3", NULL, "127.0.0.1", 1, NULL, NULL, 3},
	    {"redis://[::1]:65535/0", NULL, "::1", 65535, NULL, NULL, 0},
	    {"redis://[fe80::1]", NULL, "fe80::1", 6379, NULL, NULL, 0},
	    {"redis://:p%40s%2fs@h:1", NULL, "h", 1, NULL, "p@s/s", 0},
	    {"redis://:p@ss@h:1", NULL, "h", 1, NULL, "p@ss", 0},
	    {"redis://us%3Aer:pass@h", NULL, "h", 6379, "us:er", "pass", 0},
	};
	struct redis_addr a;
	char err[256] = "";

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *want[] = {rows[i].path, rows[i].host, rows[i].user, rows[i].password};
		const char *got[4];

		if (!redis_addr_parse(&a, rows[i].address, err, sizeof err))
			fail_msg("%s: %s", rows[i].address, err);
		got[0] = a.path;
		got[1] = a.host;
		got[2] = a.user;
		got[3] = a.password;
		for (size_t j = 0; j < 4; j++) {
			assert_int_equal(want[j] == NULL, got[j] == NULL);
			if (want[j] != NULL)
				assert_string_equal(want[j], got[j]);
		}
		assert_int_equal(a.port, rows[i].port);
		assert_int_equal(a.db, rows[i].db);
		redis_addr_clear(&a);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
	    cmocka_unit_test(bad_addresses_are_told_in_a_sentence),
	    cmocka_unit_test(good_addresses_are_taken_apart),
	};

	return cmocka_run_group_tests_name("addresses of redis", tests, NULL, NULL);
}
