# tests/fuzz/engine.mk
# Without libFuzzer a target replays its corpus, and changes to it from a fixed seed.
ENGINE_FUZZ_LIBS = libengine.a libcodec.a libbase.a $(JANSSON_LIBS) $(YAML_LIBS) -lunistring
ENGINE_FUZZ_SOURCES = src/pack_files.c tests/conv/load.c tests/conv/story.h
ENGINE_FUZZ_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)/tests/conv
if LIBFUZZER
ENGINE_FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
else
ENGINE_FUZZ_SOURCES += tests/fuzz/engine_replay.c
ENGINE_FUZZ_LINK = $(AM_LDFLAGS)
TESTS += tests/fuzz/fuzz_pack tests/fuzz/fuzz_session tests/fuzz/fuzz_dialogue tests/fuzz/fuzz_dlt
endif
check_PROGRAMS += tests/fuzz/fuzz_pack tests/fuzz/fuzz_session tests/fuzz/fuzz_dialogue tests/fuzz/fuzz_dlt
tests_fuzz_fuzz_pack_SOURCES = tests/fuzz/fuzz_pack.c $(ENGINE_FUZZ_SOURCES)
tests_fuzz_fuzz_pack_CPPFLAGS = $(ENGINE_FUZZ_CPPFLAGS) -DFUZZ_NAME='"pack"'
tests_fuzz_fuzz_pack_LDFLAGS = $(ENGINE_FUZZ_LINK)
tests_fuzz_fuzz_pack_LDADD = $(ENGINE_FUZZ_LIBS)
tests_fuzz_fuzz_session_SOURCES = tests/fuzz/fuzz_session.c $(ENGINE_FUZZ_SOURCES)
tests_fuzz_fuzz_session_CPPFLAGS = $(ENGINE_FUZZ_CPPFLAGS) -DFUZZ_NAME='"session"'
tests_fuzz_fuzz_session_LDFLAGS = $(ENGINE_FUZZ_LINK)
tests_fuzz_fuzz_session_LDADD = $(ENGINE_FUZZ_LIBS)
tests_fuzz_fuzz_dialogue_SOURCES = tests/fuzz/fuzz_dialogue.c $(ENGINE_FUZZ_SOURCES)
tests_fuzz_fuzz_dialogue_CPPFLAGS = $(ENGINE_FUZZ_CPPFLAGS) -DFUZZ_NAME='"dialogue"'
tests_fuzz_fuzz_dialogue_LDFLAGS = $(ENGINE_FUZZ_LINK)
tests_fuzz_fuzz_dialogue_LDADD = $(ENGINE_FUZZ_LIBS)
tests_fuzz_fuzz_dlt_SOURCES = tests/fuzz/fuzz_dlt.c tests/fuzz/fuzz.h $(ENGINE_FUZZ_SOURCES)
tests_fuzz_fuzz_dlt_CPPFLAGS = $(ENGINE_FUZZ_CPPFLAGS) -DFUZZ_NAME='"dlt"'
tests_fuzz_fuzz_dlt_LDFLAGS = $(ENGINE_FUZZ_LINK)
tests_fuzz_fuzz_dlt_LDADD = $(ENGINE_FUZZ_LIBS)
EXTRA_DIST += tests/fuzz/corpus/dlt
EXTRA_DIST += \
	tests/fuzz/corpus/dialogue/away \
	tests/fuzz/corpus/dialogue/pick_digit_and_sign \
	tests/fuzz/corpus/dialogue/interrupt \
	tests/fuzz/corpus/dialogue/register \
	tests/fuzz/corpus/dialogue/ussd_late \
	tests/fuzz/corpus/dialogue/ussd_register \
	tests/fuzz/corpus/dialogue/ussd_small \
	tests/fuzz/corpus/dialogue/words \
	tests/fuzz/corpus/pack/mini.yaml \
	tests/fuzz/corpus/session/dialogue \
	tests/fuzz/corpus/session/kept
