--[=[
  The rules of src/live/rule in Lua, function by function, included by the scripts that decide.

  Money is micros and times are Unix milliseconds, both whole doubles: amounts are at most 1e15, so
  a sum of two is below 2^53, where doubles lose their last digit. nil stands for null. They are
  written out with %d (64 bits, and quicker than %.0f), never with tostring, which rounds to 14
  digits.
]=]
local floor, ceil, min, max, fmod = math.floor, math.ceil, math.min, math.max, math.fmod

-- increment.ts: how much more than `price` the next bid must be
local function increment_at(item, price)
  local kind = item.increment
  if kind == 'fixed' then return item.step end
  if kind == 'percent' then
    local rest = fmod(price, 10000)
    local share = (price - rest) / 10000 * item.points + ceil(rest * item.points / 10000)
    local over = fmod(share, item.minor)
    if over > 0 then share = share - over + item.minor end
    return max(share, item.step)
  end
  local belows, steps = item.belows, item.steps
  for i = 1, #steps do
    if price < belows[i] then return steps[i] end
  end
end

-- increment.ts: kept in the item until its price moves
local function least_next(item)
  local least = item.least
  if not least then
    least = item.leader and item.price + increment_at(item, item.price) or item.start
    item.least = least
  end
  return least
end

local function reserve_met(item)
  return not item.reserve or item.price >= item.reserve
end

local function is_over(item, now)
  return item.status == 'ended' or (item.ends and now >= item.ends)
end

-- standing.ts: why a new bid does not count
local function bid_fault(item, user, amount, most)
  if amount and fmod(amount, item.minor) ~= 0 or most and fmod(most, item.minor) ~= 0 then
    return 'amount_too_fine'
  end
  if most and not item.proxy then return 'proxy_not_allowed' end
  if not amount and not most then return 'bid_too_low' end
  local least = least_next(item)
  if amount and amount < least then return 'bid_too_low' end
  if not most then return nil end
  if most < (amount or least) then return 'maximum_too_low' end
  if user == item.leader and most < item.most then return 'maximum_too_low' end
end

-- standing.ts: price, leader and maximum after a bid, and what a beaten bid had offered
local function settle(item, price, leader, leader_most, user, amount, most)
  local best = most or amount
  if leader and leader ~= user and best <= leader_most then
    local answer = min(leader_most, best + increment_at(item, best))
    return max(price, answer), leader, leader_most, best
  end
  local led
  if not leader then
    led = amount or item.start
  elseif leader == user then
    led = max(price, amount or 0)
  elseif not most then
    led = amount
  else
    led = max(amount or 0, min(most, leader_most + increment_at(item, leader_most)))
  end
  local new_most = max(leader_most, best)
  local reserve = item.reserve
  if reserve and led < reserve and reserve <= new_most then led = reserve end
  return led, user, new_most
end

-- close.ts: the soft close
local function end_after_bid(item, now)
  local ends, window = item.ends, item.window
  if not ends or not window or ends - now > window then return ends end
  local moved = now + item.extend
  if item.absolute then moved = min(moved, item.absolute) end
  return max(ends, moved)
end
