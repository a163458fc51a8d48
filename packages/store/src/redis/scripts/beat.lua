-- Records the beat of a node, and forgets every record whose time is over.
--
-- Guarantee: the beat takes the place of the one before. Idempotent. Once nobody beats any more, nothing stays. A value
-- that cannot be read is forgotten, as is one that claims to be good for longer than any beat is.
--
-- KEYS[1]  members  hash  node -> "<valid until> <record>"
-- ARGV[1]  node
-- ARGV[2]  its record
-- ARGV[3]  now, milliseconds since the epoch
-- ARGV[4]  until when the record is good, milliseconds since the epoch
--
-- Results: 1

-- Clocks of nodes may differ, and what the slower ones write is good for a little longer than it should be.
local CLOCKS_DIFFER_MS = 60000

-- A key of another type is nothing of ours.
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'none' and kind ~= 'hash' then redis.call('DEL', KEYS[1]) end

local now, good_until = tonumber(ARGV[3]), tonumber(ARGV[4])
local records = redis.call('HGETALL', KEYS[1])
for index = 1, #records, 2 do
  local time = tonumber(string.match(records[index + 1], '^(%d+) ') or 0)
  if time <= now or time > good_until + CLOCKS_DIFFER_MS then redis.call('HDEL', KEYS[1], records[index]) end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[4] .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], good_until - now)
return 1
