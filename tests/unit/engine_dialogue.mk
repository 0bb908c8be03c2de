# tests/unit/engine_dialogue.mk
ENGINE_TEST_LIBS = libengine.a libcodec.a libbase.a $(JANSSON_LIBS) $(YAML_LIBS) -lunistring $(UNIT_LIBS)
EXTRA_DIST += tests/unit/mini_pack.h
check_PROGRAMS += tests/unit/test_pack_compile
TESTS += tests/unit/test_pack_compile
tests_unit_test_pack_compile_SOURCES = tests/unit/test_pack_compile.c
tests_unit_test_pack_compile_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_pack_compile_LDADD = $(ENGINE_TEST_LIBS)
check_PROGRAMS += tests/unit/test_session
TESTS += tests/unit/test_session
tests_unit_test_session_SOURCES = tests/unit/test_session.c
tests_unit_test_session_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_session_LDADD = $(ENGINE_TEST_LIBS)
check_PROGRAMS += tests/unit/test_answer
TESTS += tests/unit/test_answer
tests_unit_test_answer_SOURCES = tests/unit/test_answer.c
tests_unit_test_answer_CFLAGS = $(UNIT_CFLAGS)
tests_unit_test_answer_LDADD = $(ENGINE_TEST_LIBS)
