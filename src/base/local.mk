noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/args.c \
	src/base/args.h \
	src/base/buf.c \
	src/base/buf.h \
	src/base/clock.c \
	src/base/clock.h \
	src/base/conf.c \
	src/base/conf.h \
	src/base/conf_int.h \
	src/base/conf_print.c \
	src/base/hex.c \
	src/base/hex.h \
	src/base/log.c \
	src/base/log.h \
	src/base/near.c \
	src/base/near.h \
	src/base/rd.c \
	src/base/rd.h \
	src/base/scrub.c \
	src/base/scrub.h \
	src/base/sv.h \
	src/base/xmalloc.c \
	src/base/xmalloc.h \
	src/base/ydoc.c \
	src/base/ydoc.h
