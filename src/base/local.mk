noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/buf.h \
	src/base/clock.h \
	src/base/conf.h \
	src/base/log.h \
	src/base/rd.h \
	src/base/sv.h \
	src/base/xmalloc.h \
	src/base/ydoc.h
