-- Reads a session's pin. Writes nothing.
--
-- ARGV[1]  session key
-- ARGV[2]  now, milliseconds since the epoch
--
-- Results: { value, idle deadline } | 'unreadable' where there is a record that is no pin
--   | nil where the session has no living pin

local key = ARGV[1]
local pin = living(key, tonumber(ARGV[2]))
if pin then return { pin.value, pin.deadline } end
return redis.call('HGET', PINS, key) and not stored(key) and 'unreadable' or false
