SIM_TEST_LIBS = libsim.a libcodec.a libbase.a $(EVENT_LIBS) $(CODEC_LIBS) $(BASE_LIBS) $(UNIT_LIBS)
UNIT_TESTS += \
	tests/unit/test_story \
	tests/unit/test_sim_parts \
	tests/unit/test_hist
tests_unit_test_story_LDADD = $(SIM_TEST_LIBS)
tests_unit_test_sim_parts_LDADD = $(SIM_TEST_LIBS)
tests_unit_test_hist_SOURCES = tests/unit/test_hist.c src/load/hist.c
tests_unit_test_hist_LDADD = $(SIM_TEST_LIBS)
