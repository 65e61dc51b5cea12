--[=[
  Ends an item that is at its end, or at once (src/live/rule/close.ts).

    KEYS[1..6]   of the bucket: see item.lua
    KEYS[7..9]   the item's hash, its list of bid records, their marks
    ARGV[1..2]   see item.lua
    ARGV[3]      the item's id
    ARGV[4]      the id of the event
    ARGV[5]      1 to end it though it is not due

  Returns {'full'} when the backlog is full, {} when the item is unknown, ended or not due, else
  {'made', now, payload of the event}.
]=]
-- @include rule.lua
-- @include item.lua
local now = time_now()
local added = added_events()
if not added then return { 'full' } end
local item = read_item(KEYS[7], KEYS[8], KEYS[9], ARGV[3])
if not item or item.status == 'ended' then return {} end
if ARGV[5] ~= '1' and not is_over(item, now) then return {} end
end_item(item, escaped(ARGV[4]), now)
write_item(item)
return { 'made', whole(now), append({ item }, added, now) }
