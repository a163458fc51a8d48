import type { EndpointId, EpochMs } from '@holdfast/shared';
import { type HealthCheckState, initialHealthCheck } from '../health/health-check.ts';
import { initialOutlier, type OutlierState } from '../health/outlier-detection.ts';

/**
 * Whether an endpoint may serve.
 *
 * - `serving`: yes, whoever asks
 * - `draining`: only the sessions that came before the drain
 * - `down`: nobody
 */
export type EndpointStanding = 'serving' | 'draining' | 'down';

/**
 * An address that serves, and what this node knows of it. Only {@link Pool} changes its health, so that
 * every change is seen and logged in one place.
 */
export class Endpoint {
  readonly id: EndpointId;
  /** Scheme, host and port: `http://10.0.0.1:8080`. */
  readonly origin: string;
  /** Share of new sessions; 0 keeps those it has and gets no new ones. */
  readonly weight: number;
  /** Requests of this node that are under way at the endpoint. */
  inFlight = 0;
  check: HealthCheckState = initialHealthCheck;
  outlier: OutlierState = initialOutlier;
  /** Since when the endpoint drains; undefined while it does not. */
  drainingSinceMs: EpochMs | undefined = undefined;

  constructor(id: EndpointId, origin: string, weight: number) {
    this.id = id;
    this.origin = origin;
    this.weight = weight;
  }

  get standing(): EndpointStanding {
    if (this.check.kind === 'failing' || this.outlier.kind === 'ejected') return 'down';
    return this.drainingSinceMs === undefined ? 'serving' : 'draining';
  }

  /** Whether a session that is not pinned yet may come here. */
  get takesNewSessions(): boolean {
    return this.weight > 0 && this.standing === 'serving';
  }
}
