import { describe, expect, it } from 'vitest';
import { readWrkOutput } from './load.ts';

const report = (bytes: number): string =>
  `Running 2s test\n{"result":{"requests":3000,"bytes":${bytes},"durationUs":2000000,` +
  '"latencyUs":{"p50":700,"p90":900,"p99":1500,"p999":2000,"max":3000},"badStatus":0,"socketErrors":3}}\n' +
  'Requests/sec: 1500\n';

describe("wrk's output", () => {
  it('gives rates, latencies in milliseconds, and all errors together', () => {
    expect(readWrkOutput(report(900_000), 200)).toEqual({
      requests: 3_000,
      durationMs: 2_000,
      requestsPerSecond: 1_500,
      latencyMs: { p50: 0.7, p90: 0.9, p99: 1.5, p999: 2, max: 3 },
      errors: 3,
    });
  });

  it('with answers that are too short is an error', () => {
    expect(() => readWrkOutput(report(500_000), 200)).toThrow('3000 answers had only 500000 bytes');
  });

  it('without the report is shown as the error that it is', () => {
    expect(() => readWrkOutput('unable to connect', 0)).toThrow(
      'the load generator did not finish:\nunable to connect',
    );
  });
});
