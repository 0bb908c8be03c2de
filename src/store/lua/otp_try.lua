-- otp_try: somebody gives a code. Every try counts before it is compared, so that two processes cannot
-- try twice for one; the comparison takes the same time wherever the hashes differ.
-- KEYS  1 code of number and purpose
-- ARGV  1 id of the try, 2 hash of what was given, 3 now wall ms, 4 most tries
-- gives 0, when it was right: also again for that id; 2, tries left: wrong; 4: there is no code, it is
--       too old, was used, or had too many tries. A repeated id does not count again.
local call, K, A = redis.call, KEYS, ARGV
local c = call('HMGET', K[1], 'mac', 'exp', 'tries', 'ok', 'okat', 'last')
local now, most = tonumber(A[3]), tonumber(A[4])
if not c[1] or tonumber(c[2]) <= now then
	return {4, 0}
end
if c[4] then
	return c[4] == A[1] and {0, tonumber(c[5])} or {4, 0}
end
local tries = tonumber(c[3] or '0')
if c[6] == A[1] then
	return {2, most - tries}
end
if tries >= most then
	return {4, 0}
end
local diff = bit.bxor(#c[1], #A[2])
for i = 1, #A[2] do
	diff = bit.bor(diff, bit.bxor(string.byte(A[2], i), string.byte(c[1], i) or 256))
end
if diff == 0 then
	call('HSET', K[1], 'ok', A[1], 'okat', A[3])
	return {0, now}
end
call('HSET', K[1], 'tries', tries + 1, 'last', A[1])
return {2, most - tries - 1}
