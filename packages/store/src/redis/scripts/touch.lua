-- Moves the idle deadlines of sessions that still are where the caller believes.
--
-- Guarantee: a deadline never moves back, and never past the end of its pin. Repeating it changes nothing.
--
-- ARGV[1]    now, milliseconds since the epoch
-- ARGV[2..]  four for each session: session key, expected version, expected endpoint,
--            new idle deadline in milliseconds since the epoch
--
-- Results: one for each session, in order: { 'touched' } | { 'moved', value, idle deadline } | { 'absent' }

local now = tonumber(ARGV[1])

local function touch(key, version, endpoint, deadline)
  local pin = living(key, now)
  if not pin then return { 'absent' } end
  if pin.version ~= version or pin.endpoint ~= endpoint then return { 'moved', pin.value, pin.deadline } end
  deadline = math.min(deadline, pin.ends_at)
  if deadline > pin.deadline then
    redis.call('ZADD', DEADLINES, deadline, key)
    keep_until(deadline, now)
  end
  return { 'touched' }
end

reap(now, REAPED_PER_OPERATION)
local results = {}
for first = 2, #ARGV, 4 do
  results[#results + 1] = touch(ARGV[first], tonumber(ARGV[first + 1]), ARGV[first + 2], tonumber(ARGV[first + 3]))
end
return results
