# tests/unit/engine_dialogue.mk
ENGINE_TEST_LIBS = libengine.a libcodec.a libbase.a $(JANSSON_LIBS) $(YAML_LIBS) -lunistring $(UNIT_LIBS)
EXTRA_DIST += tests/unit/mini_pack.h
UNIT_TESTS += tests/unit/test_pack_compile
tests_unit_test_pack_compile_LDADD = $(ENGINE_TEST_LIBS)
UNIT_TESTS += tests/unit/test_session
tests_unit_test_session_LDADD = $(ENGINE_TEST_LIBS)
UNIT_TESTS += tests/unit/test_answer
tests_unit_test_answer_LDADD = $(ENGINE_TEST_LIBS)
UNIT_TESTS += tests/unit/test_screens
tests_unit_test_screens_SOURCES = tests/unit/test_screens.c src/pack_files.c tests/conv/load.c tests/conv/story.h
tests_unit_test_screens_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/conv
tests_unit_test_screens_LDADD = $(ENGINE_TEST_LIBS)
UNIT_TESTS += tests/unit/test_pager
tests_unit_test_pager_LDADD = $(ENGINE_TEST_LIBS)
UNIT_TESTS += tests/unit/test_dlt
tests_unit_test_dlt_LDADD = $(ENGINE_TEST_LIBS)
