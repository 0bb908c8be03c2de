# Tests of src/store and src/net/redis_conn; most start a redis-server of their own.
UNIT_TESTS += \
	tests/unit/test_store_contract \
	tests/unit/test_store_life \
	tests/unit/test_store_parts \
	tests/unit/test_store_receipts \
	tests/unit/test_store_otp \
	tests/unit/test_store_schedule \
	tests/unit/test_store_redis \
	tests/unit/test_redis_addr \
	tests/unit/test_redis_conn \
	tests/unit/test_redis_embed
STORE_TEST_LIBS = libstore.a libnet.a libcodec.a libbase.a $(HIREDIS_LIBS) $(EVENT_LIBS) $(YAML_LIBS) $(CMOCKA_LIBS)
STORE_RIG = tests/unit/store_rig.c tests/unit/store_rig.h
tests_unit_test_store_contract_SOURCES = tests/unit/test_store_contract.c $(STORE_RIG)
tests_unit_test_store_contract_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_life_SOURCES = tests/unit/test_store_life.c $(STORE_RIG)
tests_unit_test_store_life_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_receipts_SOURCES = tests/unit/test_store_receipts.c $(STORE_RIG)
tests_unit_test_store_receipts_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_parts_SOURCES = tests/unit/test_store_parts.c $(STORE_RIG)
tests_unit_test_store_parts_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_otp_SOURCES = tests/unit/test_store_otp.c $(STORE_RIG)
tests_unit_test_store_otp_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_schedule_SOURCES = tests/unit/test_store_schedule.c $(STORE_RIG)
tests_unit_test_store_schedule_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_store_redis_SOURCES = tests/unit/test_store_redis.c $(STORE_RIG)
tests_unit_test_store_redis_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_redis_embed_SOURCES = tests/unit/test_redis_embed.c $(STORE_RIG)
tests_unit_test_redis_embed_LDADD = $(STORE_TEST_LIBS)
tests_unit_test_redis_addr_LDADD = libnet.a libbase.a $(YAML_LIBS) $(CMOCKA_LIBS)
tests_unit_test_redis_conn_SOURCES = tests/unit/test_redis_conn.c tests/unit/redis_peer.h
tests_unit_test_redis_conn_LDADD = libnet.a libbase.a $(HIREDIS_LIBS) $(EVENT_LIBS) $(YAML_LIBS) $(CMOCKA_LIBS)

# Not a test: prints what a step costs.
check_PROGRAMS += tests/unit/store_bench
tests_unit_store_bench_SOURCES = tests/unit/store_bench.c $(STORE_RIG)
tests_unit_store_bench_LDADD = $(STORE_TEST_LIBS)
