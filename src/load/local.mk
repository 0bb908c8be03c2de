bin_PROGRAMS += dakiya-load
dakiya_load_SOURCES = \
	src/load/drive.c src/load/drive.h \
	src/load/hist.c src/load/hist.h \
	src/load/instant.c src/load/instant.h \
	src/load/main.c \
	src/load/procfs.c src/load/procfs.h
dakiya_load_LDADD = $(SIM_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) $(CODEC_LIBS) $(BASE_LIBS)
