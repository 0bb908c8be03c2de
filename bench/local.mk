noinst_PROGRAMS += bench/smpp-echo bench/fill
bench_smpp_echo_SOURCES = bench/smpp_echo.c
bench_smpp_echo_LDADD = $(SIM_LIBS) $(EVENT_LIBS) $(CODEC_LIBS) $(BASE_LIBS)
bench_fill_SOURCES = bench/fill.c
bench_fill_LDADD = $(LAYERS) $(LAYER_LIBS)
EXTRA_DIST += \
	bench/RESULTS.md \
	bench/nodelay.c \
	bench/run \
	bench/services/bench/en.yaml \
	bench/services/bench/hi.yaml \
	bench/services/bench/service.yaml \
	bench/vs-kannel
