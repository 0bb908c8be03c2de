noinst_LIBRARIES += libapp.a
libapp_a_SOURCES = \
	src/app/acks.c \
	src/app/app.c src/app/app.h \
	src/app/app_int.h \
	src/app/backend_call.c \
	src/app/bind.c src/app/bind.h \
	src/app/dlt_gate.c \
	src/app/ev_in.c \
	src/app/events_in.c \
	src/app/families.h \
	src/app/fx_run.c \
	src/app/http_fields.c src/app/http_fields.h \
	src/app/join.c \
	src/app/packs.c \
	src/app/sms.h \
	src/app/sms_auth.c src/app/sms_auth.h \
	src/app/sms_in.c \
	src/app/sms_out.c \
	src/app/sms_profile.c \
	src/app/sms_values.c \
	src/app/fill.c src/app/fill.h \
	src/app/peers.c \
	src/app/link_text.c \
	src/app/links.c \
	src/app/listeners.c src/app/listeners.h \
	src/app/marks.c \
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
	src/app/ussd_push.c \
	src/app/ussd_smpp.c \
	src/app/watch.c \
	src/pack_files.c src/pack_files.h \
	src/profile.c src/profile.h \
	src/ussd_conf.c src/ussd_conf.h

sbin_PROGRAMS += dakiyad
dakiyad_SOURCES = src/main.c src/options.c src/options.h src/options_link.c src/options_link.h
dakiyad_LDADD = libapp.a $(LAYERS) $(LAYER_LIBS)
