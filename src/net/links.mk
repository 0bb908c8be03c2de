libnet_a_SOURCES += \
	src/net/addr.c \
	src/net/addr.h \
	src/net/http_in.c \
	src/net/http_curl.c src/net/http_curl.h \
	src/net/http_in.h \
	src/net/http_json.c src/net/http_json.h \
	src/net/http_link.c \
	src/net/http_link.h \
	src/net/http_out.c \
	src/net/http_out.h \
	src/net/http_plain.c src/net/http_plain.h \
	src/net/http_way.h \
	src/net/link.c \
	src/net/link.h \
	src/net/link_tls.c \
	src/net/link_tls.h \
	src/net/smpp_link.c \
	src/net/smpp_link.h \
	src/net/smpp_link_int.h \
	src/net/smpp_link_pdu.c \
	src/net/smpp_link_state.c \
	src/net/smpp_pace.c src/net/smpp_pace.h \
	src/net/smpp_window.c \
	src/net/smpp_window.h
