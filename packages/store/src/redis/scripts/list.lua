-- Lists living sessions of one bucket from a place on. Writes nothing.
--
-- Guarantee: by the end of the bucket, a session that stays put has been listed at least once; twice only if Redis makes
-- the table of the hash smaller in between. However many sessions the bucket has, a call looks at few of them.
--
-- ARGV[1]  now, milliseconds since the epoch
-- ARGV[2]  where to go on: '<cursor of HSCAN>:<session key that was listed last, or nothing>', '0:' for the start
-- ARGV[3]  the most sessions to list; a few more if one step of HSCAN finds them
-- ARGV[4]  how many sessions to look at; the last step may look at more
-- ARGV[5]  only those of this endpoint, whichever process served there, or empty for all
--
-- Results: { where to go on, or empty at the end of the bucket, session key, value, idle deadline, ... }

local now, limit, looks, endpoint = tonumber(ARGV[1]), tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
local cursor, after = string.match(ARGV[2], '^(%d+):(.*)$')

-- HSCAN remembers nothing of a step but its end, so a step is listed whole, or left for the next page. Steps become
-- smaller as the page fills, which leaves no gap at its end.
local STEP_MAX, STEPS_PER_PAGE = 64, 4

local function is_listed(key, pin)
  if key <= after or #key ~= 22 or string.find(key, '[^%w_-]') then return false end
  return endpoint == '' or string.match(pin.endpoint, '^[^#]*') == endpoint
end

-- The sessions to list, of fields and values in turn.
local function sessions_in(entries)
  local found = {}
  for index = 1, #entries, 2 do
    local key, pin = entries[index], parse(entries[index + 1], VERSION_DIGITS_READ)
    if pin and is_listed(key, pin) and alive(key, pin, now) then
      pin.key = key
      found[#found + 1] = pin
    end
  end
  return found
end

-- Redis has no steps for a small hash: all of it comes at once, and a page ends after a key.
local function cut(found)
  table.sort(found, function(a, b) return a.key < b.key end)
  for index = #found, limit + 1, -1 do found[index] = nil end
  return '0:' .. found[limit].key
end

local page, listed, place = {}, 0, nil
repeat
  local step = math.max(1, math.min(STEP_MAX, math.floor((limit - listed) / STEPS_PER_PAGE)))
  local next_cursor, entries = unpack(redis.call('HSCAN', PINS, cursor, 'COUNT', step))
  local found = sessions_in(entries)
  if #found > limit - listed then
    if cursor == '0' and next_cursor == '0' then
      place = cut(found)
    elseif listed > 0 then
      place = cursor .. ':' .. after
      break
    end
  end
  for _, pin in ipairs(found) do
    page[#page + 1] = pin.key
    page[#page + 1] = pin.value
    page[#page + 1] = pin.deadline
  end
  listed, looks, cursor = listed + #found, looks - #entries / 2, next_cursor
until cursor == '0' or listed >= limit or looks <= 0

if not place then place = cursor == '0' and '' or cursor .. ':' .. after end
table.insert(page, 1, place)
return page
