-- Begins, changes or ends the drain of an endpoint.
--
-- Guarantee: writes only over the expected value. Idempotent: where the next value stands already, it has been written.
-- A value that cannot be read is none.
--
-- KEYS[1]  drains  hash  endpoint -> "<since> <deadline, or ->", milliseconds since the epoch
-- ARGV[1]  endpoint
-- ARGV[2]  the expected value, or empty for none
-- ARGV[3]  the next value, or empty for none
--
-- Results: { 'changed' } | { 'lost', the value that stands, or empty }

-- A key of another type is nothing of ours.
local kind = redis.call('TYPE', KEYS[1]).ok
if kind ~= 'none' and kind ~= 'hash' then redis.call('DEL', KEYS[1]) end

local current = redis.call('HGET', KEYS[1], ARGV[1]) or ''
local since, deadline = string.match(current, '^(%d+) ([%d-]+)$')
if not since or (deadline ~= '-' and not string.match(deadline, '^%d+$')) then current = '' end

if current == ARGV[3] then
  if current == '' then redis.call('HDEL', KEYS[1], ARGV[1]) end
  return { 'changed' }
end
if current ~= ARGV[2] then return { 'lost', current } end
if ARGV[3] == '' then
  redis.call('HDEL', KEYS[1], ARGV[1])
else
  redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
end
return { 'changed' }
