# Tests of src/store and src/net/redis_conn; most start a redis-server of their own.
check_PROGRAMS += \
	tests/unit/test_store_contract \
	tests/unit/test_store_life
TESTS += \
	tests/unit/test_store_contract \
	tests/unit/test_store_life
STORE_TEST_LIBS = libstore.a libnet.a libbase.a $(HIREDIS_LIBS) $(EVENT_LIBS) $(YAML_LIBS) $(CMOCKA_LIBS)
STORE_RIG = tests/unit/store_rig.c tests/unit/store_rig.h

tests_unit_test_store_contract_SOURCES = tests/unit/test_store_contract.c $(STORE_RIG)
tests_unit_test_store_contract_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_store_contract_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_life_SOURCES = tests/unit/test_store_life.c $(STORE_RIG)
tests_unit_test_store_life_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_store_life_LDADD = $(STORE_TEST_LIBS)
