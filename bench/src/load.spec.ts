import { describe, expect, it } from 'vitest';
import { parseWrkOutput } from './load.ts';

describe("wrk's output", () => {
  it('gives rates, latencies in milliseconds, and all errors together', () => {
    const report =
      '{"wrk":{"requests":3000,"durationUs":2000000,"p50Us":700,"p99Us":1500,"badStatus":2,"socketErrors":3}}';

    expect(parseWrkOutput(`Running 2s test\n${report}\nRequests/sec: 1500\n`)).toEqual({
      requests: 3_000,
      durationMs: 2_000,
      requestsPerSecond: 1_500,
      p50Ms: 0.7,
      p99Ms: 1.5,
      errors: 5,
    });
  });

  it('without the report is shown as the error that it is', () => {
    expect(() => parseWrkOutput('unable to connect')).toThrow('wrk did not finish:\nunable to connect');
  });
});
