--[=[
  Gives the one reader of an outbox the next entries, and makes it the one reader when nobody is.

    KEYS[1] lease   the id of the reader, for as long as it may be the one
    KEYS[2] count   hash: added, acked (see item.lua)
    KEYS[3] outbox  stream
    ARGV[1] reader
    ARGV[2] lease   in ms
    ARGV[3] from    an id: entries behind it that were given before and not acked; > for new ones
    ARGV[4] events  about how many to give: whole entries, until it is reached

  Returns nil when somebody else is the reader, else {1 when the lease was taken just now or 0,
  acked, {{id, at, events, payload}, ...}}. A reader that has just taken the lease is given nothing:
  it begins with what was given to the one before. Both have the same name in the group, so that is
  what is pending. A stream that was lost while the lease stayed has no group: it is made, and the
  reader begins as one that has just taken the lease.
]=]
local PAGE = 32

local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return nil end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
local acked = redis.call('HGET', KEYS[2], 'acked') or '0'
if not holder then
  redis.pcall('XGROUP', 'CREATE', KEYS[3], 'relay', '0', 'MKSTREAM')
  return { 1, acked, {} }
end

-- The fields of an entry are: at, n, e.
local entries, events, from, wanted = {}, 0, ARGV[3], tonumber(ARGV[4])
repeat
  local reply = redis.pcall('XREADGROUP', 'GROUP', 'relay', 'reader', 'COUNT', PAGE,
    'STREAMS', KEYS[3], from)
  if reply and reply.err then
    if not reply.err:find('NOGROUP', 1, true) then return reply end
    redis.call('XGROUP', 'CREATE', KEYS[3], 'relay', '0', 'MKSTREAM')
    return { 1, acked, {} }
  end
  local page = reply and reply[1][2] or {}
  for _, entry in ipairs(page) do
    local fields = entry[2]
    entries[#entries + 1] = { entry[1], fields[2], fields[4], fields[6] }
    events = events + fields[4]
    if from ~= '>' then from = entry[1] end
  end
until #page < PAGE or events >= wanted
return { 0, acked, entries }
