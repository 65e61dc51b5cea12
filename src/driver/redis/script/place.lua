--[=[
  Decides a batch of bids in order (src/live/rule/place.ts) and appends all their events.

    KEYS[1..6]   of the bucket: see item.lua
    KEYS[7..]    for each item its hash, its list of bid records and their marks, then for each bid
                 with an idempotency key the keys of its answer and of its user's count of keys
    ARGV[1..2]   see item.lua
    ARGV[3]      the largest price
    ARGV[4]      for how long an answer is kept, in ms
    ARGV[5]      JSON: [[item id, ...], [7 values for each bid, ...], [parameters, ...]]. The
                 values: number of the item (from 1), bid id, event id, user id, amount and maximum
                 (-1 for none), and the sum of 1 (to buy now) and 2 (with an idempotency key, whose
                 parameters are then the next ones)
    ARGV[6]      1 when no id of a bid needs escapes in JSON
    ARGV[7]      how many idempotency keys a user may use on an item

  Returns nil when the backlog is full, else JSON: [[item, ...], [answer, ...]]. An item is
  [epoch, currency], or null when it is unknown.
  An answer is 0 (unknown item), 1 (key used with other parameters),
  2 (too many keys), or
  [code, seq, price, end, facts, next, bid id, event id], the last two with an idempotency key only.
  code: 1 accepted, 2 accepted without an event, else a refusal by its word. facts: the sum of 1
  (reserve met), 2 (bidder leads), 4 (beaten by the proxy at once), 8 (ended).
]=]
-- @include rule.lua
-- @include item.lua
local now = time_now()
local added = added_events()
if not added then return nil end

local price_limit, kept_ms, is_plain = tonumber(ARGV[3]), ARGV[4], ARGV[6] == '1'
local most_keys = tonumber(ARGV[7])
local input = cjson.decode(ARGV[5])
local ids, bids, parameters = input[1], input[2], input[3]
local keyed, first_answer_key = 0, 7 + 3 * #ids

local items, words = {}, {}
for i, id in ipairs(ids) do
  items[i] = read_item(KEYS[4 + 3 * i], KEYS[5 + 3 * i], KEYS[6 + 3 * i], id) or false
  local item = items[i]
  words[i] = item and format('[%s,"%s"]', quoted(item.epoch), item.currency) or 'null'
end

-- What a number of the item is in JSON, kept while it does not change.
local function ends_text(item)
  if item.text_ends ~= item.ends or not item.ends_text then
    item.text_ends, item.ends_text = item.ends, whole(item.ends)
  end
  return item.ends_text
end

local function leader_text(item)
  if item.text_leader ~= item.leader then
    item.text_leader, item.leader_text = item.leader, escaped(item.leader)
  end
  return item.leader_text
end

-- A bid that moved the price to `price`; the end is not moved here.
local function lead(item, price, leader, most)
  item.price, item.leader, item.most, item.least = price, leader, most, nil
  item.status = 'active'
  item.seq = item.seq + 1
  item.bids = item.bids + 1
end

local function add_record(item, bid, amount, most)
  local records, record = item.records
  if amount and not most then
    record = format('["%s","%s",%d,null]', bid.id, bid.user_text, amount)
  else
    record = format('["%s","%s",%s,%s]', bid.id, bid.user_text, whole(amount), whole(most))
  end
  records[#records + 1] = record
  item.is_touched = true
end

local function add_bid_row(item, bid, previous, beaten)
  local met = reserve_met(item) and 1 or 0
  if beaten then
    add_row(item, format('["b","%s","%s","%s",%d,%d,%d,%s,"%s",%d]', bid.event_id, bid.id,
      leader_text(item), item.price, previous, met, ends_text(item), bid.user_text, beaten))
  else
    add_row(item, format('["b","%s","%s","%s",%d,%d,%d,%s]', bid.event_id, bid.id,
      leader_text(item), item.price, previous, met, ends_text(item)))
  end
end

-- Answers the code, the seq to tell, and whether the proxy beat the bid.
local function buy_now(item, bid)
  local price = (not item.leader or not reserve_met(item)) and item.buy_now
  if not price then return 'buy_now_not_available', item.seq end
  local previous = item.price
  lead(item, price, bid.user, price)
  add_record(item, bid, price, nil)
  add_bid_row(item, bid, previous)
  local seq = item.seq
  end_item(item, bid.event_id .. ':end', now)
  return 1, seq
end

local function bid_on(item, bid, amount, most)
  local user = bid.user
  -- A maximum that comes with no higher visible amount than the own lead is a maximum only.
  if most and amount and user == item.leader and amount <= item.price then amount = nil end
  local fault = bid_fault(item, user, amount, most)
  if fault then return fault, item.seq end
  local price, leader, leader_most, beaten =
    settle(item, item.price, item.leader, item.most, user, amount, most)
  add_record(item, bid, amount, most)
  if price == item.price then
    item.leader, item.most = leader, leader_most
    return 2, item.seq, beaten
  end
  local previous = item.price
  lead(item, price, leader, leader_most)
  item.ends = end_after_bid(item, now)
  add_bid_row(item, bid, previous, beaten)
  return 1, item.seq, beaten
end

local function decide(item, bid, amount, most, wants_now)
  if is_over(item, now) then return 'ended', item.seq end
  if item.opens and now < item.opens then return 'not_open_yet', item.seq end
  if item.banned_text and select(2, banned_of(item, bid.user)) then return 'banned', item.seq end
  if wants_now then return buy_now(item, bid) end
  return bid_on(item, bid, amount, most)
end

-- The answer as JSON; `tail` is what an answer that is kept has besides.
local function told(item, user, code, seq, beaten, tail)
  local facts = reserve_met(item) and 1 or 0
  if item.leader == user then facts = facts + 2 end
  if beaten then facts = facts + 4 end
  if item.status == 'ended' then facts = facts + 8 end
  local next_price = not is_over(item, now) and least_next(item) or nil
  if next_price and next_price > price_limit then next_price = nil end
  if code == 1 and next_price then
    return format('[1,%d,%d,%s,%d,%d%s]', seq, item.price, ends_text(item), facts, next_price, tail)
  end
  local word = type(code) == 'number' and code or '"' .. code .. '"'
  return format('[%s,%d,%d,%s,%d,%s%s]', word, seq, item.price, ends_text(item), facts,
    whole(next_price), tail)
end

-- The answer to the bid whose values begin at `at`.
local bid = {}
local function answer_to(item, at, is_kept)
  local bid_id, event_id, user = bids[at + 1], bids[at + 2], bids[at + 3]
  bid.user = user
  if is_plain then
    bid.id, bid.event_id, bid.user_text = bid_id, event_id, user
  else
    bid.id, bid.event_id, bid.user_text = escaped(bid_id), escaped(event_id), escaped(user)
  end
  local amount, most, flags = bids[at + 4], bids[at + 5], bids[at + 6]
  local code, seq, beaten = decide(item, bid, amount >= 0 and amount or nil,
    most >= 0 and most or nil, flags % 2 == 1)
  local tail = is_kept and format(',"%s","%s"', bid.id, bid.event_id) or ''
  return told(item, user, code, seq, beaten, tail)
end

-- The same, once for its idempotency key.
local function answer_once(item, at)
  keyed = keyed + 1
  if not item then return '0' end
  local at_key = first_answer_key + 2 * (keyed - 1)
  local key, count_key, wanted = KEYS[at_key], KEYS[at_key + 1], parameters[keyed] .. '\n'
  local earlier = call('GET', key)
  if earlier then
    return earlier:sub(1, #wanted) == wanted and earlier:sub(#wanted + 1) or '1'
  end
  if (tonumber(call('GET', count_key)) or 0) >= most_keys then return '2' end
  if call('INCR', count_key) == 1 then call('PEXPIRE', count_key, kept_ms) end
  local answer = answer_to(item, at, true)
  call('SET', key, wanted .. answer, 'PX', kept_ms)
  return answer
end

local answers = {}
for at = 1, #bids, 7 do
  local item = items[bids[at]]
  local answer
  if bids[at + 6] >= 2 then
    answer = answer_once(item, at)
  else
    answer = item and answer_to(item, at) or '0'
  end
  answers[#answers + 1] = answer
end

local touched = {}
for _, item in ipairs(items) do
  if item and item.is_touched then
    touched[#touched + 1] = item
    write_item(item)
  end
end
append(touched, added, now)
return joined(answers, '[[' .. concat(words, ',') .. '],[', ']]')
