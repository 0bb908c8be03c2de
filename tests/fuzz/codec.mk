# tests/fuzz/codec.mk
