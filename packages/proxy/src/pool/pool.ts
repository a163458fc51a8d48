import type { Clock, EndpointId, EpochMs, Logger, PoolName } from '@holdfast/shared';
import type { HealthCheckConfig, OutlierDetectionConfig } from '@holdfast/shared/config';
import type { Admits, Newcomer, Selector } from '../balance/selector.ts';
import { afterProbe, initialHealthCheck, type ProbeResult } from '../health/health-check.ts';
import { afterEvent, type OutlierEvent, type OutlierState } from '../health/outlier-detection.ts';
import type { Agreement, Endpoint, EndpointSpec, EndpointStanding } from './endpoint.ts';
import { type EndpointsChange, endpointsChange, isChange } from './endpoint-change.ts';
import { pinIdOf, pinIdsOf } from './incarnation.ts';
import { SlowStart } from './slow-start.ts';

/** By what a pool chooses and judges its endpoints. */
export interface PoolSettings {
  readonly selector: Selector;
  /** Undefined: no active checks; then an ejection ends by time. */
  readonly healthCheck: HealthCheckConfig | undefined;
  readonly outlierDetection: OutlierDetectionConfig;
  /** How long the share of an endpoint grows that has joined or come back. Default: 0, it has all of it at once. */
  readonly slowStartMs?: number;
}

export interface PoolOptions extends PoolSettings {
  readonly name: PoolName;
  readonly endpoints: readonly Endpoint[];
  readonly clock: Clock;
  readonly log: Logger;
}

/** Who must know which endpoints a pool has: those that keep connections to them, probe them, or tell others of them. */
export interface PoolWatcher {
  /** The pool has changed: it answers with the endpoints of `change` already. */
  endpointsChanged(change: EndpointsChange): void;
  /**
   * This process has found out by itself that an endpoint is down, is back, or is another process. Default: nobody wants to
   * know.
   */
  standingChanged?(endpoint: Endpoint): void;
  /** It has learnt that of another process of this node. Default: nobody wants to know. */
  standingLearnt?(endpoint: Endpoint): void;
  /** The cluster has come to something by which it stands otherwise. Default: nobody wants to know. */
  standingAgreed?(endpoint: Endpoint): void;
}

/** Why an endpoint is down, or that it is not, and which process serves there, where that is known. */
export type EndpointHealth = Pick<Endpoint, 'check' | 'outlier'> & Pick<EndpointSpec, 'incarnation'>;

const hasRoom: Admits = (endpoint) => endpoint.hasRoom;
const anyone: Admits = () => true;

/**
 * Interchangeable endpoints, and which of them may serve at this moment.
 *
 * The lists of candidates are rebuilt when the standing of an endpoint changes, or the endpoints themselves do, never
 * for a request.
 */
export class Pool {
  readonly name: PoolName;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #watchers = new Set<PoolWatcher>();
  readonly #slowStart: SlowStart;
  #settings: PoolSettings;
  #completeUntilMs: () => EpochMs = () => Number.NEGATIVE_INFINITY;
  #endpoints: readonly Endpoint[];
  #byId: ReadonlyMap<EndpointId, Endpoint>;
  #byPinId: ReadonlyMap<EndpointId, Endpoint>;
  #usable: readonly Endpoint[] = [];
  #candidates: readonly Endpoint[] = [];

  constructor(options: PoolOptions) {
    this.name = options.name;
    this.#settings = options;
    this.#endpoints = options.endpoints;
    this.#byId = byId(options.endpoints);
    this.#byPinId = byPinId(options.endpoints);
    this.#clock = options.clock;
    this.#log = options.log;
    this.#slowStart = new SlowStart(options.slowStartMs ?? 0, options.clock, () => this.#share());
    for (const endpoint of options.endpoints) endpoint.incarnationSinceMs = options.clock.now();
    this.#rebuild();
  }

  /** All endpoints, usable or not. The list stays the same until they change, and is another one from then on. */
  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  /**
   * An endpoint that a session came to before that moment, and that is unknown here, is known to no node: it has gone.
   * Minus infinity where only the configuration names endpoints, which may reach other nodes earlier.
   */
  get completeUntilMs(): EpochMs {
    return this.#completeUntilMs();
  }

  /** Has {@link completeUntilMs} be what this says, or what it is by default. */
  completeUntil(untilMs: (() => EpochMs) | undefined): void {
    this.#completeUntilMs = untilMs ?? (() => Number.NEGATIVE_INFINITY);
  }

  get healthCheck(): HealthCheckConfig | undefined {
    return this.#settings.healthCheck;
  }

  /**
   * Has the pool consist of these endpoints, whoever knows of them: the configuration, discovery, an operator. An
   * endpoint whose id and origin stay keeps its health and its requests; one that leaves gets no further session, and what is
   * under way there goes on.
   *
   * @param wanted each id once, with the name of this pool
   */
  setEndpoints(wanted: readonly EndpointSpec[]): EndpointsChange {
    const change = endpointsChange(this.#endpoints, wanted);
    if (!isChange(change)) return change;
    for (const { endpoint, traits } of change.changed) {
      const { weight, isBackup, connectionsMax, label, incarnation } = traits;
      const { isSticky = true, isLeaving = false, from = 'configuration' } = traits;
      Object.assign(endpoint, { weight, isBackup, connectionsMax, label, isSticky, isLeaving, from });
      endpoint.isIncarnationNamed = incarnation !== undefined;
      if (incarnation !== undefined && incarnation !== endpoint.incarnation)
        this.#incarnate(endpoint, incarnation);
    }
    for (const endpoint of change.added) {
      this.#slowStart.begin(endpoint);
      endpoint.incarnationSinceMs = this.#clock.now();
    }
    this.#endpoints = change.endpoints;
    this.#byId = byId(change.endpoints);
    this.#byPinId = byPinId(change.endpoints);
    this.#rebuild();
    for (const watcher of [...this.#watchers]) watcher.endpointsChanged(change);
    return change;
  }

  /**
   * Has the pool choose and judge by these settings from now on. What is known of its endpoints stays; only what was to end
   * by a probe ends by time where there are no probes any more.
   */
  configure(settings: PoolSettings): void {
    this.#settings = settings;
    this.#slowStart.configure(settings.slowStartMs ?? 0);
    if (settings.healthCheck === undefined) {
      for (const endpoint of this.#endpoints) this.#forgetProbes(endpoint);
    }
    this.#rebuild();
  }

  /** Tells this watcher of every change of endpoints, until the answer is called. */
  watch(watcher: PoolWatcher): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** The endpoint of that id, if this node's configuration knows it. */
  find(id: EndpointId): Endpoint | undefined {
    return this.#byId.get(id);
  }

  /** The endpoint that a pin names, while the process serves there that its session came to. */
  pinnedTo(id: EndpointId): Endpoint | undefined {
    return this.#byPinId.get(id);
  }

  /**
   * The endpoints that sessions may come to: the usable ones that take new sessions, backups only where there is no
   * other; if none takes any, all usable ones. A weight of 0 or a drain is no reason for a 503.
   */
  get candidates(): readonly Endpoint[] {
    return this.#candidates;
  }

  /** What {@link candidates} will be if that endpoint goes down. */
  candidatesWithout(endpoint: Endpoint): readonly Endpoint[] {
    return candidatesAmong(this.#usable.filter((other) => other !== endpoint));
  }

  /** The endpoints that may serve, in the order of their ids, so that every node sees the same list. */
  get usable(): readonly Endpoint[] {
    return this.#usable;
  }

  /**
   * The balance policy's choice for a session that is not pinned, or for a request without a session. An endpoint that
   * has all the requests that it may have is chosen only where all others have as well: somebody must wait then.
   *
   * @param except an endpoint that has just failed, chosen only when there is no other
   */
  select(newcomer: Newcomer, except?: Endpoint): Endpoint | undefined {
    const { selector } = this.#settings;
    if (except === undefined) return selector.select(newcomer, hasRoom) ?? selector.select(newcomer, anyone);
    return (
      selector.select(newcomer, (endpoint) => endpoint !== except && endpoint.hasRoom) ??
      selector.select(newcomer, (endpoint) => endpoint !== except) ??
      selector.select(newcomer, anyone)
    );
  }

  /** Takes in how a probe ended. Probes that bring an endpoint back end its ejection as well. */
  probed(endpoint: Endpoint, result: ProbeResult): void {
    const { healthCheck } = this.#settings;
    if (healthCheck === undefined) return;
    const next = afterProbe(endpoint.check, result, healthCheck);
    const isBack = endpoint.check.kind === 'failing' && next.kind === 'passing';
    this.#change(endpoint, `health check ${result}`, () => {
      endpoint.check = next;
      if (isBack) endpoint.outlier = this.#afterEvent(endpoint, 'recovered');
    });
  }

  /** Takes in which process serves at the address of an endpoint. The sessions of its predecessor are not its own. */
  identified(endpoint: Endpoint, incarnation: string): void {
    if (endpoint.incarnation === incarnation || this.find(endpoint.id) !== endpoint) return;
    this.#incarnate(endpoint, incarnation);
    this.#followIncarnations();
    const fields = { pool: this.name, endpoint: endpoint.id };
    if (endpoint.isSuccessor) this.#log.info(fields, 'endpoint is another process');
    else this.#log.debug(fields, 'endpoint says which process it is');
    for (const watcher of [...this.#watchers]) watcher.standingChanged?.(endpoint);
  }

  /**
   * Has an endpoint drain: sessions that came to it from that moment on move away, and no new ones come. Undefined: it
   * drains no longer. Minus infinity: every session moves away.
   */
  drain(endpoint: Endpoint, sinceMs: EpochMs | undefined): void {
    const before = endpoint.drainingSinceMs;
    if (before === sinceMs || this.find(endpoint.id) !== endpoint) return;
    endpoint.drainingSinceMs = sinceMs;
    this.#rebuild();
    const fields = { pool: this.name, endpoint: endpoint.id };
    if (sinceMs === undefined) this.#log.info(fields, 'endpoint drains no longer');
    else if (before === undefined) this.#log.info(fields, 'endpoint drains');
    else this.#log.info(fields, 'endpoint drains by other terms');
  }

  /** Takes in what a request experienced at the endpoint. */
  reported(endpoint: Endpoint, event: OutlierEvent): void {
    const next = this.#afterEvent(endpoint, event);
    if (next === endpoint.outlier) return;
    this.#change(endpoint, event, () => {
      endpoint.outlier = next;
      if (next.kind === 'ejected') this.#planReturn(endpoint, next.untilMs);
    });
  }

  /**
   * Takes in what another process of this node has found out about an endpoint. Watchers are told that it was another:
   * whoever found out has told everybody.
   */
  learn(endpoint: Endpoint, { check, outlier, incarnation }: EndpointHealth): void {
    const isNews = incarnation !== undefined && incarnation !== endpoint.incarnation;
    if (isNews && !endpoint.isIncarnationNamed) {
      this.#incarnate(endpoint, incarnation);
      this.#followIncarnations();
    }
    const isEjection = outlier.kind === 'ejected' && endpoint.outlier.kind !== 'ejected';
    const from = endpoint.standing;
    endpoint.check = check;
    endpoint.outlier = outlier;
    if (isEjection) this.#planReturn(endpoint, outlier.untilMs);
    if (endpoint.standing === from || this.find(endpoint.id) !== endpoint) return;
    this.#moved(endpoint, from);
    this.#log.debug(
      { pool: this.name, endpoint: endpoint.id, from, to: endpoint.standing },
      'endpoint is known to be otherwise',
    );
    for (const watcher of [...this.#watchers]) watcher.standingLearnt?.(endpoint);
  }

  /** Takes in what the cluster has come to about an endpoint. What this node itself holds of it stays. */
  agreed(endpoint: Endpoint, agreement: Agreement): void {
    const { standing: before, takesNewSessions } = endpoint;
    endpoint.agreement = agreement;
    if (endpoint.standing === before && endpoint.takesNewSessions === takesNewSessions) return;
    this.#rebuild();
    if (endpoint.standing === before) return;
    this.#tell(endpoint, before, 'agreement');
    for (const watcher of [...this.#watchers]) watcher.standingAgreed?.(endpoint);
  }

  /** What ends an ejection: probes that pass, where there are any; else time. */
  #planReturn(endpoint: Endpoint, untilMs: EpochMs): void {
    if (this.healthCheck !== undefined) endpoint.check = { kind: 'failing', passes: 0 };
    else
      this.#clock.after(Math.max(0, untilMs - this.#clock.now()), () =>
        this.reported(endpoint, 'ejection-over'),
      );
  }

  #incarnate(endpoint: Endpoint, incarnation: string): void {
    endpoint.isSuccessor = endpoint.incarnation !== undefined;
    endpoint.incarnation = incarnation;
    endpoint.incarnationSinceMs = this.#clock.now();
    endpoint.pinId = pinIdOf(endpoint.id, incarnation);
  }

  /** Whoever goes by what pins say of endpoints sees another list. */
  #followIncarnations(): void {
    this.#endpoints = [...this.#endpoints];
    this.#byPinId = byPinId(this.#endpoints);
  }

  #forgetProbes(endpoint: Endpoint): void {
    const { check, outlier } = endpoint;
    if (check.kind === 'failing' && outlier.kind === 'ejected') this.#planReturn(endpoint, outlier.untilMs);
    this.#change(endpoint, 'health check removed', () => {
      endpoint.check = initialHealthCheck;
    });
  }

  #afterEvent(endpoint: Endpoint, event: OutlierEvent): OutlierState {
    return afterEvent(endpoint.outlier, event, this.#settings.outlierDetection, this.#clock.now());
  }

  #change(endpoint: Endpoint, cause: string, apply: () => void): void {
    const before = endpoint.standing;
    apply();
    // What is still heard of an endpoint that has left the pool concerns nobody.
    if (endpoint.standing === before || this.find(endpoint.id) !== endpoint) return;
    this.#moved(endpoint, before);
    this.#tell(endpoint, before, cause);
    for (const watcher of [...this.#watchers]) watcher.standingChanged?.(endpoint);
  }

  #tell({ id, standing, isUsable }: Endpoint, from: EndpointStanding, cause: string): void {
    const fields = { pool: this.name, endpoint: id, from, to: standing, cause };
    if (isUsable) this.#log.info(fields, 'endpoint is back');
    else this.#log.warn(fields, `endpoint is ${standing}`);
  }

  #moved(endpoint: Endpoint, before: EndpointStanding): void {
    if (before === 'down' || before === 'suspect') this.#slowStart.begin(endpoint);
    this.#rebuild();
  }

  #rebuild(): void {
    this.#usable = this.#endpoints.filter(({ isUsable }) => isUsable).sort((a, b) => (a.id < b.id ? -1 : 1));
    this.#candidates = candidatesAmong(this.#usable);
    this.#share();
  }

  #share(): void {
    for (const endpoint of this.#candidates) endpoint.share = this.#slowStart.shareOf(endpoint);
    this.#settings.selector.use(this.#candidates);
  }
}

function candidatesAmong(usable: readonly Endpoint[]): readonly Endpoint[] {
  const takers = usable.filter((endpoint) => endpoint.takesNewSessions);
  if (takers.length === 0) return usable;
  const primaries = takers.filter(({ isBackup }) => !isBackup);
  return primaries.length > 0 ? primaries : takers;
}

const byId = (endpoints: readonly Endpoint[]): ReadonlyMap<EndpointId, Endpoint> =>
  new Map(endpoints.map((endpoint) => [endpoint.id, endpoint]));

/** By all that pins say of the process that serves there: one that names no process may be of a successor's predecessor. */
const byPinId = (endpoints: readonly Endpoint[]): ReadonlyMap<EndpointId, Endpoint> =>
  new Map(endpoints.flatMap((endpoint) => pinIdsOf(endpoint).map((id) => [id, endpoint] as const)));
