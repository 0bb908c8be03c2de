# redis_conn: the connection to Redis
libnet_a_SOURCES += \
	src/net/redis_addr.c \
	src/net/redis_addr.h \
	src/net/redis_conn.c \
	src/net/redis_conn.h \
	src/net/redis_glue.c \
	src/net/redis_glue.h
