-- dead: give a message up. It leaves the outbox or the inbox for the dead letters.
-- KEYS  1 outbox or inbox, 2 dead letters
-- ARGV  1 id, 2 "in" or "out", 3 what the dead letter says, 4 most dead letters, 5 their life ms,
--       [6 id, 7 record of the inbox entry that takes its place]
-- gives 0. Nothing happens when it was not there, so repeating it changes nothing.
local call, K, A = redis.call, KEYS, ARGV
local n
if A[2] == 'in' then
	n = call('HEXISTS', K[1], A[1])
	if n > 0 and A[6] then
		call('HSET', K[1], A[6], A[7]) -- before the other goes, or an empty key would lose its life
	end
	call('HDEL', K[1], A[1])
else
	n = call('ZREMRANGEBYLEX', K[1], '[' .. A[1] .. ':', '(' .. A[1] .. ';')
end
if n > 0 then
	call('LPUSH', K[2], A[3])
	call('LTRIM', K[2], 0, tonumber(A[4]) - 1)
	call('PEXPIRE', K[2], A[5])
end
return 0
