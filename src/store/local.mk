noinst_LIBRARIES += libstore.a
libstore_a_SOURCES = \
	src/store/redis_embed.c \
	src/store/redis_sync.c \
	src/store/redis_sync.h \
	src/store/store.h \
	src/store/store_int.h \
	src/store/store_keys.c \
	src/store/store_mem.c \
	src/store/store_mem_otp.c \
	src/store/store_mem_kv.c \
	src/store/store_mem_receipt.c \
	src/store/store_mem_schedule.c \
	src/store/store_mem_int.h \
	src/store/store_redis.c \
	src/store/store_redis_load.c \
	src/store/store_redis_fence.c \
	src/store/store_redis_otp.c \
	src/store/store_redis_peers.c \
	src/store/store_redis_receipt.c \
	src/store/store_redis_schedule.c \
	src/store/store_redis_int.h
nodist_libstore_a_SOURCES = src/store/lua_text.c
STORE_LUA = \
	src/store/lua/accept.lua \
	src/store/lua/commit.lua \
	src/store/lua/dead.lua \
	src/store/lua/due.lua \
	src/store/lua/forget.lua \
	src/store/lua/hold.lua \
	src/store/lua/load_in.lua \
	src/store/lua/part.lua \
	src/store/lua/beat.lua \
	src/store/lua/otp_count.lua \
	src/store/lua/otp_issue.lua \
	src/store/lua/otp_try.lua \
	src/store/lua/receipt.lua \
	src/store/lua/stale.lua \
	src/store/lua/take.lua
EXTRA_DIST += $(STORE_LUA) scripts/embed-text docs/internals/store.md
CLEANFILES += src/store/lua_text.c

# The scripts as C strings: src/store/lua/accept.lua becomes `const char lua_accept[]`.
src/store/lua_text.c: $(STORE_LUA) scripts/embed-text
	$(AM_V_GEN)$(MKDIR_P) src/store && \
	(cd '$(srcdir)' && sh scripts/embed-text lua store/store_redis_int.h $(STORE_LUA)) > $@.tmp && mv -f $@.tmp $@
