-- What all operations on a bucket share; it is put in front of each of them.
--
-- KEYS[1]  pins       hash        session key -> "<version> <pinned at> <ends at> [^<root> ][><arrival> ]<endpoint>"
-- KEYS[2]  deadlines  sorted set  session key by idle deadline, milliseconds since the epoch
-- KEYS[3]  counts     hash        endpoint -> its sessions that are living or not yet cleared away
--
-- Time is always an argument. A pin is alive while now < its idle deadline and now < its end. A value that cannot
-- be read is no pin: it is absent to every operation, it is not counted, and the next write replaces it.

local PINS, DEADLINES, COUNTS = KEYS[1], KEYS[2], KEYS[3]

-- Every operation clears away this many expired pins at most, which bounds its duration.
local REAPED_PER_OPERATION = 16

-- Keys outlive their last pin by a minute, so that clocks which disagree cannot end a living one.
local KEY_GRACE_MS = 60000

-- The digits of a version: one less when it is read than when it is written, so that the one which follows any that was
-- read can be written.
local VERSION_DIGITS_READ, VERSION_DIGITS_WRITTEN = 14, 15

local function parse(value, version_digits)
  if not value then return nil end
  local version, since, ends, rest = string.match(value, '^([1-9]%d*) ([0-9a-z]+) ([0-9a-z]+) (.+)$')
  if not version or #version > version_digits or #since > 10 or #ends > 10 then return nil end
  if string.sub(rest, 1, 1) == '^' then
    local root, after = string.match(rest, '^%^([%w_-]+) (.+)$')
    if not root or #root ~= 22 then return nil end
    rest = after
  end
  if string.sub(rest, 1, 1) == '>' then
    local arrival, after = string.match(rest, '^>([%w_.:,%[%]/-]+) (.+)$')
    if not arrival or #arrival > 256 then return nil end
    rest = after
  end
  if string.find(rest, '^[%^>]') then return nil end
  local endpoint = rest
  return { value = value, version = tonumber(version), ends_at = tonumber(ends, 36), endpoint = endpoint }
end

local function stored(key)
  return parse(redis.call('HGET', PINS, key), VERSION_DIGITS_READ)
end

-- The pin, with its deadline, if it is alive at `now`, else nil.
local function alive(key, pin, now)
  local deadline = tonumber(redis.call('ZSCORE', DEADLINES, key) or 0)
  pin.deadline = math.min(deadline, pin.ends_at)
  return pin.deadline > now and pin or nil
end

-- The session's pin if it is alive at `now`, else nil.
local function living(key, now)
  local pin = stored(key)
  return pin and alive(key, pin, now)
end

local function recount(endpoint, by)
  if redis.call('HINCRBY', COUNTS, endpoint, by) <= 0 then redis.call('HDEL', COUNTS, endpoint) end
end

local function forget(key)
  local old = stored(key)
  if old then recount(old.endpoint, -1) end
  redis.call('HDEL', PINS, key)
  redis.call('ZREM', DEADLINES, key)
end

-- Clears away up to `limit` pins that are expired at `now`; answers how many.
local function reap(now, limit)
  local due = redis.call('ZRANGEBYSCORE', DEADLINES, '-inf', now, 'LIMIT', 0, limit)
  for _, key in ipairs(due) do forget(key) end
  return #due
end

-- Lets every key of the bucket live until `deadline`, and never shorter than before. A quarter more spares most
-- later writes from moving it again.
local function keep_until(deadline, now)
  local ttl = math.max(0, deadline - now) + KEY_GRACE_MS
  for _, name in ipairs(KEYS) do
    if redis.call('PTTL', name) < ttl then redis.call('PEXPIRE', name, math.floor(ttl * 1.25)) end
  end
end

local function write(key, value, deadline, now)
  local old, new = stored(key), parse(value, VERSION_DIGITS_WRITTEN)
  -- In this order the counts never become empty in between, which would drop their key and its expiry.
  recount(new.endpoint, 1)
  if old then recount(old.endpoint, -1) end
  redis.call('HSET', PINS, key, value)
  redis.call('ZADD', DEADLINES, deadline, key)
  keep_until(deadline, now)
end
