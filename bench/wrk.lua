-- Requests for wrk, and one line of JSON at the end.
-- Arguments: the method, a file that holds the body (empty: none), a file with one path a line.

local requests, at = {}, 0
local thread_count = 0

function setup(thread)
  thread:set("number", thread_count)
  thread_count = thread_count + 1
end

function init(args)
  local file = io.open(args[2], "rb")
  local body = file:read("*a")
  file:close()
  local headers = {}
  if #body > 0 then headers["Content-Type"] = "application/json" else body = nil end
  for path in io.lines(args[3]) do
    requests[#requests + 1] = wrk.format(args[1], path, headers, body)
  end
  at = number * 7919
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"microseconds":%d,"p50":%f,"p99":%f,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout
  ))
end
