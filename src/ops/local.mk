noinst_LIBRARIES += libops.a
libops_a_SOURCES = \
	src/ops/log_ring.c \
	src/ops/log_ring.h \
	src/ops/metrics.c \
	src/ops/metrics.h \
	src/ops/ops_http.c \
	src/ops/ops_http.h
