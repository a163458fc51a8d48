-- Reads a session's pin. Writes nothing.
--
-- ARGV[1]  session key
-- ARGV[2]  now, milliseconds since the epoch
--
-- Results: { value, idle deadline } | nil where the session has no living pin

local pin = living(ARGV[1], tonumber(ARGV[2]))
return pin and { pin.value, pin.deadline } or false
