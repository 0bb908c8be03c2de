-- due: take deferred persons whose time has come and put them off, so that nobody else takes them.
-- KEYS  1 deferred
-- ARGV  1 now wall ms, 2 due again at wall ms, 3 most persons
-- gives their numbers, the longest waiting first.
local call, K, A = redis.call, KEYS, ARGV
local who = call('ZRANGEBYSCORE', K[1], '-inf', A[1], 'LIMIT', 0, A[3])
for _, m in ipairs(who) do
	call('ZADD', K[1], A[2], m)
end
return who
