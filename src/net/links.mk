libnet_a_SOURCES += \
	src/net/addr.c \
	src/net/addr.h \
	src/net/http_in.c \
	src/net/http_in.h \
	src/net/http_out.c \
	src/net/http_out.h \
	src/net/smpp_link.h
