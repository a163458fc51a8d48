-- Lists the endpoints that drain.
--
-- KEYS[1]  drains  hash  endpoint -> "<since> <deadline, or ->", milliseconds since the epoch
--
-- Results: endpoint and value in turn, in no order; nothing where the key is of another type

if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then return {} end
return redis.call('HGETALL', KEYS[1])
