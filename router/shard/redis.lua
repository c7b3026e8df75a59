-- What Frontdesk asks of Redis, each part a script of its own: first everything is checked, then it
-- is written. A line `--# name flags` begins a part. KEYS[1] is the prefix of the shard's keys, with
-- its hash tag; all keys are made of it (docs/decisions/0034). Hubs count what they add to the
-- inbox beside the shard's hash, which only writers change.

--# acquire
-- Become the writer, unless another holder's lease lives.
-- ARGV: holder, nonce, ttl_ms, format.
-- Returns {epoch, alive at or -1, whether a log entry is parked}, {-1, remaining ms} when it is
-- taken, {-2} when a newer version wrote.
local shard, lease = KEYS[1] .. 'shard', KEYS[1] .. 'lease'
local kept = redis.call('HMGET', shard, 'holder', 'alive_at', 'parked_id', 'version')
if tonumber(kept[4] or '0') > tonumber(ARGV[4]) then return {-2} end
local left = redis.call('PTTL', lease)
if left >= 0 and kept[1] ~= ARGV[1] then return {-1, left} end
local epoch = redis.call('HINCRBY', shard, 'epoch', 1)
local token = epoch .. ':' .. ARGV[2]
redis.call('HSET', shard, 'token', token, 'holder', ARGV[1], 'version', ARGV[4])
redis.call('SET', lease, token, 'PX', ARGV[3])
return {epoch, tonumber(kept[2] or '-1'), kept[3] and 1 or 0}

--# renew
-- ARGV: token, alive at, ttl_ms. Returns 0 when the lease is not the one held.
local shard, lease = KEYS[1] .. 'shard', KEYS[1] .. 'lease'
if redis.call('GET', lease) ~= ARGV[1] or redis.call('HGET', shard, 'token') ~= ARGV[1] then
    return 0
end
redis.call('HSET', shard, 'alive_at', ARGV[2])
return redis.call('PEXPIRE', lease, ARGV[3])

--# release allow-oom
-- ARGV: token. Wakes whoever waits for the lease.
if redis.call('GET', KEYS[1] .. 'lease') ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1] .. 'lease')
redis.call('PUBLISH', KEYS[1] .. 'freed', '')
return 1

--# expel allow-oom
-- ARGV: holder. As if a holder that is known to be dead had released its lease.
if redis.call('HGET', KEYS[1] .. 'shard', 'holder') ~= ARGV[1] then return 0 end
if redis.call('DEL', KEYS[1] .. 'lease') == 0 then return 0 end
redis.call('PUBLISH', KEYS[1] .. 'freed', '')
return 1

--# add
-- Put commands into the inbox, as one entry.
-- ARGV: commands the inbox may hold, how many these are, their bytes.
-- Returns the depth after it, or -1 - depth when they do not fit.
local added = tonumber(redis.call('GET', KEYS[1] .. 'added') or '0')
local depth = added - tonumber(redis.call('HGET', KEYS[1] .. 'shard', 'cursor') or '0')
if depth + ARGV[2] > tonumber(ARGV[1]) then return -1 - depth end
redis.call('XADD', KEYS[1] .. 'inbox', '*', 'e', ARGV[3])
redis.call('INCRBY', KEYS[1] .. 'added', ARGV[2])
return depth + ARGV[2]

--# check no-writes
-- Look whether a writer may write; what it then writes is a transaction that watches the same keys
-- (docs/decisions/0042). ARGV: token, the shard's time, the position from which the log is kept.
-- Returns {-1} for another lease, else {cursor, position, commands ever added, what expired, which
-- rewritten entries the log has left behind}.
local name = KEYS[1]
local kept = redis.call('HMGET', name .. 'shard', 'token', 'cursor', 'position', 'parked_id')
if kept[1] ~= ARGV[1] or redis.call('GET', name .. 'lease') ~= ARGV[1] or kept[4] then
    return {-1}
end
local expired = redis.call('ZRANGEBYSCORE', name .. 'expiry', '-inf', ARGV[2], 'LIMIT', 0, 256)
local order = name .. 'rewritten_order'
local left = redis.call('ZRANGEBYSCORE', order, '-inf', '(' .. ARGV[3], 'LIMIT', 0, 256)
return {tonumber(kept[2] or '0'), tonumber(kept[3] or '0'),
    tonumber(redis.call('GET', name .. 'added') or '0'), expired, left}

--# publish
-- Put the parked log entry into the log. ARGV: token. Returns -1 for another lease.
local name = KEYS[1]
local shard, log = name .. 'shard', name .. 'log'
local kept = redis.call(
    'HMGET', shard, 'token', 'parked', 'parked_id', 'parked_from', 'parked_depth'
)
if kept[1] ~= ARGV[1] or redis.call('GET', name .. 'lease') ~= ARGV[1] then return -1 end
if not kept[3] then return 0 end
redis.call('XADD', log, 'MINID', kept[4], kept[3] .. '-0', 'e', kept[2], 't', ARGV[1], 'd', kept[5])
redis.call('HDEL', shard, 'parked', 'parked_id', 'parked_from', 'parked_depth')
return 1

--# page no-writes
-- ARGV: conversation, after or '', before or '', limit. Returns {whether there are more, messages}.
-- Numbers have no gap, so the last one is found by halves.
local key, prefix = KEYS[1] .. 'said', ARGV[1] .. ':'
local function has(number) return redis.call('HEXISTS', key, prefix .. number) == 1 end
local function last_one()
    local below, above = 0, 64
    while has(above) do below, above = above, above * 2 end
    while above - below > 1 do
        local middle = math.floor((below + above) / 2)
        if has(middle) then below = middle else above = middle end
    end
    return below
end
local limit = tonumber(ARGV[4])
local low = math.max(tonumber(ARGV[2]) or 0, 0) + 1
local high = last_one()
if ARGV[3] ~= '' then high = math.min(high, ARGV[3] - 1) end
local first, last = low, math.min(high, low + limit - 1)
if ARGV[2] == '' then first, last = math.max(low, high - limit + 1), high end
if last < first then return {0, {}} end
local numbers = {}
for number = first, last do numbers[#numbers + 1] = prefix .. number end
local is_more = first > low or last < high
return {is_more and 1 or 0, redis.call('HMGET', key, unpack(numbers))}

--# recent no-writes
-- ARGV: agent, the time they ended before or +inf, limit. Returns records, latest end first.
local ids = redis.call(
    'ZREVRANGEBYSCORE', KEYS[1] .. 'closed:' .. ARGV[1], ARGV[2], '-inf', 'LIMIT', 0, ARGV[3]
)
if #ids == 0 then return {} end
for place, id in ipairs(ids) do ids[place] = 'contact:' .. id end
return redis.call('HMGET', KEYS[1] .. 'cold', unpack(ids))

--# announce
-- KEYS[1] is the set of hubs here. ARGV: hub, ttl_ms, 1 when it was announced before.
-- Returns 0 when its time had run out meanwhile: such a one does not come back.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
if ARGV[3] == '1' and not redis.call('ZSCORE', KEYS[1], ARGV[1]) then return 0 end
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
return 1

--# alive no-writes
-- KEYS[1] is the set of hubs here. Returns those whose time has not run out, and when it will.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
return redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. now, '+inf', 'WITHSCORES')
