# tests/conv/local.mk
