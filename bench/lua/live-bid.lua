-- POST a bid on one item, each a cent above the one sent before it, from 1,000 bidders. What
-- arrives out of order is refused with 409, which wrk counts among the failed.
dofile(os.getenv("LUA_FOLDER") .. "/report.lua")
local count = tonumber(os.getenv("FIRST_CENTS") or "100")
local path = "/api/v1/items/" .. (os.getenv("ITEM") or "hot") .. "/bid"
local headers = { ["Content-Type"] = "application/json" }

function request()
  count = count + 1
  local body = string.format('{"user_id":"user%d","amount":%.2f}', count % 1000, count / 100)
  return wrk.format("POST", path, headers, body)
end

function done(summary, latency) report(summary, latency) end
