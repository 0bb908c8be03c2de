# Tests of src/base.
BASE_TEST_LIBS = libbase.a $(BASE_LIBS) $(UNIT_LIBS)
UNIT_TESTS += tests/unit/test_args
tests_unit_test_args_LDADD = $(BASE_TEST_LIBS)
UNIT_TESTS += tests/unit/test_buf
tests_unit_test_buf_LDADD = $(BASE_TEST_LIBS)
UNIT_TESTS += tests/unit/test_conf
tests_unit_test_conf_LDADD = $(BASE_TEST_LIBS)
UNIT_TESTS += tests/unit/test_log
tests_unit_test_log_LDADD = $(BASE_TEST_LIBS) $(JSON_LIBS)
UNIT_TESTS += tests/unit/test_near
tests_unit_test_near_LDADD = $(BASE_TEST_LIBS) -lunistring
UNIT_TESTS += tests/unit/test_rd
tests_unit_test_rd_LDADD = $(BASE_TEST_LIBS)
UNIT_TESTS += tests/unit/test_scrub
tests_unit_test_scrub_LDADD = $(BASE_TEST_LIBS)
UNIT_TESTS += tests/unit/test_ydoc
tests_unit_test_ydoc_LDADD = $(BASE_TEST_LIBS)
