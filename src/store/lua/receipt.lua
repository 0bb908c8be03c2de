-- receipt: note what a receipt says of a message, or keep it for `sent` when the message is not known.
-- States never go back; the values are described in store.h.
-- KEYS  1.. the forms of the message id, likeliest first, for a message of one part; then the same again for
--       a part of one, where a receipt is kept too
-- ARGV  1 state, 2 forms under which it is kept, 3 so long ms, 4 how long a final state is known ms
-- gives nil when it is not known; "<form><what>" with what "d" said before or "l" older than what was
-- said; "<form>n<states>:<record>" when it is new. form counts from 0.
-- The key of a message of several parts stands in the value of its parts; it is in the same slot.
local call, sub, K, A = redis.call, string.sub, KEYS, ARGV
local forms = #K / 2
local ranks = {['0'] = 0, ['1'] = 1, ['6'] = 2, ['7'] = 2}
local new = A[1]
local rank = ranks[new] or 3
for i, k in ipairs(K) do
	local v = call('GET', k)
	local kind = v and sub(v, 1, 1)
	if kind and kind ~= '?' then
		local m, all, at = k, v, 2
		if kind == '*' then
			m, at = sub(v, 4), tonumber(sub(v, 2, 3), 16)
			all = call('GET', m)
		end
		local old = all and sub(all, at, at) or new
		if rank <= (ranks[old] or 3) then
			return ((i - 1) % forms) .. (old == new and 'd' or 'l')
		end
		local from = kind == '*' and 1 or 2
		local colon = string.find(all, ':', 1, true)
		local states = sub(all, from, at - 1) .. new .. sub(all, at + 1, colon - 1)
		if kind == '*' and string.find(states, '[0167]') then
			call('SETRANGE', m, at - 1, new)
		elseif kind == '*' then
			call('DEL', m)
		end
		if rank == 3 then
			call('SET', k, '=' .. new, 'PX', A[4])
		elseif kind == '=' then
			call('SETRANGE', k, 1, new)
		end
		return ((i - 1) % forms) .. 'n' .. states .. sub(all, colon)
	end
end
for i = forms + 1, forms + math.min(forms, tonumber(A[2])) do
	local old = call('GET', K[i])
	if not old or rank > (ranks[sub(old, 2, 2)] or 3) then
		call('SET', K[i], '?' .. new, 'PX', A[3])
	end
end
return false
