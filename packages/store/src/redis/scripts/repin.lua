-- Moves a session: compare-and-set on the version of its pin.
--
-- Guarantee: writes if the living pin has the expected version, or if there is none; of any number of callers that
-- expect the same version, one wins and all others are told of its pin. The change is published with the write.
--
-- ARGV[1]  session key
-- ARGV[2]  now, milliseconds since the epoch
-- ARGV[3]  the expected version
-- ARGV[4]  the proposed pin, encoded
-- ARGV[5]  its idle deadline, milliseconds since the epoch, not past its end
-- ARGV[6]  the channel for changes
--
-- Results: { 'repinned' } | { 'lost', value, idle deadline }

local key, now = ARGV[1], tonumber(ARGV[2])
local current = living(key, now)
if current and current.version ~= tonumber(ARGV[3]) then return { 'lost', current.value, current.deadline } end
reap(now, REAPED_PER_OPERATION)
write(key, ARGV[4], tonumber(ARGV[5]), now)
redis.call('PUBLISH', ARGV[6], key .. ' ' .. string.match(ARGV[4], '^%d+'))
return { 'repinned' }
