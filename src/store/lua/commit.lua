-- commit: a turn is done. Check the session's version, then write all that it gave, or nothing.
-- The session is "<version><mark><blob>"; the mark is ":" or, with the person deferred, "!".
-- KEYS  1 session, 2 inbox, 3 deferred, then for each message its outbox and, when it coalesces,
--       its coalesce key
-- ARGV  1 the version the turn ran on, "" none; 2 new session, "" none; 3 its life ms;
--       4 inbox id to remove, "" none; 5 due wall ms, "0" not deferred; 6 msisdn;
--       7 most entries of an outbox; 8 messages;
--       then for each its member "<id>:<record>" and the life of its coalesce key ms, "0" none
-- gives 0, or the ids that were replaced; 1 committed before; 3 full; the session when it has
-- another version by now, nil when it has none. With all but the first, nothing is written.
local call, sub, K, A = redis.call, string.sub, KEYS, ARGV
local s = call('GET', K[1])
local want, marked = A[1], not s
local clash
if want == '' then
	clash = s
elseif not s or sub(s, 1, #want) ~= want then
	clash = true
else
	local mark = sub(s, #want + 1, #want + 1)
	marked = mark == '!'
	clash = not marked and mark ~= ':'
end
local id = A[4]
if clash then
	if id ~= '' and call('HEXISTS', K[2], id) == 0 then
		return 1
	end
	return s
end
local outs, k = tonumber(A[8]), 4
if outs > 0 then
	local max, count = tonumber(A[7]), {}
	for i = 1, outs do
		local o = K[k]
		local n = (count[o] or call('ZCARD', o)) + 1
		if n > max then
			return id ~= '' and call('HEXISTS', K[2], id) == 0 and 1 or 3
		end
		count[o] = n
		k = k + (A[8 + 2 * i] == '0' and 1 or 2)
	end
end
-- From here on it is written. Redis refuses the first write when it may not write at all, and
-- never a later one, so a refusal leaves nothing half done.
if id ~= '' and call('HDEL', K[2], id) == 0 then
	return 1
end
local gone
k = 4
for i = 1, outs do
	local o, member, ms = K[k], A[7 + 2 * i], A[8 + 2 * i]
	call('ZADD', o, 0, member)
	k = k + 1
	if ms ~= '0' then
		local new = sub(member, 1, 16)
		local old = call('SET', K[k], new, 'PX', ms, 'GET')
		k = k + 1
		if old and old ~= new and call('ZREMRANGEBYLEX', o, '[' .. old .. ':', '(' .. old .. ';') > 0 then
			gone = gone or {}
			gone[#gone + 1] = old
		end
	end
end
if A[2] ~= '' then
	call('SET', K[1], A[2], 'PX', A[3])
elseif s then
	call('DEL', K[1])
end
if A[5] ~= '0' then
	call('ZADD', K[3], A[5], A[6])
elseif marked then
	call('ZREM', K[3], A[6])
end
return gone or 0
