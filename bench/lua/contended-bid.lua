-- The bids of live-bid.lua, with the answers counted by what they say.
dofile(os.getenv("LUA_FOLDER") .. "/live-bid.lua")
local threads = {}
accepted, refused = 0, 0

function setup(thread) threads[#threads + 1] = thread end

function response(status)
  if status == 200 then accepted = accepted + 1 elseif status == 409 then refused = refused + 1 end
end

function done(summary, latency)
  local sums = { accepted = 0, refused = 0 }
  for _, thread in ipairs(threads) do
    for name, sum in pairs(sums) do sums[name] = sum + thread:get(name) end
  end
  report(summary, latency, sums)
end
