bin_PROGRAMS += dakiyactl
dakiyactl_SOURCES = \
	src/ctl/cmd_person.c \
	src/ctl/cmd_text.c \
	src/ctl/cmd_try.c \
	src/ctl/ctl.h \
	src/ctl/look.c \
	src/ctl/look.h \
	src/ctl/main.c \
	src/ctl/try_call.c \
	src/ctl/try_int.h \
	src/ctl/try_show.c \
	src/options.c src/options_link.c \
	src/pack_files.c src/profile.c src/ussd_conf.c
dakiyactl_LDADD = libstore.a libnet.a libengine.a libcodec.a libbase.a $(LAYER_LIBS)
