-- dead: give a message up. It leaves the outbox or the inbox for the dead letters.
-- KEYS  1 outbox or inbox, 2 dead letters
-- ARGV  1 id, 2 "in" or "out", 3 what the dead letter says, 4 most dead letters, 5 their life ms
-- gives 0. Nothing happens when it was not there, so repeating it changes nothing.
local call, K, A = redis.call, KEYS, ARGV
local n
if A[2] == 'in' then
	n = call('HDEL', K[1], A[1])
else
	n = call('ZREMRANGEBYLEX', K[1], '[' .. A[1] .. ':', '(' .. A[1] .. ';')
end
if n > 0 then
	call('LPUSH', K[2], A[3])
	call('LTRIM', K[2], 0, tonumber(A[4]) - 1)
	call('PEXPIRE', K[2], A[5])
end
return 0
