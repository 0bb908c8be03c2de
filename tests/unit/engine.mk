# Tests of what makes a message flow: record, turn, lanes, retry, breaker.
FLOW_TEST_LIBS = libengine.a libcodec.a libbase.a $(JSON_LIBS) $(CODEC_LIBS) $(BASE_LIBS) $(UNIT_LIBS)
noinst_HEADERS += tests/unit/seed.h tests/unit/turn_play.h tests/unit/turn_script.h tests/unit/turn_world.h

UNIT_TESTS += tests/unit/test_breaker
tests_unit_test_breaker_LDADD = $(FLOW_TEST_LIBS)

UNIT_TESTS += tests/unit/test_lanes
tests_unit_test_lanes_LDADD = $(FLOW_TEST_LIBS)

UNIT_TESTS += tests/unit/test_quiet
tests_unit_test_quiet_LDADD = $(FLOW_TEST_LIBS)

UNIT_TESTS += tests/unit/test_record
tests_unit_test_record_LDADD = $(FLOW_TEST_LIBS)

UNIT_TESTS += tests/unit/test_retry
tests_unit_test_retry_LDADD = $(FLOW_TEST_LIBS)

# Brings a dialogue of its own: the linker takes turn.o from the archive and nothing that speaks.
UNIT_TESTS += tests/unit/test_turn
tests_unit_test_turn_SOURCES = tests/unit/test_turn.c tests/unit/turn_script.c
tests_unit_test_turn_LDADD = $(FLOW_TEST_LIBS)

# The same machine on the real packs and the store's twin.
UNIT_TESTS += tests/unit/test_torture
tests_unit_test_torture_SOURCES = tests/unit/test_torture.c tests/unit/turn_play.c tests/unit/turn_world.c \
	src/pack_files.c tests/conv/load.c tests/conv/story.h
tests_unit_test_torture_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/conv
tests_unit_test_torture_LDADD = libsim.a libstore.a libnet.a $(FLOW_TEST_LIBS) $(HIREDIS_LIBS) $(EVENT_LIBS)

UNIT_TESTS += tests/unit/test_turn_ussd
tests_unit_test_turn_ussd_SOURCES = tests/unit/test_turn_ussd.c tests/unit/turn_script.c
tests_unit_test_turn_ussd_LDADD = $(FLOW_TEST_LIBS)
