-- take: what is due leaves the schedule for the inbox of one process, in one step, so that no other
-- has it too. Of no use any more: a dead letter. Above the day's cap: put off.
-- KEYS  1 schedule, 2 inbox, 3 dead letters
-- ARGV  1 now wall ms, 2 most persons, 3 most events a day, 4 day, 5 life of a day's count ms, 6 put off
--       to wall ms, 7 owner, 8 most inbox entries, 9 life of the inbox ms, 10 most dead letters,
--       11 their life ms, 12 and 13 what the keys of a person's events and count begin with (same slot)
-- gives expired, put off, merged, when the next is due or 0, persons, then id, record, id, record ...
local call, sub, K, A = redis.call, string.sub, KEYS, ARGV
local now, expired, off, merged, room = tonumber(A[1]), 0, 0, 0, tonumber(A[8]) - call('HLEN', K[2])
local out = {}
local function field(s)
	return string.char(math.floor(#s / 256), #s % 256) .. s
end
local function sooner(a, b)
	if a.till ~= b.till then
		return a.till < b.till
	end
	return a.id < b.id
end
for _, who in ipairs(call('ZRANGEBYSCORE', K[1], '-inf', A[1], 'LIMIT', 0, A[2])) do
	local events, due, first, all = A[12] .. who, {}, nil, nil
	all = call('HGETALL', events)
	for i = 1, #all, 2 do
		local at, till, id, free, group, pos = string.match(all[i + 1], '^(%d+) (%d+) (%x+) ([01]) ([^\n]*)\n()')
		if tonumber(till) <= now then
			call('HDEL', events, all[i])
			call('LPUSH', K[3], 'expired\n' .. sub(all[i + 1], pos))
			expired = expired + 1
		elseif tonumber(at) <= now then
			due[#due + 1] = {key = all[i], value = all[i + 1], at = at, till = tonumber(till), id = id,
				free = free == '1', group = group, record = sub(all[i + 1], pos)}
		else
			first = math.min(first or tonumber(at), tonumber(at))
		end
	end
	table.sort(due, sooner)
	local day, told = string.match(call('GET', A[13] .. who) or '', '^(%d+) (%d+)$')
	told = day == A[4] and tonumber(told) or 0
	local before = told
	for i, e in ipairs(due) do
		local n = 1
		if e.gone then
			n = 0 -- went with an earlier one
		elseif not e.free and told >= tonumber(A[3]) then
			call('HSET', events, e.key, A[6] .. sub(e.value, #e.at + 1))
			first = math.min(first or tonumber(A[6]), tonumber(A[6]))
			off = off + 1
			n = 0
		elseif room <= 0 then
			first = now
			n = 0
		end
		for j = i + 1, n > 0 and e.group ~= '' and #due or 0 do
			if due[j].group == e.group then
				due[j].gone = true
				n = n + 1
				call('HDEL', events, due[j].key)
			end
		end
		if n > 0 then
			local record = e.record .. field(A[7]) .. field(string.format('%.0f', e.till)) .. field(tostring(n))
			call('HDEL', events, e.key)
			call('HSET', K[2], e.id, record)
			out[#out + 1] = e.id
			out[#out + 1] = record
			room = room - 1
			merged = merged + n - 1
			told = told + (e.free and 0 or 1)
		end
	end
	if told > before then
		call('SET', A[13] .. who, A[4] .. ' ' .. told, 'PX', A[5])
	end
	if first then
		call('ZADD', K[1], first, who)
	else
		call('ZREM', K[1], who)
	end
end
if expired > 0 then
	call('LTRIM', K[3], 0, tonumber(A[10]) - 1)
	call('PEXPIRE', K[3], A[11])
end
if #out > 0 then
	call('PEXPIRE', K[2], A[9])
end
local next = call('ZRANGE', K[1], 0, 0, 'WITHSCORES')
local said = {expired, off, merged, next[2] and tonumber(next[2]) or 0, call('ZCARD', K[1])}
for _, v in ipairs(out) do
	said[#said + 1] = v
end
return said
