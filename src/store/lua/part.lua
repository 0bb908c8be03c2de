-- part: one part of a long message came in. Keep it; give all when they are together.
-- KEYS  1 parts of this message, 2 waiting: parts' keys by the wall ms when time is up, [3 mark of this part]
-- ARGV  1 place from 1, 2 how many there are, 3 record, 4 life of the parts ms, 5 wall ms when time is up,
--       6 what stale gives back then, [7 life of the mark ms]
-- gives the records in order; 0 more are to come; 1 the message was accepted before, or this part was one of
-- a message that is over.
local call, K, A = redis.call, KEYS, ARGV
local is_new = not K[3] or call('SET', K[3], 1, 'PX', A[7], 'NX')
if call('HEXISTS', K[1], 'done') == 1 then
	return 1
end
if is_new then
	call('HSET', K[1], A[1], A[3], 'note', A[6])
	call('PEXPIRE', K[1], A[4])
	call('ZADD', K[2], A[5], K[1])
	call('PEXPIRE', K[2], A[4])
elseif call('HEXISTS', K[1], A[1]) == 0 then
	return 1
end
local total = tonumber(A[2])
if call('HLEN', K[1]) < total + 1 then -- the note is one
	return 0
end
local want = {}
for i = 1, total do
	want[i] = i
end
return call('HMGET', K[1], unpack(want))
