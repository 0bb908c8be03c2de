noinst_LIBRARIES += libengine.a
libengine_a_SOURCES =
include src/engine/dialogue.mk
include src/engine/flow.mk
