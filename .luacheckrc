-- What `make check` asks of Lua: the scripts that run in Redis, and those of wrk in bench/lua.
std = 'lua51'
max_line_length = 100

local RULE = {
  'floor', 'ceil', 'min', 'max', 'fmod', 'increment_at', 'least_next', 'reserve_met', 'is_over',
  'bid_fault', 'settle', 'end_after_bid',
}
local ITEM = {
  'call', 'format', 'concat', 'COUNT', 'OUTBOX', 'OPEN', 'SCHEDULED', 'ENDED', 'DUE', 'time_now',
  'whole', 'escaped', 'quoted', 'enclose', 'joined', 'given', 'mark_text', 'read_item', 'add_row', 'end_item',
  'write_item', 'added_events', 'append', 'banned_of',
}

local function both(left, right)
  local all = {}
  for _, names in ipairs({ left, right }) do
    for _, name in ipairs(names) do all[#all + 1] = name end
  end
  return all
end

local SCRIPTS = 'src/driver/redis/script/'
files[SCRIPTS .. '*.lua'] = {
  read_globals = { 'KEYS', 'ARGV', 'redis', 'cjson', 'cmsgpack', 'struct' },
}
-- What a script includes. A part has functions that only those who include it use.
files[SCRIPTS .. 'rule.lua'] = { ignore = { '211' } }
files[SCRIPTS .. 'item.lua'] = { read_globals = RULE, ignore = { '211' } }
files[SCRIPTS .. 'open.lua'] = { read_globals = ITEM }
for _, name in ipairs({ 'place', 'close', 'retract' }) do
  files[SCRIPTS .. name .. '.lua'] = { read_globals = both(RULE, ITEM) }
end

-- wrk calls these functions; `accepted` and `refused` are read from its threads.
files['bench/lua/*.lua'] = {
  globals = { 'setup', 'request', 'response', 'done', 'report', 'accepted', 'refused' },
  read_globals = { 'wrk' },
}
