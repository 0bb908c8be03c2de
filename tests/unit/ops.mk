UNIT_TESTS += tests/unit/test_ops
tests_unit_test_ops_SOURCES = tests/unit/test_ops.c tests/unit/loop_test.h
tests_unit_test_ops_LDADD = libops.a $(NET_TEST_LIBS)
