--[=[
  Takes a bid back and counts the others again (src/live/rule/retract.ts).

    KEYS[1..6]   of the bucket: see item.lua
    KEYS[7..9]   the item's hash, its list of bid records, their marks
    ARGV[1..2]   see item.lua
    ARGV[3]      the item's id
    ARGV[4]      the id of the event
    ARGV[5]      the id of the bid

  The list holds JSON arrays of records, oldest first; the array that held the bid is written anew.
  Both histories, with the bid and without it, are counted from the mark before it, and only until
  the item stands the same in both: from there on they are one. That is soon, unless a maximum that
  has led ever since is taken back.
  Returns as close.lua does; {} also when the item is over or has no such bid.
]=]
-- @include rule.lua
-- @include item.lua
local PAGE = 32

local now = time_now()
local added = added_events()
if not added then return { 'full' } end
local item = read_item(KEYS[7], KEYS[8], KEYS[9], ARGV[3])
if not item or is_over(item, now) then return {} end

local bid_id, length = ARGV[5], call('LLEN', KEYS[8])
-- An id that needs escapes may stand in several ways.
local wanted = not bid_id:find('[^%w_.:-]') and '"' .. bid_id .. '"' or ''

local function record_text(record)
  return '[' .. quoted(record[1]) .. ',' .. quoted(record[2]) .. ','
    .. whole(given(record[3])) .. ',' .. whole(given(record[4])) .. ']'
end

-- The array without the bid, nil when it does not hold it.
local function without(records)
  local others, found = {}, false
  for _, record in ipairs(records) do
    if record[1] == bid_id then found = true else others[#others + 1] = record end
  end
  return found and others or nil
end

-- Where the array with the bid lies, and its other records. Newer bids are taken back more often.
local function find_bid()
  for to = length - 1, 0, -PAGE do
    local from = max(to - PAGE + 1, 0)
    local texts = call('LRANGE', KEYS[8], from, to)
    for i = #texts, 1, -1 do
      local others = texts[i]:find(wanted, 1, true) and without(cjson.decode(texts[i]))
      if others then return from + i - 1, others end
    end
  end
end

local found_at, kept = find_bid()
if not found_at then return {} end

-- The newest mark that is not behind the bid, and where in their list those behind it lie.
local start, later_marks = { at = 0, price = 0, most = 0 }, {}
for i, text in ipairs(call('LRANGE', KEYS[9], 0, -1)) do
  local at, price, most, leader = text:match('^(%d+) (%d+) (%d+) (.*)$')
  if tonumber(at) > found_at then
    later_marks[tonumber(at)] = i - 1
  else
    start = { at = tonumber(at), price = tonumber(price), most = tonumber(most),
      leader = leader ~= '' and leader or nil }
  end
end

-- Answers 1 when the price rose, else 0.
local function count(standing, record)
  local before = standing.price
  standing.price, standing.leader, standing.most = settle(item, before, standing.leader,
    standing.most, record[2], given(record[3]), given(record[4]))
  return standing.price > before and 1 or 0
end

local old = { price = start.price, leader = start.leader, most = start.most }
local new = { price = start.price, leader = start.leader, most = start.most }

local function is_one()
  return old.price == new.price and old.leader == new.leader and old.most == new.most
end

-- Answers how many bids more there are without the bid, and whether both histories became one.
local function count_again()
  local more, is_past = 0, false
  for from = start.at, length - 1, PAGE do
    for i, text in ipairs(call('LRANGE', KEYS[8], from, from + PAGE - 1)) do
      local mark = later_marks[from + i - 1]
      if mark then
        call('LSET', KEYS[9], mark, mark_text(from + i - 1, new.price, new.most, new.leader))
      end
      for _, record in ipairs(cjson.decode(text)) do
        more = more - count(old, record)
        if record[1] == bid_id then is_past = true else more = more + count(new, record) end
        if is_past and is_one() then return more, true end
      end
    end
  end
  return more, false
end

local more, became_one = count_again()
local texts = {}
for i, record in ipairs(kept) do texts[i] = record_text(record) end
call('LSET', KEYS[8], found_at, '[' .. concat(texts, ',') .. ']')

item.bids = item.bids + more
if not became_one then item.price, item.leader, item.most = new.price, new.leader, new.most end
item.seq = item.seq + 1
add_row(item, format('["r",%s,%s,%d,%s,%d]', quoted(ARGV[4]), quoted(bid_id), item.price,
  quoted(item.leader), reserve_met(item) and 1 or 0))
write_item(item)
return { 'made', whole(now), append({ item }, added, now) }
