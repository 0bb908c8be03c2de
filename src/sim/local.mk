# The parts that dakiya-load and the unit tests use too.
noinst_LIBRARIES += libsim.a
libsim_a_SOURCES = \
	src/sim/conn.c src/sim/conn.h \
	src/sim/esme.c src/sim/esme.h \
	src/sim/faults.c src/sim/faults.h \
	src/sim/join.c src/sim/join.h \
	src/sim/line.c src/sim/control.h \
	src/sim/pattern.c src/sim/pattern.h \
	src/sim/sock.c src/sim/sock.h \
	src/sim/story.c src/sim/story.h

bin_PROGRAMS += dakiya-sim
dakiya_sim_SOURCES = \
	src/sim/ask.c src/sim/ask.h \
	src/sim/cmd_phone.c \
	src/sim/cmd_play.c \
	src/sim/cmd_smsc.c \
	src/sim/cmd_tell.c \
	src/sim/control.c \
	src/sim/ctl.c src/sim/ctl.h \
	src/sim/desk.c src/sim/desk.h \
	src/sim/handsets.c src/sim/handsets.h \
	src/sim/main.c \
	src/sim/play.c src/sim/play.h \
	src/sim/screen.c src/sim/screen.h \
	src/sim/sim.h \
	src/sim/smsc.c src/sim/smsc.h src/sim/smsc_int.h \
	src/sim/smsc_mo.c \
	src/sim/smsc_mt.c \
	src/sim/smsc_ussd.c \
	src/sim/ussd_call.c src/sim/ussd_call.h \
	src/sim/ussd_http.c src/sim/ussd_http.h \
	src/sim/web.c src/sim/web.h \
	src/profile.c src/ussd_conf.c src/ussd_conf.h
nodist_dakiya_sim_SOURCES = src/sim/handset_files.c
SIM_LIBS = libsim.a libcodec.a libbase.a
dakiya_sim_LDADD = libnet.a $(SIM_LIBS) $(CURL_LIBS) $(EVENT_LIBS) $(JANSSON_LIBS) $(CODEC_LIBS) $(BASE_LIBS)

# The handset's page becomes part of the program: it needs no file beside it.
HANDSET_FILES = web/handset/page.html web/handset/style.css web/handset/script.js
EXTRA_DIST += $(HANDSET_FILES)
CLEANFILES += src/sim/handset_files.c
src/sim/handset_files.c: $(HANDSET_FILES) scripts/embed-text
	$(AM_V_at)$(MKDIR_P) src/sim
	$(AM_V_GEN)(cd '$(srcdir)' && sh scripts/embed-text handset sim/web.h $(HANDSET_FILES)) >$@.tmp && mv -f $@.tmp $@
