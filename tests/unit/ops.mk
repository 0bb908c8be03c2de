# tests/unit/ops.mk
