-- stale: take messages whose missing parts did not come in time, and put them off, so that nobody else
-- takes them. Each stays until accept is given its parts' key; what was accepted or forgotten is dropped.
-- KEYS  1 waiting: parts' keys (of this partition, so of this slot) by the wall ms when time is up
-- ARGV  1 now wall ms, 2 due again at wall ms, 3 most messages
-- gives their notes, the longest waiting first.
local call, K, A = redis.call, KEYS, ARGV
local notes = {}
for _, parts in ipairs(call('ZRANGEBYSCORE', K[1], '-inf', A[1], 'LIMIT', 0, A[3])) do
	local note = call('HGET', parts, 'note')
	if note then
		call('ZADD', K[1], A[2], parts)
		notes[#notes + 1] = note
	else
		call('ZREM', K[1], parts)
	end
end
return notes
