-- POST /bid from 50,000 client addresses over SUPPLIES supplies; requests are made once and reused.
dofile(os.getenv("LUA_FOLDER") .. "/report.lua")
local supplies = tonumber(os.getenv("SUPPLIES") or "10")
local made, count, distinct = {}, 0, 50000
local headers = { ["Content-Type"] = "application/json" }

function request()
  count = count + 1
  local k = count % distinct
  if made[k] == nil then
    local body = string.format(
      '{"supply_id":"supply%d","ip":"10.1.%d.%d","country":"US","tmax":200}',
      (k * 7919) % supplies + 1, math.floor(k / 256), k % 256)
    made[k] = wrk.format("POST", "/bid", headers, body)
  end
  return made[k]
end

function done(summary, latency) report(summary, latency) end
