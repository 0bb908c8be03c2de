# tests/unit/backend.mk
BACKEND_TEST_LIBS = $(BACKEND_LIBS) $(UNIT_LIBS)
EXTRA_DIST += tests/unit/backend_test.h
UNIT_TESTS += tests/unit/test_backend_rules
tests_unit_test_backend_rules_LDADD = $(BACKEND_TEST_LIBS)
UNIT_TESTS += tests/unit/test_backend_db
tests_unit_test_backend_db_LDADD = $(BACKEND_TEST_LIBS)
UNIT_TESTS += tests/unit/test_backend_queue
tests_unit_test_backend_queue_LDADD = $(BACKEND_TEST_LIBS)
UNIT_TESTS += tests/unit/test_backend_random
tests_unit_test_backend_random_LDADD = $(BACKEND_TEST_LIBS)

UNIT_TESTS += tests/unit/test_backend_pmjay
tests_unit_test_backend_pmjay_LDADD = $(BACKEND_TEST_LIBS)
UNIT_TESTS += tests/unit/test_backend_niramaya
tests_unit_test_backend_niramaya_LDADD = $(BACKEND_TEST_LIBS)

# The API over real HTTP, through the runner of the integration tests: needs no Redis.
TESTS += tests/unit/test_backend_api.sh
EXTRA_DIST += tests/unit/test_backend_api.sh \
	tests/integration/backend_parts.py \
	tests/integration/test_backend.py \
	tests/integration/test_backend_niramaya.py \
	tests/integration/test_backend_schemes.py \
	tests/integration/test_backend_services.py tests/integration/test_backend_contradictions.py
