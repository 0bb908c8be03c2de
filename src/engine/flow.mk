# record, turn, lanes, retry, breaker: how a message flows, without knowing what it says.
libengine_a_SOURCES += \
	src/engine/breaker.c src/engine/breaker.h \
	src/engine/lanes.c src/engine/lanes.h \
	src/engine/quiet.c src/engine/quiet.h \
	src/engine/record.c src/engine/record.h \
	src/engine/retry.c src/engine/retry.h \
	src/engine/dlt.c src/engine/dlt.h \
	src/engine/status_words.c src/engine/status_words.h \
	src/engine/turn.c src/engine/turn.h src/engine/turn_int.h \
	src/engine/turn_ussd.c \
	src/engine/ussd_note.c src/engine/ussd_note.h
