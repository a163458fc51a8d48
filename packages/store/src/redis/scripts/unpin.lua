-- Forgets a session.
--
-- Guarantee: forgets only a living pin, and only of the expected version where one is given. The change is
-- published with it, as version 0: no version stands.
--
-- ARGV[1]  session key
-- ARGV[2]  now, milliseconds since the epoch
-- ARGV[3]  the expected version, or empty for any
-- ARGV[4]  the channel for changes
--
-- Results: 1 forgotten | 0 no such pin

local key, now = ARGV[1], tonumber(ARGV[2])
local current = living(key, now)
reap(now, REAPED_PER_OPERATION)
if not current then return 0 end
if ARGV[3] ~= '' and current.version ~= tonumber(ARGV[3]) then return 0 end
forget(key)
redis.call('PUBLISH', ARGV[4], key .. ' 0')
return 1
