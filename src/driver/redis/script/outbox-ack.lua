--[=[
  Says that all events up to a position are safe elsewhere, and trims the entries that hold no
  other.

    KEYS[1] count     hash: added, acked (see item.lua)
    KEYS[2] outbox    stream
    ARGV[1] position
    ARGV[2..]         ids of the entries to trim

  Returns nothing.
]=]
local CHUNK = 1000

local counts = redis.call('HMGET', KEYS[1], 'added', 'acked')
local added, acked = tonumber(counts[1]) or 0, tonumber(counts[2]) or 0
local position = math.min(tonumber(ARGV[1]), added)
if position > acked then redis.call('HSET', KEYS[1], 'acked', string.format('%.0f', position)) end
for from = 2, #ARGV, CHUNK do
  local to = math.min(from + CHUNK - 1, #ARGV)
  redis.call('XACK', KEYS[2], 'relay', unpack(ARGV, from, to))
  redis.call('XDEL', KEYS[2], unpack(ARGV, from, to))
end
