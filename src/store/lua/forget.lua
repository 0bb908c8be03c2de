-- forget: a mark is of no more use, if it is still of that message: the person's next one, which another process
-- may have taken, has put its own in its place.
-- KEYS  1 dedup
-- ARGV  1 dedup value
-- gives 0.
if redis.call('GET', KEYS[1]) == ARGV[1] then
	redis.call('DEL', KEYS[1])
end
return 0
