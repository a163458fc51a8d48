-- Pins a session that has no living pin.
--
-- Guarantee: of any number of callers at once, one pins and all others are told of its pin. Repeated after a lost
-- reply, it answers with the pin that it wrote.
--
-- ARGV[1]  session key
-- ARGV[2]  now, milliseconds since the epoch
-- ARGV[3]  the proposed pin, encoded
-- ARGV[4]  its idle deadline, milliseconds since the epoch, not past its end
--
-- Results: { 'pinned' } | { 'already-pinned', value, idle deadline }

local key, now = ARGV[1], tonumber(ARGV[2])
local current = living(key, now)
if current then return { 'already-pinned', current.value, current.deadline } end
reap(now, REAPED_PER_OPERATION)
write(key, ARGV[3], tonumber(ARGV[4]), now)
return { 'pinned' }
