import type { EpochMs } from '@holdfast/shared';
import type { Endpoint } from '../pool/endpoint.ts';
import { endpointAddressOf } from '../upstream/endpoint-address.ts';
import { AnswerDurations } from './answer-durations.ts';
import { ENDPOINT_METRICS } from './catalogue/endpoint-metrics.ts';
import { HTTP_METRICS } from './catalogue/http-metrics.ts';
import { boundsMsOf } from './durations.ts';
import type { Attributes, MetricsSnapshot } from './snapshot.ts';

/** By what an endpoint was found down. */
export type EjectionCause = 'health-check' | 'requests';

const BOUNDS_MS = boundsMsOf(HTTP_METRICS.clientDuration);

/** What has been counted of one endpoint. It is known by id and address: whoever comes back under both goes on. */
export class EndpointSeries {
  readonly attempts: AnswerDurations;
  /** When the endpoint left its pool, on the clock that never goes back; undefined while it is in it. */
  goneAtMs: number | undefined = undefined;
  /** Whether it was held down when somebody looked last. */
  isDown = false;
  readonly #ejections = new Map<EjectionCause, number>();
  readonly #id: Attributes;
  readonly #address: Attributes;
  readonly #sinceMs: EpochMs;

  /** @param now the wall clock */
  constructor(pool: string, { id, origin }: Pick<Endpoint, 'id' | 'origin'>, now: () => EpochMs) {
    const { address, port } = endpointAddressOf(origin);
    this.attempts = new AnswerDurations(BOUNDS_MS, now);
    this.#id = { 'holdfast.pool': pool, 'holdfast.endpoint': id };
    this.#address = { ...this.#id, 'server.address': address, 'server.port': port };
    this.#sinceMs = now();
  }

  ejected(cause: EjectionCause): void {
    this.#ejections.set(cause, (this.#ejections.get(cause) ?? 0) + 1);
  }

  collect(): MetricsSnapshot {
    return [
      { name: HTTP_METRICS.clientDuration.name, points: this.attempts.points(this.#address) },
      {
        name: ENDPOINT_METRICS.ejections.name,
        points: [...this.#ejections].map(([cause, value]) => ({
          attributes: { ...this.#id, 'holdfast.endpoint.ejection.cause': cause },
          value,
          sinceMs: this.#sinceMs,
        })),
      },
    ];
  }
}
