-- Sends requests from a file, in turn or at random, and prints the figures as JSON on a line of their own.
-- Argument: the file. It holds the requests one after the other, each followed by a NUL.

local requests = {}
local count = 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  for request in file:read("*a"):gmatch("([^%z]+)%z") do
    count = count + 1
    requests[count] = request
  end
  file:close()
  math.randomseed(count)
end

function request()
  if count == 1 then return requests[1] end
  return requests[math.random(count)]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"durationUs":%d,"bytes":%.0f,"p50Us":%.0f,"p99Us":%.0f,"lost":%d,"refused":%d}\n',
    summary.requests, summary.duration, summary.bytes, latency:percentile(50), latency:percentile(99),
    errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
