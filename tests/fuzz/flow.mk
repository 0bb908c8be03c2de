# Records of inbox and outbox.
FUZZ_TARGETS += tests/fuzz/fuzz_record
tests_fuzz_fuzz_record_SOURCES = tests/fuzz/fuzz_record.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
tests_fuzz_fuzz_record_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_record_LDADD = libengine.a libcodec.a libbase.a $(CODEC_LIBS) $(BASE_LIBS)
EXTRA_DIST += tests/fuzz/corpus/record
# Fields of a backend's answer.
FUZZ_TARGETS += tests/fuzz/fuzz_json
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c tests/fuzz/fuzz.h $(FUZZ_MAIN)
tests_fuzz_fuzz_json_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_fuzz_json_LDADD = libengine.a libcodec.a libbase.a $(CODEC_LIBS) $(JANSSON_LIBS) $(YAML_LIBS) $(BASE_LIBS)
EXTRA_DIST += tests/fuzz/corpus/json
