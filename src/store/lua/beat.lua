#!lua flags=allow-oom
-- beat: a process says that it lives, or that it begins, and inherits from those that fell silent.
-- KEYS  1 last beats (sorted set owner -> ms of the server's clock), 2 heirs (hash owner -> owner),
--       3 counter of generations, 4 owners who have to look again at what they inherited
-- ARGV  1 owner, or "" to begin, 2 instance, 3 silent for so many ms is dead
-- gives 0 when others took the owner for dead; else owner, from how many it has something new, how
-- many live, those, then owner and heir by turns.
-- A full server is no sign of death: who may not say that it lives could not send what would make room.
local call, K, A = redis.call, KEYS, ARGV
local t = call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local me, dead, silent = A[1], tonumber(A[3]), {}
local heirs = call('HGETALL', K[2])
if me == '' then
	me = A[2] .. ':' .. call('INCR', K[3])
	-- What this instance sent under its last name, and was kept on the way, is done by now: perhaps after
	-- the heir of that name had looked.
	local heir, newest = nil, -1
	for i = 1, #heirs, 2 do
		local instance, n = string.match(heirs[i], '^(.*):(%d+)$')
		if instance == A[2] and tonumber(n) > newest then
			heir, newest = heirs[i + 1], tonumber(n)
		end
	end
	if heir then
		call('SADD', K[4], heir)
	end
	-- Two living processes have two names: an earlier one of this name is gone.
	for _, m in ipairs(call('ZRANGE', K[1], 0, -1)) do
		if string.match(m, '^(.*):%d+$') == A[2] then
			silent[#silent + 1] = m
		end
	end
else
	local last = call('ZSCORE', K[1], me)
	if not last then
		return 0
	end
	-- Who was silent itself cannot judge: perhaps it was the server that was away.
	if now - last < dead then
		silent = call('ZRANGEBYSCORE', K[1], '-inf', now - dead)
	end
end
call('ZADD', K[1], now, me)
local gone = {}
for _, m in ipairs(silent) do
	gone[m] = true
	call('ZREM', K[1], m)
	call('SREM', K[4], m)
	call('HSET', K[2], m, me)
end
-- What a dead one had inherited goes on to its heir; very old names are forgotten.
local young = tonumber(string.match(me, ':(%d+)$')) - 2000
for i = 1, #heirs, 2 do
	if tonumber(string.match(heirs[i], ':(%d+)$') or 0) < young then
		call('HDEL', K[2], heirs[i])
	elseif gone[heirs[i + 1]] then
		call('HSET', K[2], heirs[i], me)
	end
end
local late = call('SREM', K[4], me)
local out, live = {me, #silent + late}, call('ZRANGE', K[1], 0, -1)
out[3] = #live
for _, m in ipairs(live) do
	out[#out + 1] = m
end
for _, m in ipairs(call('HGETALL', K[2])) do
	out[#out + 1] = m
end
return out
