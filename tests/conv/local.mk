check_PROGRAMS += tests/conv/conv_run
tests_conv_conv_run_SOURCES = tests/conv/conv_run.c tests/conv/load.c tests/conv/story.c tests/conv/story.h
tests_conv_conv_run_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/conv
tests_conv_conv_run_LDADD = libengine.a libcodec.a libbase.a $(JANSSON_LIBS) $(YAML_LIBS) -lunistring
TESTS += tests/conv/run
EXTRA_DIST += tests/conv/run
EXTRA_DIST += tests/conv/nothing-known.conv
