# tests/unit/backend.mk
