# src/backend
noinst_LIBRARIES += libbackend.a
libbackend_a_SOURCES = \
	src/backend/api.c \
	src/backend/api.h \
	src/backend/api_admin.c \
	src/backend/api_desk.c \
	src/backend/api_int.h \
	src/backend/api_lists.c \
	src/backend/api_member.c \
	src/backend/api_patient.c \
	src/backend/api_person.c \
	src/backend/api_tokens.c \
	src/backend/db.c \
	src/backend/db.h \
	src/backend/desk_html.h \
	src/backend/events.c \
	src/backend/events.h \
	src/backend/field.c \
	src/backend/field.h \
	src/backend/idem.c \
	src/backend/idem.h \
	src/backend/ist.c \
	src/backend/ist.h \
	src/backend/grievance.c \
	src/backend/grievance.h \
	src/backend/grievance_api.c \
	src/backend/niramaya.c \
	src/backend/niramaya.h \
	src/backend/niramaya_api.c \
	src/backend/niramaya_apps.c \
	src/backend/niramaya_claim.c \
	src/backend/niramaya_print.c \
	src/backend/niramaya_report.c \
	src/backend/niramaya_status.c \
	src/backend/niramaya_store.c \
	src/backend/places.c \
	src/backend/places.h \
	src/backend/pmjay.h \
	src/backend/pmjay_api.c \
	src/backend/pmjay_estimate.c \
	src/backend/pmjay_hospital_api.c \
	src/backend/pmjay_seed.c \
	src/backend/pmjay_store.c \
	src/backend/lists.c \
	src/backend/lists.h \
	src/backend/person.c \
	src/backend/person.h \
	src/backend/pusher.c \
	src/backend/pusher.h \
	src/backend/queue.c \
	src/backend/queue.h \
	src/backend/registry.c \
	src/backend/registry.h \
	src/backend/rules.c \
	src/backend/rules.h \
	src/backend/scheme.c \
	src/backend/scheme.h \
	src/backend/scheme_api.c \
	src/backend/scheme_api.h \
	src/backend/sign.c \
	src/backend/sign.h \
	src/backend/sql.c \
	src/backend/sql_migrations.c \
	src/backend/sql.h
nodist_libbackend_a_SOURCES = src/backend/desk_html.c
CLEANFILES += src/backend/desk_html.c
EXTRA_DIST += web/desk.html

# The desk's page becomes part of the program: it needs no file beside it.
src/backend/desk_html.c: $(top_srcdir)/web/desk.html
	$(AM_V_at)$(MKDIR_P) src/backend
	$(AM_V_GEN){ echo '#include "backend/desk_html.h"'; \
	  echo 'const unsigned char desk_html[] = {'; \
	  od -An -v -tx1 $(top_srcdir)/web/desk.html | sed 's/\([0-9a-f][0-9a-f]\)/0x\1,/g'; \
	  echo '0};'; \
	  echo 'const size_t desk_html_len = sizeof desk_html - 1;'; } >$@.tmp && mv $@.tmp $@

BACKEND_LIBS = libbackend.a libnet.a libcodec.a libbase.a $(CURL_LIBS) $(EVENT_LIBS) $(SQLITE_LIBS) $(JANSSON_LIBS) \
	$(YAML_LIBS) $(CRYPTO_LIBS) -lunistring
bin_PROGRAMS += dakiya-backend
dakiya_backend_SOURCES = src/backend/main.c src/backend/options.c src/backend/options.h
dakiya_backend_LDADD = $(BACKEND_LIBS)

backendconfdir = $(sysconfdir)/dakiya
dist_backendconf_DATA = etc/backend-lists.yaml etc/backend-rules.yaml
