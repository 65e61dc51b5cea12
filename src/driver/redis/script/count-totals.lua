--[[
  Adds what a node counted to the totals of all auctions, and lists supplies that are new. Each call
  is added once: a node sends its calls one after another, numbered, and a number that was reached
  before is left out. So a call whose answer was lost is sent again as it was.

  Tops are sorted sets of negative micros: the greatest sum comes first and equal sums stand in the
  order of their ids. A sum stays at the largest integer that a double holds exactly.

  KEYS[1] hash of the totals: auctions, revenue_micros, bidder_counters
  KEYS[2] sorted set of supply ids in the order of their first auction
  KEYS[3] sorted set of supply ids by what they earned
  KEYS[4] hash of supply id to requests
  KEYS[5] sorted set of bidder ids by what they spent
  KEYS[6] hash of bidder id to auctions won
  KEYS[7] number of the last call of this node that was added

  ARGV[1] number of this call
  ARGV[2] milliseconds for which that number is remembered
  ARGV[3] most supplies, and most bidders, that are told apart
  ARGV[4] auctions
  ARGV[5] their revenue in micros
  ARGV[6] bidders that were new in the hashes of supplies since the last call
  ARGV[7] how many supplies follow: id, requests, micros earned
  then    bidders: id, auctions won, micros spent

  Returns {bidders in all hashes of supplies, then the ids of this call that are not listed}
]]
local totals, supplies, earned, requests, spent, wins, last = unpack(KEYS)
local number, rememberMs, most = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
local MOST_MICROS = 9007199254740991
local FIRST = 8
local bidderStart = FIRST + 3 * tonumber(ARGV[7])

local function spend(key, id, micros)
  if tonumber(redis.call('ZINCRBY', key, '-' .. micros, id)) < -MOST_MICROS then
    redis.call('ZADD', key, -MOST_MICROS, id)
  end
end

local function isTaken(set, id)
  return redis.call('ZSCORE', set, id) or redis.call('ZCARD', set) < most
end

local function addTotals()
  redis.call('HINCRBY', totals, 'auctions', ARGV[4])
  redis.call('HINCRBY', totals, 'bidder_counters', ARGV[6])
  if redis.call('HINCRBY', totals, 'revenue_micros', ARGV[5]) > MOST_MICROS then
    redis.call('HSET', totals, 'revenue_micros', MOST_MICROS)
  end
end

local function addSupplies()
  for at = FIRST, bidderStart - 1, 3 do
    local id = ARGV[at]
    if isTaken(supplies, id) then
      redis.call('ZADD', supplies, 'NX', redis.call('ZCARD', supplies), id)
      redis.call('HINCRBY', requests, id, ARGV[at + 1])
      spend(earned, id, ARGV[at + 2])
    end
  end
end

local function addBidders()
  for at = bidderStart, #ARGV, 3 do
    local id = ARGV[at]
    if isTaken(spent, id) then
      redis.call('HINCRBY', wins, id, ARGV[at + 1])
      spend(spent, id, ARGV[at + 2])
    end
  end
end

if number > tonumber(redis.call('GET', last) or 0) then
  addTotals()
  addSupplies()
  addBidders()
  redis.call('SET', last, number, 'PX', rememberMs)
end

local answer = { tonumber(redis.call('HGET', totals, 'bidder_counters') or 0) }
for at = FIRST, bidderStart - 1, 3 do
  if not redis.call('ZSCORE', supplies, ARGV[at]) then
    answer[#answer + 1] = ARGV[at]
  end
end
return answer
