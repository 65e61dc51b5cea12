--[[
  One hit of a key against its sliding window. A hit is allowed while fewer than the rule's hits were
  allowed in the window that ends now; a hit that is refused leaves no trace. The set holds nothing
  but allowed hits, never more of them than the rule allows, and is gone when the last one has left
  the window.

  KEYS[1] sorted set of the key's allowed hits; the score is the time in microseconds

  ARGV[1] hits allowed in a window
  ARGV[2] the window in microseconds
  ARGV[3] the time now in microseconds; empty in production, where Redis's own clock decides. With a
          time of its own the set does not expire: Redis could not know when.

  Returns {1 when allowed, else 0; hits left; microseconds until the oldest hit leaves the window}
]]
local hits = KEYS[1]
local most = tonumber(ARGV[1])
local window = tonumber(ARGV[2])
local now = tonumber(ARGV[3])
local hasOwnTime = now ~= nil
if not hasOwnTime then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end

local function oldest()
  return tonumber(redis.call('ZRANGE', hits, 0, 0, 'WITHSCORES')[2])
end

local first = oldest()
if first and first <= now - window then
  redis.call('ZREMRANGEBYSCORE', hits, '-inf', now - window)
  first = oldest()
end
local count = first and redis.call('ZCARD', hits) or 0
if count >= most then
  return { 0, 0, first + window - now }
end

-- Hits of one microsecond differ by a number; a clock that was set back may meet numbers again.
local number = count
while redis.call('ZADD', hits, 'NX', now, string.format('%.0f:%d', now, number)) == 0 do
  number = number + 1
end
if not hasOwnTime then
  redis.call('PEXPIREAT', hits, math.ceil((now + window) / 1000))
end
return { 1, most - count - 1, (first or now) + window - now }
