libengine_a_SOURCES += \
	src/engine/dialogue.h
