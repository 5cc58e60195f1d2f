"""The steps inside the store, as Lua: each runs whole or not at all, whoever is killed meanwhile.

All names begin with the prefix of the namespace (``KEYS[1]``); what a reset clears stands
below the name of the present epoch. An object ``id`` (an account, or what all share) is

- ``o:id``: ``v`` its version, ``base`` its whole state at version ``bv``, ``last`` the id of its
  last entry, ``b`` and ``n`` the bytes of base and log
- ``l:id``: the entries since the base, in order
- ``x:id``: who is changing it: a token that expires
- ``w:id``: somebody waits for that, until it expires
- ``d:id``: the digests of its keys
"""

from __future__ import annotations

_NAMES = """
local P = KEYS[1]
local function old(epoch) return redis.call('GET', P .. 'epoch') ~= epoch end
local function within(epoch) return P .. epoch .. ':' end
local function note(line, status, entries, size, shots, shot)
  if line == '' then return end
  local seq = redis.call('INCR', P .. 'seq')
  redis.call('XADD', P .. 'journal', seq .. '-0', 'line', line)
  redis.call('HINCRBY', P .. 'answers', status, 1)
  if shot ~= '' then redis.call('XADD', P .. 'gallery', 'MAXLEN', shots, seq .. '-0', 'shot', shot) end
  local kept = redis.call('INCRBY', P .. 'size', #line)
  local count = redis.call('XLEN', P .. 'journal')
  while count > tonumber(entries) or kept > tonumber(size) do
    local first = redis.call('XRANGE', P .. 'journal', '-', '+', 'COUNT', 1)[1]
    if not first then break end
    redis.call('XDEL', P .. 'journal', first[1])
    kept = redis.call('DECRBY', P .. 'size', #first[2][2])
    count = count - 1
  end
end
"""

#: epoch id token lease_ms known → status, version, of the world, accounts, base version, base, entries.
#: Without a token nothing is locked: it is only read.
ENTER = (
    _NAMES
    + """
if old(ARGV[1]) then return {'epoch'} end
local E, id, token = within(ARGV[1]), ARGV[2], ARGV[3]
local o = redis.call('HMGET', E .. 'o:' .. id, 'v', 'bv', 'b', 'n')
if not o[1] then return {'gone'} end
if token ~= '' then
  local holder = redis.call('GET', E .. 'x:' .. id)
  if holder and holder ~= token then
    redis.call('SET', E .. 'w:' .. id, 1, 'PX', 20)
    return {'busy'}
  end
  redis.call('DEL', E .. 'w:' .. id)
  redis.call('SET', E .. 'x:' .. id, token, 'PX', ARGV[4])
end
local known, v, bv = tonumber(ARGV[5]), tonumber(o[1]), tonumber(o[2])
local world = redis.call('HGET', E .. 'o:world', 'v')
local count = redis.call('ZCARD', E .. 'accounts')
if known == v then return {'ok', v, world, count, o[3], o[4], false, {}} end
if known >= bv and known < v then
  return {'ok', v, world, count, o[3], o[4], false, redis.call('LRANGE', E .. 'l:' .. id, known - bv, -1)}
end
return {'ok', v, world, count, o[3], o[4], redis.call('HGET', E .. 'o:' .. id, 'base'),
        redis.call('LRANGE', E .. 'l:' .. id, 0, -1)}
"""
)

#: epoch id token lease_ms keep entry_id version entry base idle digest owner line status entries size shots shot
#: → status, version, of the world, whether the lock was kept. ``keep`` is 0 for no, 1 for yes, 2 unless somebody waits.
COMMIT = (
    _NAMES
    + """
if old(ARGV[1]) then note(ARGV[13], ARGV[14], ARGV[15], ARGV[16], ARGV[17], ARGV[18]); return {'gone'} end
local E, id, token = within(ARGV[1]), ARGV[2], ARGV[3]
local key = E .. 'o:' .. id
local o = redis.call('HMGET', key, 'v', 'last')
if not o[1] then note(ARGV[13], ARGV[14], ARGV[15], ARGV[16], ARGV[17], ARGV[18]); return {'gone'} end
local world = redis.call('HGET', E .. 'o:world', 'v')
if o[2] == ARGV[6] then return {'ok', o[1], world, redis.call('EXISTS', E .. 'x:' .. id)} end
if redis.call('GET', E .. 'x:' .. id) ~= token or o[1] ~= ARGV[7] then return {'fenced'} end
if ARGV[11] ~= '' then
  if redis.call('HSETNX', E .. 'keys', ARGV[11], ARGV[12]) == 0 then return {'taken'} end
  redis.call('SADD', E .. 'd:' .. id, ARGV[11])
end
local v = o[1]
if ARGV[8] ~= '' then
  v = redis.call('HINCRBY', key, 'v', 1)
  if ARGV[9] ~= '' then
    redis.call('HSET', key, 'last', ARGV[6], 'base', ARGV[9], 'bv', v, 'b', #ARGV[9], 'n', 0)
    redis.call('DEL', E .. 'l:' .. id)
  else
    redis.call('HSET', key, 'last', ARGV[6])
    redis.call('HINCRBY', key, 'n', #ARGV[8])
    redis.call('RPUSH', E .. 'l:' .. id, ARGV[8])
  end
end
if ARGV[10] == '' then redis.call('ZREM', E .. 'idle', id)
elseif ARGV[10] ~= '-' then redis.call('ZADD', E .. 'idle', ARGV[10], id) end
note(ARGV[13], ARGV[14], ARGV[15], ARGV[16], ARGV[17], ARGV[18])
if ARGV[5] == '1' or (ARGV[5] == '2' and redis.call('EXISTS', E .. 'w:' .. id) == 0) then
  redis.call('PEXPIRE', E .. 'x:' .. id, ARGV[4])
  return {'ok', v, world, 1}
end
redis.call('DEL', E .. 'x:' .. id)
return {'ok', v, world, 0}
"""
)

#: epoch id token: leave without having changed anything
LEAVE = (
    _NAMES
    + """
local x = within(ARGV[1]) .. 'x:' .. ARGV[2]
if redis.call('GET', x) == ARGV[3] then redis.call('DEL', x) end
return {'ok'}
"""
)

#: lease_ms (epoch id token)…: stay in what takes long
STAY = (
    _NAMES
    + """
for i = 2, #ARGV, 3 do
  local x = within(ARGV[i]) .. 'x:' .. ARGV[i + 1]
  if redis.call('GET', x) == ARGV[i + 2] then redis.call('PEXPIRE', x, ARGV[1]) end
end
return {'ok'}
"""
)

#: seed salt epoch world → the seed that the namespace has
BEGIN = (
    _NAMES
    + """
if not redis.call('GET', P .. 'epoch') then
  redis.call('SET', P .. 'seed', ARGV[1])
  redis.call('SET', P .. 'epoch', ARGV[3])
  redis.call('SET', within(ARGV[3]) .. 'salt', ARGV[2])
  redis.call('HSET', within(ARGV[3]) .. 'o:world', 'v', 1, 'bv', 1, 'base', ARGV[4], 'b', #ARGV[4], 'n', 0)
end
return {redis.call('GET', P .. 'seed')}
"""
)

#: → epoch, salt
EPOCH = (
    _NAMES
    + """
local epoch = redis.call('GET', P .. 'epoch')
if not epoch then return {'lost'} end
return {'ok', epoch, redis.call('GET', within(epoch) .. 'salt')}
"""
)

#: epoch digest → who has the key
LOOK_UP = (
    _NAMES
    + """
if old(ARGV[1]) then return {'epoch'} end
return {'ok', redis.call('HGET', within(ARGV[1]) .. 'keys', ARGV[2])}
"""
)

#: epoch digest owner id base idle profile → who has the key, accounts, idle accounts
OPEN = (
    _NAMES
    + """
if old(ARGV[1]) then return {'epoch'} end
local E, id = within(ARGV[1]), ARGV[4]
if redis.call('HSETNX', E .. 'keys', ARGV[2], ARGV[3]) == 0 then
  return {'taken', redis.call('HGET', E .. 'keys', ARGV[2])}
end
redis.call('SADD', E .. 'd:' .. id, ARGV[2])
redis.call('ZADD', E .. 'accounts', redis.call('INCR', E .. 'opened'), id)
redis.call('HSET', E .. 'o:' .. id, 'v', 1, 'bv', 1, 'base', ARGV[5], 'b', #ARGV[5], 'n', 0,
           'profile', ARGV[7])
if ARGV[6] ~= '-' then redis.call('ZADD', E .. 'idle', ARGV[6], id) end
return {'ok', redis.call('ZCARD', E .. 'accounts'), redis.call('ZCARD', E .. 'idle')}
"""
)

#: epoch count newest: drop the accounts that have asked for nothing longest
DROP = (
    _NAMES
    + """
if old(ARGV[1]) then return {'epoch'} end
local E = within(ARGV[1])
for _, id in ipairs(redis.call('ZRANGE', E .. 'idle', 0, tonumber(ARGV[2]) - 1)) do
  if id ~= ARGV[3] and redis.call('EXISTS', E .. 'x:' .. id) == 0 then
    for _, digest in ipairs(redis.call('SMEMBERS', E .. 'd:' .. id)) do redis.call('HDEL', E .. 'keys', digest) end
    redis.call('UNLINK', E .. 'o:' .. id, E .. 'l:' .. id, E .. 'd:' .. id)
    redis.call('ZREM', E .. 'accounts', id)
    redis.call('ZREM', E .. 'idle', id)
  end
end
return {'ok'}
"""
)

#: epoch → every account, oldest first
ACCOUNTS = (
    _NAMES
    + """
if old(ARGV[1]) then return {'epoch'} end
return {'ok', redis.call('ZRANGE', within(ARGV[1]) .. 'accounts', 0, -1)}
"""
)

#: next: everything that a reset clears goes, what stands below ``next`` comes
SWITCH = (
    _NAMES
    + """
local was = redis.call('GET', P .. 'epoch')
local E = within(was)
for _, id in ipairs(redis.call('ZRANGE', E .. 'accounts', 0, -1)) do
  redis.call('UNLINK', E .. 'o:' .. id, E .. 'l:' .. id, E .. 'd:' .. id, E .. 'x:' .. id)
end
redis.call('UNLINK', E .. 'keys', E .. 'accounts', E .. 'idle', E .. 'opened', E .. 'salt',
           E .. 'o:world', E .. 'l:world', E .. 'x:world')
redis.call('SET', P .. 'epoch', ARGV[1])
return {'ok'}
"""
)

#: line status entries size shots shot
NOTE = (
    _NAMES
    + """
note(ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[6])
return {'ok'}
"""
)
