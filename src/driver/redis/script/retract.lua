--[=[
  Takes a bid back and counts the others again (src/live/rule/retract.ts).

    KEYS[1..6]   of the bucket: see item.lua
    KEYS[7..8]   the item's hash, its list of bid records
    ARGV[1..2]   see item.lua
    ARGV[3]      the item's id
    ARGV[4]      the id of the event
    ARGV[5]      the id of the bid

  The list holds JSON arrays of records, oldest first; the array that held the bid is written anew.
  Returns as close.lua does; {} also when the item is over or has no such bid.
]=]
local PAGE = 128

local now = time_now()
local added = added_events()
if not added then return { 'full' } end
local item = read_item(KEYS[7], KEYS[8], ARGV[3])
if not item or is_over(item, now) then return {} end

local function number_or_nil(value)
  return value ~= cjson.null and value or nil
end

local function record_text(record)
  return '[' .. quoted(record[1]) .. ',' .. quoted(record[2]) .. ','
    .. whole(number_or_nil(record[3])) .. ',' .. whole(number_or_nil(record[4])) .. ']'
end

-- The array without the bid, nil when it does not hold it.
local function without(records, bid_id)
  local others, found = {}, false
  for _, record in ipairs(records) do
    if record[1] == bid_id then found = true else others[#others + 1] = record end
  end
  return found and others or nil
end

local price, leader, most, bids = 0, nil, 0, 0
local function count_again(records)
  for _, record in ipairs(records) do
    local before = price
    price, leader, most = settle(item, price, leader, most, record[2], number_or_nil(record[3]),
      number_or_nil(record[4]))
    if price > before then bids = bids + 1 end
  end
end

local found_at, kept
local length = call('LLEN', KEYS[8])
for from = 0, length - 1, PAGE do
  for i, text in ipairs(call('LRANGE', KEYS[8], from, from + PAGE - 1)) do
    local records = cjson.decode(text)
    if not found_at then
      kept = without(records, ARGV[5])
      if kept then
        found_at = from + i - 1
        records = kept
      end
    end
    count_again(records)
  end
end
if not found_at then return {} end

local texts = {}
for i, record in ipairs(kept) do texts[i] = record_text(record) end
call('LSET', KEYS[8], found_at, '[' .. concat(texts, ',') .. ']')

item.price, item.leader, item.most, item.bids = price, leader, most, bids
item.seq = item.seq + 1
add_row(item, format('["r",%s,%s,%d,%s,%d]', quoted(ARGV[4]), quoted(ARGV[5]), price,
  quoted(leader), reserve_met(item) and 1 or 0))
write_item(item)
return { 'made', whole(now), append({ item }, added, now) }
