--[[
  Adds what a node counted to the hash of one supply. Each call is added once, as count-totals.lua
  has it. Money is in micros and stays at the largest integer that a double holds exactly.

  KEYS[1] hash of the supply: total_reqs, revenue_micros, country:<code>, and for each bidder
          bidder:<id>:wins, :revenue_micros, :no_bids, :timeouts; bidders is how many they are
  KEYS[2] number of the last call of this node that was added

  ARGV[1] number of this call
  ARGV[2] milliseconds for which that number is remembered
  ARGV[3] most bidders that the hash tells apart, 0 when none may be new
  ARGV[4] how many fields of the supply itself follow: name, amount
  then    bidders: id, wins, revenue in micros, bids not made, answers too late

  Returns how many bidders are new in the hash
]]
local supply, last = KEYS[1], KEYS[2]
local number, rememberMs, most = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local MOST = 9007199254740991
local FIRST = 5
local bidderStart = FIRST + 2 * tonumber(ARGV[4])
local added = 0

local function add(field, amount)
  if redis.call('HINCRBY', supply, field, amount) > MOST then
    redis.call('HSET', supply, field, MOST)
  end
end

local function takesBidder(field)
  if redis.call('HEXISTS', supply, field) == 1 then
    return true
  end
  if tonumber(redis.call('HGET', supply, 'bidders') or 0) >= most then
    return false
  end
  redis.call('HINCRBY', supply, 'bidders', 1)
  added = added + 1
  return true
end

local function addBidder(at)
  local field = 'bidder:' .. ARGV[at] .. ':'
  if not takesBidder(field .. 'wins') then
    return
  end
  -- The first field stands for the bidder, so it is there also while it is zero.
  add(field .. 'wins', ARGV[at + 1])
  for index, name in ipairs({ 'revenue_micros', 'no_bids', 'timeouts' }) do
    local amount = ARGV[at + 1 + index]
    if amount ~= '0' then
      add(field .. name, amount)
    end
  end
end

if number > tonumber(redis.call('GET', last) or 0) then
  for at = FIRST, bidderStart - 1, 2 do
    add(ARGV[at], ARGV[at + 1])
  end
  for at = bidderStart, #ARGV, 5 do
    addBidder(at)
  end
  redis.call('SET', last, number, 'PX', rememberMs)
end
return added
