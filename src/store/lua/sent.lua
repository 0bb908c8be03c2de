-- sent: the message centre has it. Leave the outbox, remember the message ids for the receipts.
-- KEYS  1 outbox, then a receipt key for each segment
-- ARGV  1 outbox id, 2 record, 3 how long receipts are waited for ms
-- gives 0. Repeating it changes nothing.
local call, K, A = redis.call, KEYS, ARGV
call('ZREMRANGEBYLEX', K[1], '[' .. A[1] .. ':', '(' .. A[1] .. ';')
for i = 2, #K do
	call('SET', K[i], A[2], 'PX', A[3])
end
return 0
