import type { EndpointId, EpochMs } from '@holdfast/shared';
import { type HealthCheckState, initialHealthCheck } from '../health/health-check.ts';
import { initialOutlier, type OutlierState } from '../health/outlier-detection.ts';
import { pinIdOf } from './incarnation.ts';

/**
 * Whether an endpoint may serve.
 *
 * - `serving`: yes, whoever asks
 * - `draining`: only the sessions that came before the drain
 * - `down`: nobody
 */
export type EndpointStanding = 'serving' | 'draining' | 'down';

/** What may become otherwise of an endpoint while it stays the same. */
export interface EndpointTraits {
  /** Share of new sessions; 0 keeps those it has and gets no new ones. */
  readonly weight: number;
  /** Whether it gets new sessions only while no other endpoint takes any. */
  readonly isBackup: boolean;
  /** Requests that this node may have under way there; more of them wait. Infinity: no limit. */
  readonly connectionsMax: number;
  /** What stands for the endpoint where clients name it in the clear. Default: nothing does. */
  readonly label?: string | undefined;
  /** Whether sessions are pinned here; false: it only serves those whose own endpoint cannot. Default: true. */
  readonly isSticky?: boolean;
  /** Which process serves at the address, where the configuration says so. Default: what health checks find out, if anything. */
  readonly incarnation?: string | undefined;
}

/** What a pool is told of an endpoint. */
export interface EndpointSpec extends EndpointTraits {
  readonly id: EndpointId;
  /** Scheme, host and port: `http://10.0.0.1:8080`. */
  readonly origin: string;
}

/**
 * An address that serves, and what this node knows of it. Only {@link Pool} changes its health and its
 * traits, so that every change is seen and logged in one place.
 */
export class Endpoint implements EndpointSpec {
  readonly id: EndpointId;
  readonly origin: string;
  weight: number;
  isBackup: boolean;
  connectionsMax: number;
  label: string | undefined;
  isSticky: boolean;
  /** What the balance policy goes by: the weight, at least 1, as far as the endpoint has warmed up. */
  share: number;
  /** Requests of this node that are under way at the endpoint or wait for a place there. */
  inFlight = 0;
  /** How many of them wait. */
  waiting = 0;
  check: HealthCheckState = initialHealthCheck;
  outlier: OutlierState = initialOutlier;
  /** Since when the endpoint drains; undefined while it does not. */
  drainingSinceMs: EpochMs | undefined = undefined;
  /** Which process serves at the address, as far as this node has been told. */
  incarnation: string | undefined;
  /** Since when this node knows of that process. */
  incarnationSinceMs: EpochMs = 0;
  /** Whether this node has seen that process take the place of another. */
  isSuccessor = false;
  /** What pins that are made now say of the endpoint: its id, and its incarnation where that is known. */
  pinId: EndpointId;

  constructor(spec: EndpointSpec) {
    const { id, origin, weight, isBackup, connectionsMax, label, isSticky = true, incarnation } = spec;
    this.id = id;
    this.origin = origin;
    this.weight = weight;
    this.isBackup = isBackup;
    this.connectionsMax = connectionsMax;
    this.label = label;
    this.isSticky = isSticky;
    this.share = Math.max(1, weight);
    this.incarnation = incarnation;
    this.pinId = pinIdOf(id, incarnation);
  }

  get standing(): EndpointStanding {
    if (this.check.kind === 'failing' || this.outlier.kind === 'ejected') return 'down';
    return this.drainingSinceMs === undefined ? 'serving' : 'draining';
  }

  /** Whether a session that is not pinned yet may come here. */
  get takesNewSessions(): boolean {
    return this.weight > 0 && this.standing === 'serving';
  }

  /** Whether a request that came now would not have to wait. */
  get hasRoom(): boolean {
    return this.inFlight < this.connectionsMax;
  }
}
