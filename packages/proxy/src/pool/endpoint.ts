import type { EndpointId, EpochMs } from '@holdfast/shared';
import { type HealthCheckState, initialHealthCheck } from '../health/health-check.ts';
import { initialOutlier, type OutlierState } from '../health/outlier-detection.ts';
import { pinIdOf } from './incarnation.ts';

/**
 * Whether an endpoint may serve.
 *
 * - `serving`: yes, whoever asks
 * - `draining`: only the sessions that came before the drain
 * - `suspect`: nobody here; as only this node holds it down, its sessions are served elsewhere and not moved
 * - `down`: nobody
 */
export type EndpointStanding = 'serving' | 'draining' | 'suspect' | 'down';

/**
 * What the nodes of a cluster have come to about an endpoint.
 *
 * - `none`: they are too few; what this node holds of it counts
 * - `up`: most of them hold it up
 * - `down`: most of them hold it down
 */
export type Agreement = 'none' | 'up' | 'down';

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
  /** Whether it is about to leave the pool: it keeps every session and takes no new ones. Default: false. */
  readonly isLeaving?: boolean;
  /** Who has named it. Default: the configuration. */
  readonly from?: EndpointFrom;
}

/** Who names endpoints. */
export type EndpointFrom = 'configuration' | 'dns' | 'file' | 'kubernetes' | 'operator';

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
  /** What the cluster has come to, as far as this node knows. */
  agreement: Agreement = 'none';
  isLeaving: boolean;
  from: EndpointFrom;
  /** Since when operators have it drain; undefined while they do not. */
  drainingSinceMs: EpochMs | undefined = undefined;
  /** Which process serves at the address, as far as this node has been told. */
  incarnation: string | undefined;
  /** Whether whoever names the endpoint says that: then nobody else does. */
  isIncarnationNamed: boolean;
  /** Since when this node knows of that process. */
  incarnationSinceMs: EpochMs = 0;
  /** Whether this node has seen that process take the place of another. */
  isSuccessor = false;
  /** What pins that are made now say of the endpoint: its id, and its incarnation where that is known. */
  pinId: EndpointId;

  constructor(spec: EndpointSpec) {
    this.id = spec.id;
    this.origin = spec.origin;
    this.weight = spec.weight;
    this.isBackup = spec.isBackup;
    this.connectionsMax = spec.connectionsMax;
    this.label = spec.label;
    this.isSticky = spec.isSticky ?? true;
    this.isLeaving = spec.isLeaving ?? false;
    this.from = spec.from ?? 'configuration';
    this.share = Math.max(1, spec.weight);
    this.incarnation = spec.incarnation;
    this.isIncarnationNamed = spec.incarnation !== undefined;
    this.pinId = pinIdOf(spec.id, spec.incarnation);
  }

  /** This node's own opinion, which it tells the others. */
  get isHeldDown(): boolean {
    return this.check.kind === 'failing' || this.outlier.kind === 'ejected';
  }

  get standing(): EndpointStanding {
    if (this.isHeldDown) return this.agreement === 'up' ? 'suspect' : 'down';
    return this.drainingSinceMs === undefined && !this.isLeaving ? 'serving' : 'draining';
  }

  /** Sessions that came before that moment stay while it drains: all of them, unless operators have it drain. */
  get staysBeforeMs(): EpochMs {
    return this.drainingSinceMs ?? Number.POSITIVE_INFINITY;
  }

  /** Whether it may serve any session of this node. */
  get isUsable(): boolean {
    return !this.isHeldDown;
  }

  /** Whether a session that is not pinned yet may come here. It would have to leave again where the others hold it down. */
  get takesNewSessions(): boolean {
    return this.weight > 0 && this.standing === 'serving' && this.agreement !== 'down';
  }

  /** Whether a request that came now would not have to wait. */
  get hasRoom(): boolean {
    return this.inFlight < this.connectionsMax;
  }
}
