noinst_PROGRAMS += bench/calibrate bench/fill bench/smpp-echo
bench_calibrate_SOURCES = bench/calibrate.c
bench_calibrate_LDADD =
bench_smpp_echo_SOURCES = bench/smpp_echo.c
bench_smpp_echo_LDADD = $(SIM_LIBS) $(EVENT_LIBS) $(CODEC_LIBS) $(BASE_LIBS)
bench_fill_SOURCES = bench/fill.c
bench_fill_LDADD = $(LAYERS) $(LAYER_LIBS)
EXTRA_DIST += \
	bench/RESULTS.md \
	bench/backend \
	bench/durability \
	bench/guard \
	bench/nodelay.c \
	bench/run \
	bench/services/bench/en.yaml \
	bench/services/bench/hi.yaml \
	bench/services/bench/service.yaml \
	bench/ussd \
	bench/vs-kannel
