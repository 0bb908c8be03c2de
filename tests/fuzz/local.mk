include tests/fuzz/codec.mk
include tests/fuzz/engine.mk
include tests/fuzz/net.mk
