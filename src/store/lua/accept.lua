-- accept: a message came in. Drop a duplicate, check the bound, write the inbox, give the session.
-- KEYS  1 session, 2 inbox, [3 dedup, [4 parts of this message, 5 waiting]]
-- ARGV  1 inbox id, 2 record, 3 most inbox entries, 4 life of the inbox ms, 5 "1": renew that life,
--       [6 dedup value, 7 life of the dedup key ms]
-- gives the session, or nil when there is none; 1 duplicate by its parts; 3 full; 4 and more: duplicate by
-- its mark, which was made so many ms ago, and 4. With these nothing is written.
local call, K, A = redis.call, KEYS, ARGV
local n = call('HLEN', K[2])
if n >= tonumber(A[3]) and call('HEXISTS', K[2], A[1]) == 0 then
	return 3
end
if K[4] and call('HEXISTS', K[4], 'done') == 1 and call('HEXISTS', K[2], A[1]) == 0 then
	return 1 -- whole and given up as incomplete at the same moment: one of the two
end
if K[3] then
	local old = call('SET', K[3], A[6], 'PX', A[7], 'NX', 'GET')
	if old then
		if old ~= A[6] then
			call('SET', K[3], A[6], 'PX', A[7])
		elseif call('HEXISTS', K[2], A[1]) == 0 then
			return 4 + math.max(0, A[7] - call('PTTL', K[3])) -- else it is this very call, repeated because its answer was lost
		end
	end
end
call('HSET', K[2], A[1], A[2])
if K[4] then
	-- A part that is repeated from now on must not begin a message of its own.
	call('DEL', K[4])
	call('ZREM', K[5], K[4])
	call('HSET', K[4], 'done', 1)
	call('PEXPIRE', K[4], A[7])
end
if n == 0 or A[5] == '1' then
	call('PEXPIRE', K[2], A[4])
end
return call('GET', K[1])
