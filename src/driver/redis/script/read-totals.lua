--[[
  The totals of all auctions with the tops, as they are at one moment.

  KEYS[1] to KEYS[6] as count-totals.lua has them

  ARGV[1] how many of each top

  Returns {auctions, revenue in micros, supplies, bidders}; a top is a flat list of id, negative
  micros, auctions. Amounts are strings.
]]
local totals, _, earned, requests, spent, wins = unpack(KEYS)
local last = tonumber(ARGV[1]) - 1

local function top(sums, auctions)
  local list = {}
  local ranked = last < 0 and {} or redis.call('ZRANGE', sums, 0, last, 'WITHSCORES')
  for at = 1, #ranked, 2 do
    list[#list + 1] = ranked[at]
    list[#list + 1] = ranked[at + 1]
    list[#list + 1] = redis.call('HGET', auctions, ranked[at])
  end
  return list
end

return {
  redis.call('HGET', totals, 'auctions') or '0',
  redis.call('HGET', totals, 'revenue_micros') or '0',
  top(earned, requests),
  top(spent, wins),
}
