-- otp_issue: a one-time code is to be sent. Pause and limits of the number, then the new code in place
-- of any older one of the purpose. The code itself is not here: only its keyed hash, and a seal from
-- which whoever holds the deployment's secret makes it when the message leaves.
-- KEYS  1 code of number and purpose, 2 times of the number's codes
-- ARGV  1 id of the request, 2 hash, 3 seal, 4 now wall ms, 5 life ms, 6 pause ms, 7 and 8 most codes in
--       so many ms, 9 and 10 the same for the day
-- gives 0, end of the life, seal; with the id of the code that is there the same again.
--       1 too soon or 3 too many, ms to wait, "1" when the older code is good; nothing is written.
local call, K, A = redis.call, KEYS, ARGV
local now = tonumber(A[4])
local old = call('HMGET', K[1], 'id', 'exp', 'seal', 'ok')
local live = old[2] and tonumber(old[2]) > now
if live and old[1] == A[1] then
	return {0, tonumber(old[2]), old[3]}
end
live = live and not old[4] and '1' or ''
local function wait(nth, ms)
	local at = call('LINDEX', K[2], nth - 1)
	return at and tonumber(at) + ms - now or 0
end
local ms = wait(1, tonumber(A[6]))
if ms > 0 then
	return {1, ms, live}
end
ms = math.max(wait(tonumber(A[7]), tonumber(A[8])), wait(tonumber(A[9]), tonumber(A[10])))
if ms > 0 then
	return {3, ms, live}
end
call('LPUSH', K[2], A[4])
call('LTRIM', K[2], 0, math.max(tonumber(A[7]), tonumber(A[9])) - 1)
call('PEXPIRE', K[2], math.max(tonumber(A[8]), tonumber(A[10]), tonumber(A[6])))
local exp = now + tonumber(A[5])
call('DEL', K[1])
call('HSET', K[1], 'id', A[1], 'mac', A[2], 'seal', A[3], 'exp', string.format('%.0f', exp))
call('PEXPIRE', K[1], A[5])
return {0, exp, A[3]}
