import type { Clock, EndpointId, Logger, PoolName } from '@holdfast/shared';
import type { HealthCheckConfig, OutlierDetectionConfig } from '@holdfast/shared/config';
import type { Selector } from '../balance/selector.ts';
import { afterProbe, type ProbeResult } from '../health/health-check.ts';
import { afterEvent, type OutlierEvent, type OutlierState } from '../health/outlier-detection.ts';
import type { Endpoint } from './endpoint.ts';

export interface PoolOptions {
  readonly name: PoolName;
  readonly endpoints: readonly Endpoint[];
  readonly selector: Selector;
  /** Undefined: no active checks; then an ejection ends by time. */
  readonly healthCheck: HealthCheckConfig | undefined;
  readonly outlierDetection: OutlierDetectionConfig;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Interchangeable endpoints, and which of them may serve at this moment.
 *
 * The lists of candidates are rebuilt when the standing of an endpoint changes, never for a request.
 */
export class Pool {
  readonly name: PoolName;
  readonly endpoints: readonly Endpoint[];
  readonly healthCheck: HealthCheckConfig | undefined;
  readonly #byId: ReadonlyMap<EndpointId, Endpoint>;
  readonly #selector: Selector;
  readonly #outlierDetection: OutlierDetectionConfig;
  readonly #clock: Clock;
  readonly #log: Logger;
  #usable: readonly Endpoint[] = [];
  #candidates: readonly Endpoint[] = [];

  constructor(options: PoolOptions) {
    this.name = options.name;
    this.endpoints = options.endpoints;
    this.healthCheck = options.healthCheck;
    this.#byId = new Map(options.endpoints.map((endpoint) => [endpoint.id, endpoint]));
    this.#selector = options.selector;
    this.#outlierDetection = options.outlierDetection;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#rebuild();
  }

  /** The endpoint of that id, if this node's configuration knows it. */
  find(id: EndpointId): Endpoint | undefined {
    return this.#byId.get(id);
  }

  /**
   * The endpoints that sessions may come to: the usable ones that take new sessions or, if none does, all usable ones.
   * A weight of 0 or a drain is no reason for a 503.
   */
  get candidates(): readonly Endpoint[] {
    return this.#candidates;
  }

  /** The endpoints that may serve, in the order of their ids, so that every node sees the same list. */
  get usable(): readonly Endpoint[] {
    return this.#usable;
  }

  /**
   * The balance policy's choice for a session that is not pinned, or for a request without a session.
   * @param except an endpoint that has just failed, chosen only when there is no other
   */
  select(except?: Endpoint): Endpoint | undefined {
    const chosen = this.#selector.select();
    if (chosen !== except || chosen === undefined) return chosen;
    return this.#selector.select(except) ?? chosen;
  }

  /** Takes in how a probe ended. Probes that bring an endpoint back end its ejection as well. */
  probed(endpoint: Endpoint, result: ProbeResult): void {
    if (this.healthCheck === undefined) return;
    const next = afterProbe(endpoint.check, result, this.healthCheck);
    const isBack = endpoint.check.kind === 'failing' && next.kind === 'passing';
    this.#change(endpoint, `health check ${result}`, () => {
      endpoint.check = next;
      if (isBack) endpoint.outlier = this.#afterEvent(endpoint, 'recovered');
    });
  }

  /** Takes in what a request experienced at the endpoint. */
  reported(endpoint: Endpoint, event: OutlierEvent): void {
    const next = this.#afterEvent(endpoint, event);
    if (next === endpoint.outlier) return;
    this.#change(endpoint, event, () => {
      endpoint.outlier = next;
      if (next.kind === 'ejected') this.#planReturn(endpoint);
    });
  }

  /** What ends an ejection: probes that pass, where there are any; else time. */
  #planReturn(endpoint: Endpoint): void {
    if (this.healthCheck !== undefined) endpoint.check = { kind: 'failing', passes: 0 };
    else
      this.#clock.after(this.#outlierDetection.ejectionTime, () => this.reported(endpoint, 'ejection-over'));
  }

  #afterEvent(endpoint: Endpoint, event: OutlierEvent): OutlierState {
    return afterEvent(endpoint.outlier, event, this.#outlierDetection, this.#clock.now());
  }

  #change(endpoint: Endpoint, cause: string, apply: () => void): void {
    const before = endpoint.standing;
    apply();
    if (endpoint.standing === before) return;
    this.#rebuild();
    const fields = { pool: this.name, endpoint: endpoint.id, from: before, to: endpoint.standing, cause };
    if (endpoint.standing === 'down') this.#log.warn(fields, 'endpoint is down');
    else this.#log.info(fields, 'endpoint is back');
  }

  #rebuild(): void {
    this.#usable = this.endpoints
      .filter((endpoint) => endpoint.standing !== 'down')
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const takers = this.#usable.filter((endpoint) => endpoint.takesNewSessions);
    this.#candidates = takers.length > 0 ? takers : this.#usable;
    this.#selector.use(this.#candidates);
  }
}
