-- Lists what the nodes of a cluster say of themselves.
--
-- KEYS[1]  members  hash  node -> "<valid until> <record>", milliseconds since the epoch
--
-- Results: node and value in turn, in no order, those whose time is over among them; nothing where the key is of another
-- type

if redis.call('TYPE', KEYS[1]).ok ~= 'hash' then return {} end
return redis.call('HGETALL', KEYS[1])
