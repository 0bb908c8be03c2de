-- load_in: inbox entries after an id, in rising order. Ids are hexadecimal of one length, so their
-- order as text is their order as numbers. Only for recovery: it looks at every id.
-- KEYS  1 inbox
-- ARGV  1 id, "" from the first; 2 most entries
-- gives id, record, id, record ...
local ids = {}
for _, id in ipairs(redis.call('HKEYS', KEYS[1])) do
	if id > ARGV[1] then
		ids[#ids + 1] = id
	end
end
table.sort(ids)
local got = {}
for i = 1, math.min(#ids, tonumber(ARGV[2])) do
	got[2 * i - 1] = ids[i]
	got[2 * i] = redis.call('HGET', KEYS[1], ids[i])
end
return got
