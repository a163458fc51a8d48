-- Counts the sessions of each endpoint in one bucket.
--
-- Guarantee: exact for the pins that are alive at `now`, once nothing is left to clear away. Redis may evict one
-- key of a bucket and keep the others; then the counts are made anew from what can still be read.
--
-- ARGV[1]  now, milliseconds since the epoch
-- ARGV[2]  how many expired pins to clear away at most
--
-- Results: { 'more' } some expired pins are left: ask again | { 'counted', endpoint, count, endpoint, count, ... }

local function drop_halves()
  for _, key in ipairs(redis.call('HKEYS', PINS)) do
    if not stored(key) or not redis.call('ZSCORE', DEADLINES, key) then redis.call('HDEL', PINS, key) end
  end
  for _, key in ipairs(redis.call('ZRANGE', DEADLINES, 0, -1)) do
    if redis.call('HEXISTS', PINS, key) == 0 then redis.call('ZREM', DEADLINES, key) end
  end
end

local function recount_all()
  local ttl = redis.call('PTTL', DEADLINES)
  redis.call('DEL', COUNTS)
  for _, key in ipairs(redis.call('HKEYS', PINS)) do recount(stored(key).endpoint, 1) end
  if ttl > 0 then redis.call('PEXPIRE', COUNTS, ttl) end
end

local function total()
  local sum = 0
  for _, count in ipairs(redis.call('HVALS', COUNTS)) do sum = sum + (tonumber(count) or 0) end
  return sum
end

local limit = tonumber(ARGV[2])
if reap(tonumber(ARGV[1]), limit) == limit then return { 'more' } end

local sessions = redis.call('HLEN', PINS)
if sessions ~= redis.call('ZCARD', DEADLINES) or sessions ~= total() then
  drop_halves()
  recount_all()
end
local counts = redis.call('HGETALL', COUNTS)
table.insert(counts, 1, 'counted')
return counts
