bin_PROGRAMS += dakiyactl
dakiyactl_SOURCES = \
	src/ctl/cmd_text.c \
	src/ctl/ctl.h \
	src/ctl/main.c \
	src/options.c src/options_link.c
dakiyactl_LDADD = libengine.a libcodec.a libbase.a $(JSON_LIBS) $(CODEC_LIBS) $(BASE_LIBS)
