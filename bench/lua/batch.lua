-- POST /api/v1/bid, 10 bidders by 10 supplies, from 10,000 client addresses behind a trusted proxy.
dofile(os.getenv("LUA_FOLDER") .. "/report.lua")
local bidders, supplies = {}, {}
for i = 1, 10 do
  bidders[i] = string.format('{"id":%d,"bid_floor":%d}', i, 40 + i)
  supplies[i] = string.format('{"id":%d,"floor_price":50}', i)
end
local body = '{"bidders":[' .. table.concat(bidders, ",") .. '],"supplies":[' ..
  table.concat(supplies, ",") .. ']}'
local made, count, distinct = {}, 0, 10000

function request()
  count = count + 1
  local k = count % distinct
  if made[k] == nil then
    made[k] = wrk.format("POST", "/api/v1/bid", {
      ["Content-Type"] = "application/json",
      ["X-Forwarded-For"] = string.format("10.2.%d.%d", math.floor(k / 256), k % 256),
    }, body)
  end
  return made[k]
end

function done(summary, latency) report(summary, latency) end
