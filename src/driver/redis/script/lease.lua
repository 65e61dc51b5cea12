--[=[
  Prolongs or gives up the lease of a reader, if it holds it.

    KEYS[1] lease
    ARGV[1] reader
    ARGV[2] for how long from now, in ms; 0 gives it up

  Returns 1 when it held it, else 0.
]=]
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 1
