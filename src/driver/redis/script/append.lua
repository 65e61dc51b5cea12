--[=[
  Appends events to the outbox, inside a transaction (item.lua does the same within a script).

    KEYS[1] count    hash: added, acked (see item.lua)
    KEYS[2] outbox   stream
    ARGV[1] at       Unix ms
    ARGV[2] events   how many
    ARGV[3] payload  see event-row.ts

  Returns nothing.
]=]
local added = tonumber(redis.call('HGET', KEYS[1], 'added') or '0')
redis.call('XADD', KEYS[2], string.format('%.0f-0', added + 1), 'at', ARGV[1], 'n', ARGV[2],
  'e', ARGV[3])
redis.call('HINCRBY', KEYS[1], 'added', ARGV[2])
