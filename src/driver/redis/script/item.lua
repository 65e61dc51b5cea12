--[=[
  Items and their events as they lie in Redis, included by the scripts that decide.

  The first KEYS of each such script are those of the bucket:
    KEYS[1] count      hash: added (events ever added to the outbox), acked (up to which they
                       are acked)
    KEYS[2] outbox     stream: one entry for all events of a call, its id is the number of the first
    KEYS[3] open       zset by id: items that have not ended
    KEYS[4] scheduled  zset by id: items not open when they were made, without a decision since
    KEYS[5] ended      zset by id
    KEYS[6] due        zset: items that have not ended by their end
  and the first ARGV are
    ARGV[1] now        Unix ms to decide at; empty for the time of this Redis
    ARGV[2] backlog    events not acked beyond which nothing is decided
]=]
-- @include rule.lua
local call, format, concat = redis.call, string.format, table.concat
local COUNT, OUTBOX, OPEN, SCHEDULED, ENDED, DUE = 1, 2, 3, 4, 5, 6

local function time_now()
  if ARGV[1] ~= '' then return tonumber(ARGV[1]) end
  local time = call('TIME')
  return time[1] * 1000 + floor(time[2] / 1000)
end

local function whole(number)
  return number and format('%d', number) or 'null'
end

-- What stands between the quotes of a JSON string. Ids need no escapes, and are by far the most.
local function escaped(text)
  if text:find('[^%w_.:-]') then return cjson.encode(text):sub(2, -2) end
  return text
end

local function quoted(text)
  return text and '"' .. escaped(text) .. '"' or 'null'
end

-- Puts `before` and `after` around texts that are not none. Lua hashes every byte of every string
-- that it makes: long ones are joined once, and what is around them is put on the first and the
-- last.
local function enclose(texts, before, after)
  texts[1] = before .. texts[1]
  texts[#texts] = texts[#texts] .. after
end

local function joined(texts, before, after)
  enclose(texts, before, after)
  return concat(texts, ',')
end

-- nil for a null of JSON.
local function given(value)
  return value ~= cjson.null and value or nil
end

local function read_increment(item, policy)
  item.increment = policy.kind
  if policy.kind == 'fixed' then
    item.step = policy.amountMicros
  elseif policy.kind == 'percent' then
    item.points, item.step = policy.basisPoints, policy.leastMicros
  else
    item.belows, item.steps = {}, {}
    for i, step in ipairs(policy.steps) do
      item.belows[i], item.steps[i] = given(step.belowMicros) or math.huge, step.incrementMicros
    end
  end
end

-- Its records are a list of JSON arrays, one per batch. Each time so many events have passed a mark
-- is set for the next array: its index and how the item stood before it, as "index price maximum
-- leader".
local MARK_EVERY = 256

local function mark_text(at, price, most, leader)
  return format('%d %d %d %s', at, price, most, leader or '')
end

-- The item of that key, nil when there is none. An empty field is no number, and so nil.
local function read_item(key, bids_key, marks_key, id)
  local f = call('HMGET', key, 'epoch', 'policy', 'opensAt', 'seq', 'status', 'outcome', 'price',
    'leader', 'max', 'bids', 'endsAt', 'banned')
  if not f[1] then return nil end
  local policy = cjson.decode(f[2])
  local item = {
    key = key, bids_key = bids_key, marks_key = marks_key, id = id, epoch = f[1],
    start = policy.startMicros, reserve = given(policy.reserveMicros),
    buy_now = given(policy.buyNowMicros), proxy = policy.proxy,
    opens = tonumber(f[3]), seq = tonumber(f[4]), status = f[5], outcome = f[6],
    price = tonumber(f[7]), leader = f[8] ~= '' and f[8] or nil, most = tonumber(f[9]),
    bids = tonumber(f[10]), ends = tonumber(f[11]),
    banned_text = f[12] or nil, rows = {}, records = {},
  }
  -- Dollars, where the policy names no currency.
  local currency = given(policy.currency) or { code = 'USD', minorMicros = 10000 }
  item.currency, item.minor = currency.code, currency.minorMicros
  read_increment(item, policy.increment)
  local soft = given(policy.softClose)
  if soft then
    item.window, item.extend = soft.windowMs, soft.extendMs
    item.absolute = given(soft.absoluteEndMs)
  end
  item.first_seq, item.kept_ends = item.seq + 1, item.ends
  item.was_scheduled = item.status == 'scheduled'
  item.was_price, item.was_most, item.was_leader = item.price, item.most, item.leader
  return item
end

-- The ids of the banned as a list, and whether that one is among them.
local function banned_of(item, user)
  local list, is_banned = item.banned_text and cjson.decode(item.banned_text) or {}, false
  for _, id in ipairs(list) do
    if id == user then is_banned = true end
  end
  return list, is_banned
end

-- Notes an event; the caller has counted the item's seq up.
local function add_row(item, row)
  item.rows[#item.rows + 1] = row
end

-- close.ts: ends an item that has not ended. The event's id is as it stands in JSON, without its
-- quotes.
local function end_item(item, event_text, now)
  item.outcome = not item.leader and 'passed' or reserve_met(item) and 'sold' or 'reserve-not-met'
  item.seq = item.seq + 1
  item.status = 'ended'
  item.ends = min(item.ends or now, now)
  local winner = item.outcome == 'sold' and item.leader or nil
  add_row(item, format('["c","%s","%s",%s,%d]', event_text, item.outcome, quoted(winner),
    item.price))
end

local function write_item(item)
  call('HSET', item.key, 'seq', format('%d', item.seq), 'status', item.status,
    'outcome', item.outcome, 'price', format('%d', item.price), 'leader', item.leader or '',
    'max', format('%d', item.most), 'bids', format('%d', item.bids),
    'endsAt', item.ends and format('%d', item.ends) or '')
  if #item.records > 0 then
    local length = call('RPUSH', item.bids_key, joined(item.records, '[', ']'))
    if floor((item.first_seq - 1) / MARK_EVERY) ~= floor(item.seq / MARK_EVERY) then
      call('RPUSH', item.marks_key,
        mark_text(length - 1, item.was_price, item.was_most, item.was_leader))
    end
  end
  if item.was_scheduled and item.status ~= 'scheduled' then
    call('ZREM', KEYS[SCHEDULED], item.id)
  end
  if item.status == 'ended' then
    call('ZREM', KEYS[OPEN], item.id)
    call('ZREM', KEYS[DUE], item.id)
    call('ZADD', KEYS[ENDED], 0, item.id)
  elseif item.ends ~= item.kept_ends then
    call('ZADD', KEYS[DUE], format('%d', item.ends), item.id)
  end
end

-- How many events were ever added; nil when so many are not acked that nothing may be decided.
local function added_events()
  local counts = call('HMGET', KEYS[COUNT], 'added', 'acked')
  local added, acked = tonumber(counts[1]) or 0, tonumber(counts[2]) or 0
  if added - acked >= tonumber(ARGV[2]) then return nil end
  return added
end

-- Appends the events of the items as one entry. Answers its payload, nil when there were none.
local function append(items, added, now)
  local rows = {}
  for _, item in ipairs(items) do
    local own = item.rows
    if #own > 0 then
      enclose(own, format('[%s,%s,%d,[', quoted(item.id), quoted(item.epoch), item.first_seq), ']]')
      for i = 1, #own do rows[#rows + 1] = own[i] end
    end
  end
  if #rows == 0 then return nil end
  local payload = joined(rows, '[', ']')
  call('XADD', KEYS[OUTBOX], format('%d-0', added + 1), 'at', format('%d', now),
    'n', #rows, 'e', payload)
  call('HINCRBY', KEYS[COUNT], 'added', #rows)
  return payload
end
