--[=[
  Opens an item unless its id is taken (newItem of src/live/rule/life.ts).

    KEYS[1..6]   of the bucket: see item.lua
    KEYS[7]      the item's hash
    ARGV[1..2]   see item.lua
    ARGV[3]      the item's id
    ARGV[4]      when it opens, empty for at once
    ARGV[5]      when it closes, empty for never
    ARGV[6..]    the hash's fields: name, value, ...; the status is decided here

  Returns 1 when it was opened, 0 when the id is taken.
]=]
-- @include item.lua
if call('EXISTS', KEYS[7]) == 1 then return 0 end
local id, opens, closes = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
local is_scheduled = opens and time_now() < opens
call('HSET', KEYS[7], unpack(ARGV, 6))
call('HSET', KEYS[7], 'status', is_scheduled and 'scheduled' or 'active')
call('ZADD', KEYS[OPEN], 0, id)
if is_scheduled then call('ZADD', KEYS[SCHEDULED], 0, id) end
if closes then call('ZADD', KEYS[DUE], ARGV[5], id) end
return 1
