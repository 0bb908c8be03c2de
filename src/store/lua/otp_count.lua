-- otp_count: one more code to a number of this prefix: whoever makes us send to many numbers of a
-- range is stopped there.
-- KEYS  1 counter of the prefix
-- ARGV  1 most codes, 2 in so many ms from the first
-- gives 0, how many; 3, ms to wait: too many, not counted.
local call, K, A = redis.call, KEYS, ARGV
local n = tonumber(call('GET', K[1]) or '0')
if n >= tonumber(A[1]) then
	return {3, math.max(call('PTTL', K[1]), 1)}
end
n = call('INCR', K[1])
if n == 1 then
	call('PEXPIRE', K[1], A[2])
end
return {0, n}
