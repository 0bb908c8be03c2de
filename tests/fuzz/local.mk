# One target for each decoder. Without --enable-libfuzzer replay.c runs the committed corpus, as a test.
if LIBFUZZER
FUZZ_MAIN =
FUZZ_LINK = $(AM_LDFLAGS) -fsanitize=fuzzer
else
FUZZ_MAIN = tests/fuzz/replay.c
FUZZ_LINK = $(AM_LDFLAGS)
endif
FUZZ_TARGETS =
include tests/fuzz/codec.mk
include tests/fuzz/engine.mk
include tests/fuzz/net.mk
include tests/fuzz/flow.mk
check_PROGRAMS += $(FUZZ_TARGETS)
if !LIBFUZZER
TESTS += $(FUZZ_TARGETS)
endif
EXTRA_DIST += tests/fuzz/receipt.dict tests/fuzz/conf.dict
