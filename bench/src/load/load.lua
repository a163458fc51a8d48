-- Sends the requests of a file in turn, over and over, from every connection of wrk.
-- The file holds whole requests separated by NUL: building them here would cost more than sending them.
-- At the end prints one line of JSON that starts with {"result": for the bench to read; times in microseconds.

local requests = {}
local count = 0
local next_request = 0

function init(args)
  local file = assert(io.open(args[1], "rb"))
  for text in file:read("*a"):gmatch("%Z+") do
    count = count + 1
    requests[count] = text
  end
  file:close()
end

function request()
  next_request = next_request % count + 1
  return requests[next_request]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"result":{"requests":%d,"bytes":%d,"durationUs":%d,'
      .. '"latencyUs":{"p50":%d,"p90":%d,"p99":%d,"p999":%d,"max":%d},"badStatus":%d,"socketErrors":%d}}\n',
    summary.requests, summary.bytes, summary.duration, latency:percentile(50), latency:percentile(90),
    latency:percentile(99), latency:percentile(99.9), latency.max, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout))
end
