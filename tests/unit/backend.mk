# tests/unit/backend.mk
BACKEND_TEST_LIBS = $(BACKEND_LIBS) $(UNIT_LIBS)
EXTRA_DIST += tests/unit/backend_test.h
check_PROGRAMS += tests/unit/test_backend_rules
TESTS += tests/unit/test_backend_rules
tests_unit_test_backend_rules_SOURCES = tests/unit/test_backend_rules.c
tests_unit_test_backend_rules_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_backend_rules_LDADD = $(BACKEND_TEST_LIBS)
check_PROGRAMS += tests/unit/test_backend_db
TESTS += tests/unit/test_backend_db
tests_unit_test_backend_db_SOURCES = tests/unit/test_backend_db.c
tests_unit_test_backend_db_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_backend_db_LDADD = $(BACKEND_TEST_LIBS)
check_PROGRAMS += tests/unit/test_backend_queue
TESTS += tests/unit/test_backend_queue
tests_unit_test_backend_queue_SOURCES = tests/unit/test_backend_queue.c
tests_unit_test_backend_queue_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_backend_queue_LDADD = $(BACKEND_TEST_LIBS)
check_PROGRAMS += tests/unit/test_backend_random
TESTS += tests/unit/test_backend_random
tests_unit_test_backend_random_SOURCES = tests/unit/test_backend_random.c
tests_unit_test_backend_random_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_backend_random_LDADD = $(BACKEND_TEST_LIBS)

check_PROGRAMS += tests/unit/test_backend_pmjay
TESTS += tests/unit/test_backend_pmjay
tests_unit_test_backend_pmjay_SOURCES = tests/unit/test_backend_pmjay.c
tests_unit_test_backend_pmjay_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_backend_pmjay_LDADD = $(BACKEND_TEST_LIBS)
check_PROGRAMS += tests/unit/test_backend_niramaya
TESTS += tests/unit/test_backend_niramaya
tests_unit_test_backend_niramaya_SOURCES = tests/unit/test_backend_niramaya.c
tests_unit_test_backend_niramaya_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_backend_niramaya_LDADD = $(BACKEND_TEST_LIBS)

# The API over real HTTP, through the runner of the integration tests: needs no Redis.
TESTS += tests/unit/test_backend_api.sh
EXTRA_DIST += tests/unit/test_backend_api.sh \
	tests/integration/backend_parts.py \
	tests/integration/test_backend.py \
	tests/integration/test_backend_niramaya.py \
	tests/integration/test_backend_schemes.py \
	tests/integration/test_backend_services.py
