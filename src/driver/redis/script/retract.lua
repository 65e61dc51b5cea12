--[=[
  Takes back a bid, or all that a bidder has bid, and counts the others again
  (src/live/rule/retract.ts).

    KEYS[1..6]   of the bucket: see item.lua
    KEYS[7..9]   the item's hash, its list of bid records, their marks
    ARGV[1..2]   see item.lua
    ARGV[3]      the item's id
    ARGV[4]      the id of the event
    ARGV[5]      bid or bidder
    ARGV[6]      the id of the bid, or of the bidder
    ARGV[7]      1 to ban the bidder
    ARGV[8]      how many may be banned

  The list holds JSON arrays of records, oldest first; an array with something unwanted is written
  anew. Both histories, with the unwanted and without, are counted from the mark before the first of
  it, and only until the last of it is past and the item stands the same in both: from there on they
  are one. That is soon, unless a maximum that has led ever since is taken back.
  Returns as close.lua does; {} also when the item is over, too many are banned, or nothing changes.
]=]
-- @include rule.lua
-- @include item.lua
local PAGE = 32

local now = time_now()
local added = added_events()
if not added then return { 'full' } end
local item = read_item(KEYS[7], KEYS[8], KEYS[9], ARGV[3])
if not item or is_over(item, now) then return {} end

local unwanted_id, length = ARGV[6], call('LLEN', KEYS[8])
local is_bid = ARGV[5] == 'bid'
local field = is_bid and 1 or 2
-- An id that needs escapes may stand in several ways.
local wanted = not unwanted_id:find('[^%w_.:-]') and '"' .. unwanted_id .. '"' or ''

local banned, is_banned = banned_of(item, unwanted_id)
local bans = ARGV[7] == '1' and not is_banned
if bans and #banned >= tonumber(ARGV[8]) then return {} end

local function record_text(record)
  return '[' .. quoted(record[1]) .. ',' .. quoted(record[2]) .. ','
    .. whole(given(record[3])) .. ',' .. whole(given(record[4])) .. ']'
end

-- The array without the unwanted, nil when it holds none, and how many it holds.
local function without(records)
  local others, found = {}, 0
  for _, record in ipairs(records) do
    if record[field] == unwanted_id then found = found + 1 else others[#others + 1] = record end
  end
  return found > 0 and others or nil, found
end

-- Where each array with something unwanted lies, and its other records; where the first of them
-- is, and how much is unwanted. Newer bids are taken back more often; of a bid there is one.
local function find_unwanted()
  local kept, first, count = {}, length, 0
  for to = length - 1, 0, -PAGE do
    local from = max(to - PAGE + 1, 0)
    local texts = call('LRANGE', KEYS[8], from, to)
    for i = #texts, 1, -1 do
      if texts[i]:find(wanted, 1, true) then
        local others, found = without(cjson.decode(texts[i]))
        if others then
          first, count = from + i - 1, count + found
          kept[first] = others
          if is_bid then return kept, first, count end
        end
      end
    end
  end
  return kept, first, count
end

local kept, found_at, unwanted_count = find_unwanted()
if unwanted_count == 0 and not bans then return {} end

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
  local more, ahead = 0, unwanted_count
  for from = start.at, length - 1, PAGE do
    for i, text in ipairs(call('LRANGE', KEYS[8], from, from + PAGE - 1)) do
      local mark = later_marks[from + i - 1]
      if mark then
        call('LSET', KEYS[9], mark, mark_text(from + i - 1, new.price, new.most, new.leader))
      end
      for _, record in ipairs(cjson.decode(text)) do
        more = more - count(old, record)
        if record[field] == unwanted_id then
          ahead = ahead - 1
        else
          more = more + count(new, record)
        end
        if ahead == 0 and is_one() then return more, true end
      end
    end
  end
  return more, false
end

if unwanted_count > 0 then
  local more, became_one = count_again()
  for at, others in pairs(kept) do
    local texts = {}
    for i, record in ipairs(others) do texts[i] = record_text(record) end
    call('LSET', KEYS[8], at, '[' .. concat(texts, ',') .. ']')
  end
  item.bids = item.bids + more
  if not became_one then item.price, item.leader, item.most = new.price, new.leader, new.most end
end
if bans then
  banned[#banned + 1] = unwanted_id
  call('HSET', KEYS[7], 'banned', cjson.encode(banned))
end
item.seq = item.seq + 1
local removed = is_bid and '' or ',' .. quoted(unwanted_id)
add_row(item, format('["r",%s,%s,%d,%s,%d%s]', quoted(ARGV[4]), quoted(is_bid and unwanted_id),
  item.price, quoted(item.leader), reserve_met(item) and 1 or 0, removed))
write_item(item)
return { 'made', whole(now), append({ item }, added, now) }
