noinst_LIBRARIES += libapp.a
libapp_a_SOURCES = \
	src/app/acks.c \
	src/app/app.c src/app/app.h \
	src/app/app_int.h \
	src/app/backend_call.c \
	src/app/dlt_gate.c \
	src/app/ev_in.c \
	src/app/events_in.c \
	src/app/families.h \
	src/app/fx_run.c \
	src/app/join.c \
	src/app/packs.c \
	src/app/peers.c \
	src/app/link_text.c \
	src/app/links.c \
	src/app/otp.c \
	src/app/otp_code.c src/app/otp_code.h \
	src/app/otp_in.c \
	src/app/receipts.c \
	src/app/recover.c \
	src/app/remind.c \
	src/app/routes.c \
	src/app/routes.h \
	src/app/sender.c \
	src/app/ussd.c src/app/ussd.h \
	src/app/ussd_http.c \
	src/app/ussd_smpp.c \
	src/app/watch.c \
	src/pack_files.c src/pack_files.h \
	src/ussd_conf.c src/ussd_conf.h

sbin_PROGRAMS += dakiyad
dakiyad_SOURCES = src/main.c src/options.c src/options.h src/options_link.c src/options_link.h
dakiyad_LDADD = libapp.a $(LAYERS) $(LAYER_LIBS)
