--[[
  Hits of keys against their sliding windows, decided in order. A hit is allowed while fewer than
  the rule's hits were allowed in the window that ends now; a hit that is refused leaves no trace. A
  set holds nothing but allowed hits, never more of them than the rule allows, and is gone when the
  last one has left the window.

  KEYS[n] sorted set of the allowed hits of the n-th key; the score is the time in microseconds. A
          key may come more than once.

  ARGV[1] hits allowed in a window
  ARGV[2] the window in microseconds
  ARGV[3] the time now in microseconds; empty in production, where Redis's own clock decides. With a
          time of its own a set does not expire: Redis could not know when.

  Returns three numbers a hit: 1 when allowed, else 0; hits left; microseconds until the oldest hit
  leaves the window
]]
local most = tonumber(ARGV[1])
local window = tonumber(ARGV[2])
local now = tonumber(ARGV[3])
local hasOwnTime = now ~= nil
if not hasOwnTime then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local expiresAtMs = math.ceil((now + window) / 1000)
local name = string.format('%.0f:', now)

local function oldest(hits)
  return tonumber(redis.call('ZRANGE', hits, 0, 0, 'WITHSCORES')[2])
end

local function hit(hits)
  local first = oldest(hits)
  if first and first <= now - window then
    redis.call('ZREMRANGEBYSCORE', hits, '-inf', now - window)
    first = oldest(hits)
  end
  local count = first and redis.call('ZCARD', hits) or 0
  if count >= most then
    return 0, 0, first + window - now
  end
  -- Hits of one microsecond differ by a number; a clock that was set back may meet numbers again.
  local number = count
  while redis.call('ZADD', hits, 'NX', now, name .. number) == 0 do
    number = number + 1
  end
  if not hasOwnTime then redis.call('PEXPIREAT', hits, expiresAtMs) end
  return 1, most - count - 1, (first or now) + window - now
end

local verdicts = {}
for at, hits in ipairs(KEYS) do
  verdicts[3 * at - 2], verdicts[3 * at - 1], verdicts[3 * at] = hit(hits)
end
return verdicts
