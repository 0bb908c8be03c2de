noinst_LIBRARIES += libnet.a
libnet_a_SOURCES =
include src/net/redis.mk
include src/net/links.mk
