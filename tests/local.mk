# Every layer has its own fragment, so that a change of one touches one file.
# A test is a line in UNIT_TESTS and its _LDADD; what is made of more than its own file says _SOURCES.
UNIT_LIBS = $(CMOCKA_LIBS)
UNIT_TESTS =
AM_CFLAGS += $(CMOCKA_CFLAGS)
if HAVE_CMOCKA
include tests/unit/base.mk
include tests/unit/codec.mk
include tests/unit/engine.mk
include tests/unit/engine_dialogue.mk
include tests/unit/net.mk
include tests/unit/ops.mk
include tests/unit/store.mk
include tests/unit/app.mk
include tests/unit/backend.mk
include tests/unit/sim.mk
check_PROGRAMS += $(UNIT_TESTS)
TESTS += $(UNIT_TESTS)
endif
EXTRA_DIST += tests/unit/unit.h
include tests/fuzz/local.mk
include tests/conv/local.mk
include tests/stories/local.mk
include tests/integration/local.mk
include tests/web/local.mk
include tests/chaos/local.mk
