-- Drops a bucket that holds something else than the scripts write: a key of another type, or a count that is no
-- number. Its sessions are absent from then on.
--
-- Guarantee: leaves a sound bucket alone, so that it is safe when several nodes notice at once.
--
-- Results: 1 dropped | 0 the bucket is sound

local function is_sound(name, kind)
  local found = redis.call('TYPE', name).ok
  return found == 'none' or found == kind
end

local function are_counts_sound()
  for _, count in ipairs(redis.call('HVALS', COUNTS)) do
    if not string.match(count, '^%d+$') or #count > 15 then return false end
  end
  return true
end

if is_sound(PINS, 'hash') and is_sound(DEADLINES, 'zset') and is_sound(COUNTS, 'hash') and are_counts_sound() then
  return 0
end
redis.call('DEL', PINS, DEADLINES, COUNTS)
return 1
