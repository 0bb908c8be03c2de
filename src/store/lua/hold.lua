-- hold: an event is kept until its time. Drop a duplicate, drop what its key replaces, check the bounds.
-- KEYS  1 schedule, 2 events of the person, [3 dedup]
-- ARGV  1 msisdn, 2 key, 3 event "<at> <until> <id> <free> <group>\n<record>", "" none: only drop, 4 its
--       at wall ms, 5 life of the person's events ms, 6 most events of a person, 7 most persons,
--       [8 dedup value, 9 life of the dedup key ms]
-- gives 0, how many were dropped; 1, 0 duplicate; 3, 0 or 1: the person's or the schedule is full.
-- With 1 and 3 nothing is written.
local call, sub, K, A = redis.call, string.sub, KEYS, ARGV
if K[3] and call('GET', K[3]) == A[8] then
	return {1, 0}
end
local gone, have = {}, call('HKEYS', K[2])
local under = A[2] .. '/'
for _, k in ipairs(have) do
	if k == A[2] or sub(k, 1, #under) == under then
		gone[#gone + 1] = k
	end
end
if A[3] ~= '' then
	if #have - #gone >= tonumber(A[6]) then
		return {3, 0}
	end
	if #have == 0 and call('ZCARD', K[1]) >= tonumber(A[7]) then
		return {3, 1}
	end
end
if K[3] then
	call('SET', K[3], A[8], 'PX', A[9])
end
for _, k in ipairs(gone) do
	call('HDEL', K[2], k)
end
if A[3] ~= '' then
	call('HSET', K[2], A[2], A[3])
	if call('PTTL', K[2]) < tonumber(A[5]) then
		call('PEXPIRE', K[2], A[5])
	end
	local first = call('ZSCORE', K[1], A[1])
	if not first or tonumber(A[4]) < tonumber(first) then
		call('ZADD', K[1], A[4], A[1])
	end
elseif #gone == #have then
	call('ZREM', K[1], A[1])
end
return {0, #gone}
