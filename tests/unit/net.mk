NET_TEST_LIBS = libnet.a libcodec.a libbase.a $(CURL_LIBS) $(EVENT_LIBS) $(CODEC_LIBS) $(BASE_LIBS) $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_http_out
TESTS += tests/unit/test_http_out
tests_unit_test_http_out_SOURCES = tests/unit/test_http_out.c tests/unit/loop_test.h
tests_unit_test_http_out_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_http_out_LDADD = $(NET_TEST_LIBS)
