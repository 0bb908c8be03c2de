# tests/unit/engine_dialogue.mk
