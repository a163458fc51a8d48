import type { EpochMs } from '@holdfast/shared';
import type { RequestRecord } from '../forward/request-record.ts';
import { HTTP_METRICS } from './catalogue/http-metrics.ts';
import { PoolSessions } from './pool-sessions.ts';
import type { Attributes, MetricsSnapshot } from './snapshot.ts';
import type { SuspicionRecorder } from './violation.ts';

/** What requests to one pool have carried, and what became of their sessions. The pool is empty for those that came to none. */
export class PoolTraffic {
  readonly sessions: PoolSessions;
  readonly #attributes: Attributes;
  readonly #sinceMs: EpochMs;
  #bytesIn = 0;
  #bytesOut = 0;
  #retries = 0;

  constructor(pool: string, now: () => EpochMs, suspicions?: SuspicionRecorder) {
    this.sessions = new PoolSessions(pool, now, suspicions);
    this.#attributes = pool === '' ? {} : { 'holdfast.pool': pool };
    this.#sinceMs = now();
  }

  get retries(): number {
    return this.#retries;
  }

  take(record: RequestRecord): void {
    const { resolution, attempts } = record;
    this.#bytesIn += record.bytesIn;
    this.#bytesOut += record.bytesOut;
    if (attempts > 1) this.#retries += attempts - 1;
    if (resolution !== undefined) this.sessions.resolved(resolution, record.affinityMs);
  }

  collect(): MetricsSnapshot {
    const point = (value: number) => [{ attributes: this.#attributes, value, sinceMs: this.#sinceMs }];
    return [
      { name: HTTP_METRICS.requestBytes.name, points: point(this.#bytesIn) },
      { name: HTTP_METRICS.responseBytes.name, points: point(this.#bytesOut) },
      { name: HTTP_METRICS.retries.name, points: point(this.#retries) },
      ...this.sessions.collect(),
    ];
  }
}
