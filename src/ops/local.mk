noinst_LIBRARIES += libops.a
libops_a_SOURCES = \
	src/ops/log_ring.h \
	src/ops/metrics.h \
	src/ops/ops_http.h
