-- Lists living sessions of one bucket in the order of their keys. Writes nothing.
--
-- Guarantee: a session that stays put appears on exactly one page, however the bucket changes in between, because
-- the order depends on nothing but the keys. A page costs a pass over the keys of the bucket.
--
-- ARGV[1]  now, milliseconds since the epoch
-- ARGV[2]  list the sessions after this key, or empty for the start
-- ARGV[3]  the most sessions to list
-- ARGV[4]  only those of this endpoint, whichever process served there, or empty for all
--
-- Results: { session key, value, idle deadline, ... }; fewer sessions than asked for end the bucket

local now, after, limit, endpoint = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), ARGV[4]

local function is_session_key(field)
  return #field == 22 and not string.find(field, '[^%w_-]')
end

local keys = {}
for _, field in ipairs(redis.call('HKEYS', PINS)) do
  if field > after and is_session_key(field) then keys[#keys + 1] = field end
end
table.sort(keys)

local page = {}
for _, key in ipairs(keys) do
  if #page == limit * 3 then break end
  local pin = living(key, now)
  if pin and (endpoint == '' or string.match(pin.endpoint, '^[^#]*') == endpoint) then
    page[#page + 1] = key
    page[#page + 1] = pin.value
    page[#page + 1] = pin.deadline
  end
end
return page
