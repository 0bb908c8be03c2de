libengine_a_SOURCES += \
	src/engine/dialogue.c \
	src/engine/dialogue.h \
	src/engine/dialogue_answer.c \
	src/engine/dialogue_int.h \
	src/engine/dialogue_pick.c \
	src/engine/dialogue_run.c \
	src/engine/dialogue_say.c \
	src/engine/dialogue_screen.c \
	src/engine/dialogue_text.c \
	src/engine/pack_check.c \
	src/engine/pack_compile.c \
	src/engine/pack_compile.h \
	src/engine/pack_find.c \
	src/engine/pack_int.h \
	src/engine/pack_json.c \
	src/engine/pack_service.c \
	src/engine/pack_steps.c \
	src/engine/pack_texts.c \
	src/engine/pack_tmpl.c \
	src/engine/pack_yaml.c \
	src/engine/session.c \
	src/engine/session_codec.c \
	src/engine/session_int.h
