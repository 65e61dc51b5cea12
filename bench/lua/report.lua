-- What every script of this folder prints when it is done: one line of JSON on standard output.
-- Latencies are in microseconds, as wrk counts them. `answers` are counts of a script that
-- looks at them.
function report(summary, latency, answers)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"durationUs":%d,"p50Us":%d,"p95Us":%d,"p99Us":%d,"maxUs":%d,"failed":%d,' ..
    '"accepted":%d,"refused":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(95),
    latency:percentile(99), latency.max,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    answers and answers.accepted or 0, answers and answers.refused or 0))
end
