import { endpointId, poolName, systemClock } from '@holdfast/shared';
import type { RequestRecord } from '../../../packages/proxy/src/forward/request-record.ts';
import { Endpoint } from '../../../packages/proxy/src/pool/endpoint.ts';
import { RequestCounters } from '../../../packages/proxy/src/record/request-counters.ts';
import { EndpointMetrics } from '../../../packages/proxy/src/telemetry/endpoint-metrics.ts';
import { RequestMetrics } from '../../../packages/proxy/src/telemetry/request-metrics.ts';

/** What metrics take of a request: CPU time of this process, in nanoseconds a call. Run it on a machine that is idle. */

const RECORDS = 64;
const WARM_UP = 500_000;
const CALLS = 5_000_000;
const NANOSECONDS_PER_MICROSECOND = 1_000;

const shop = poolName('shop');
const endpoints = Array.from(
  { length: 4 },
  (_, index) =>
    new Endpoint({
      id: endpointId(shop, `shop-${index}`),
      origin: `http://10.0.0.${index}:8080`,
      weight: 1,
      isBackup: false,
      connectionsMax: Number.POSITIVE_INFINITY,
    }),
);

/** The record of a warm request, which is asked for its duration as that of a forwarding is: by a look at the clock. */
class Record implements RequestRecord {
  readonly listener = 'web';
  readonly pool = shop;
  readonly path = '/cart';
  readonly httpVersion = '1.1';
  readonly requestId = 'request';
  readonly clientAddress = '192.0.2.7';
  readonly isSecure = false;
  readonly trace = undefined;
  readonly status = 200;
  readonly error = undefined;
  readonly attempts = 1;
  readonly bytesIn = 0;
  readonly bytesOut = 512;
  readonly affinityMs = 0;
  readonly upstreamMs = 1;
  readonly route: string;
  readonly method: string;
  readonly resolution: RequestRecord['resolution'];
  readonly #startedAtMs = systemClock.elapsed();

  constructor(index: number) {
    this.route = ['/', '/cart', '/api'][index % 3] as string;
    this.method = index % 7 === 0 ? 'POST' : 'GET';
    this.resolution = {
      endpoint: endpoints[index % endpoints.length],
      refusal: undefined,
      outcome: 'hit',
      source: 'cookie',
      tier: index % 10 === 0 ? 'store' : 'near',
      reason: undefined,
      session: undefined,
      movedFrom: undefined,
    };
  }

  get durationMs(): number {
    return systemClock.elapsed() - this.#startedAtMs;
  }
}

function measure(what: string, call: (index: number) => void): void {
  for (let index = 0; index < WARM_UP; index++) call(index % RECORDS);
  const before = process.cpuUsage();
  for (let index = 0; index < CALLS; index++) call(index % RECORDS);
  const { user, system } = process.cpuUsage(before);
  const nanoseconds = ((user + system) * NANOSECONDS_PER_MICROSECOND) / CALLS;
  console.log(`${what.padEnd(48)} ${nanoseconds.toFixed(0).padStart(5)} ns`);
}

const records = Array.from({ length: RECORDS }, (_, index) => new Record(index));
const recordOf = (index: number): Record => records[index] as Record;
const counters = new RequestCounters();
const requests = new RequestMetrics(() => systemClock.now());
const attempts = new EndpointMetrics(systemClock);
attempts.follow({ name: shop, endpoints, watch: () => () => {} } as never);
let sum = 0;

measure('nothing', (index) => {
  sum += recordOf(index).status;
});
measure('the duration of a request', (index) => {
  sum += recordOf(index).durationMs;
});
measure('a request, counted without metrics', (index) => counters.requestFinished(recordOf(index)));
measure('a request, with metrics, duration included', (index) => requests.requestFinished(recordOf(index)));
measure('an attempt at one of four endpoints', (index) =>
  attempts.attemptFinished(endpoints[index % endpoints.length] as Endpoint, 'GET', 200, 1, undefined),
);
if (Number.isNaN(sum)) console.log(requests.totals());
