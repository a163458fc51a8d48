import { isDeepStrictEqual } from 'node:util';
import { endpointId, type Logger, type NodeId, poolName, type Random, type Ticker } from '@holdfast/shared';
import { endpointOrigin, type PoolConfig } from '@holdfast/shared/config';
import type { Affinity } from '../affinity/affinity.ts';
import { keepAliveEveryMs } from '../affinity/keep-alive.ts';
import type { Selector } from '../balance/selector.ts';
import type { SessionCounts } from '../balance/session-counts.ts';
import type { PoolDiscovery } from '../discovery/pool-discovery.ts';
import type { NamedEndpoint } from '../discovery/registry.ts';
import { Forwarder } from '../forward/forwarder.ts';
import type { AttemptRecorder, RequestRecorder } from '../forward/request-record.ts';
import type { ProbeResult } from '../health/health-check.ts';
import type { Passage } from '../layer4/passage.ts';
import { Endpoint, type EndpointFrom, type EndpointSpec } from '../pool/endpoint.ts';
import { EndpointQueues, type QueueSettings } from '../pool/endpoint-queues.ts';
import { Pool, type PoolSettings } from '../pool/pool.ts';
import { probeOf } from '../probe/probe-of.ts';
import { Prober } from '../probe/prober.ts';
import type { EndpointTls } from '../upstream/endpoint-tls.ts';
import { Upstreams } from '../upstream/upstreams.ts';
import type { AddedEndpoints } from './added-endpoints.ts';
import { type AffinityEnvironment, affinityOf } from './pool-affinity.ts';
import { discoveryOf } from './pool-discovery-of.ts';
import { selectorOf } from './pool-selector.ts';
import { upstreamOf } from './pool-upstream.ts';

/** What the pools of a node share, whatever their configuration says. */
export interface PoolEnvironment extends AffinityEnvironment {
  readonly node: NodeId;
  readonly recorder: RequestRecorder;
  readonly attempts?: AttemptRecorder | undefined;
  readonly newRequestId: () => string;
  readonly ticker: Ticker;
  readonly random: Random;
  /** What `least-sessions` goes by. */
  readonly sessionCounts: SessionCounts;
  /** Endpoints beside those that the configuration or discovery names. */
  readonly added: AddedEndpoints;
  readonly log: Logger;
}

/** What a pool is to be: its part of the configuration, and what that refers to. */
export interface PoolPlan {
  readonly config: PoolConfig;
  /** Newest first. */
  readonly secrets: readonly string[];
  readonly tls: EndpointTls | undefined;
}

/** The next shape of a pool, ready to be taken on. Until then nothing of the pool has changed. */
export interface PreparedPool {
  readonly served: ServedPool;
  readonly forwarder: Forwarder;
  readonly passage: Passage;
  /**
   * Has its endpoints looked for where the configuration does not name them, until there are some or it takes too long.
   *
   * @throws HoldfastError `INTERNAL` if what it takes to look is not there
   */
  discover(): Promise<void>;
  commit(): void;
  /** Leaves nothing behind of what is not committed. */
  discard(): void;
}

/**
 * A pool with everything that serves it. It can take on another configuration while it serves: health, requests in flight
 * and, where they may stay, connections outlive that.
 */
export class ServedPool {
  readonly pool: Pool;
  readonly #environment: PoolEnvironment;
  readonly #upstreams: Upstreams;
  readonly #queues: EndpointQueues;
  readonly #prober: Prober;
  #selector: Selector;
  #plan: PoolPlan;
  #affinity: Affinity;
  #forwarder: Forwarder;
  #discovery: PoolDiscovery | undefined;

  constructor(plan: PoolPlan, environment: PoolEnvironment) {
    const { config, tls } = plan;
    const { clock, random, log, ticker } = environment;
    this.#environment = environment;
    this.#plan = plan;
    this.#selector = selectorOf(config.balance, environment);
    this.pool = new Pool({
      name: poolName(config.name),
      endpoints: this.#specsOf(config).map((spec) => new Endpoint(spec)),
      ...this.#settingsOf(config),
      clock,
      log,
    });
    this.#upstreams = new Upstreams(this.pool, (endpoint) => upstreamOf(endpoint, plan, ticker));
    this.#queues = new EndpointQueues(queueSettings(config), ticker);
    this.#prober = new Prober(this.pool, probeOf(tls), clock, random);
    this.#affinity = this.#affinityOf(plan);
    this.#forwarder = this.#forwarderWith(this.#affinity);
  }

  /** Where requests to the pool are handed over, at the moment. */
  get forwarder(): Forwarder {
    return this.#forwarder;
  }

  /** Who is asked which endpoints it has; undefined where the configuration says that. */
  get discovery(): PoolDiscovery | undefined {
    return this.#discovery;
  }

  /** What keeps its sessions, at the moment. */
  get affinity(): Affinity {
    return this.#affinity;
  }

  /** Makes everything that another plan needs. Requests may be handed to its forwarder at once. */
  prepare(plan: PoolPlan): PreparedPool {
    const affinity = this.#keepsAffinity(plan) ? this.#affinity : this.#affinityOf(plan);
    const forwarder = this.#forwarderWith(affinity);
    const discovery = this.#keepsDiscovery(plan) ? this.#discovery : discoveryOf(plan, this.#environment);
    return {
      served: this,
      forwarder,
      passage: this.#passageWith(affinity, plan.config),
      discover: async () => discovery?.open(),
      commit: () => {
        this.#affinity = affinity;
        this.#forwarder = forwarder;
        this.#discoverBy(discovery);
        this.#follow(plan);
      },
      discard: () => {
        if (discovery !== this.#discovery) discovery?.stop();
      },
    };
  }

  /** Asks an endpoint out of turn. */
  ask(endpoint: Endpoint): Promise<ProbeResult> {
    return this.#prober.ask(endpoint);
  }

  /** Gives the pool its endpoints. One whose endpoints have not been found yet keeps those it has. */
  place(): void {
    const { config } = this.#plan;
    const named = this.#discovery?.endpoints;
    if (config.discovery === undefined || named !== undefined)
      this.pool.setEndpoints(this.#specsOf(config, named));
  }

  startProbes(): void {
    this.#prober.start();
  }

  stopProbes(): void {
    this.#prober.stop();
  }

  /** The pool is no longer routed to. Requests in flight finish. */
  retire(): void {
    this.#discovery?.stop();
    this.#prober.stop();
    this.#upstreams.retire();
  }

  /** Ends health checks and all connections, and the requests on them. */
  close(): void {
    this.#discovery?.stop();
    this.#prober.stop();
    this.#queues.close();
    this.#upstreams.close();
  }

  #follow(plan: PoolPlan): void {
    const { config, tls } = plan;
    const before = this.#plan;
    this.#plan = plan;
    if (!isDeepStrictEqual(config.balance, before.config.balance))
      this.#selector = selectorOf(config.balance, this.#environment);
    this.place();
    this.pool.configure(this.#settingsOf(config));
    this.#queues.configure(queueSettings(config));
    const isSame = (...keys: readonly (keyof PoolConfig)[]): boolean =>
      tls === before.tls && keys.every((key) => isDeepStrictEqual(config[key], before.config[key]));
    if (!isSame('timeouts', 'affinity'))
      this.#upstreams.replace((endpoint) => upstreamOf(endpoint, plan, this.#environment.ticker));
    if (!isSame('healthCheck')) this.#prober.replace(probeOf(tls));
  }

  #discoverBy(discovery: PoolDiscovery | undefined): void {
    if (discovery === this.#discovery) return;
    this.#discovery?.stop();
    this.#discovery = discovery;
    discovery?.follow(() => this.place());
    this.pool.completeUntil(discovery && (() => discovery.completeUntilMs));
  }

  /** The endpoints of the pool as its configuration names them, or who is asked instead, and those that were added. */
  #specsOf(config: PoolConfig, named: readonly NamedEndpoint[] = config.endpoints): readonly EndpointSpec[] {
    const from = config.discovery?.type ?? 'configuration';
    return [
      ...named.map((endpoint) => specOf(config, endpoint, from)),
      ...this.#environment.added
        .beside(config.name, named)
        .map((endpoint) => specOf(config, endpoint, 'operator')),
    ];
  }

  #settingsOf({ healthCheck, outlierDetection, slowStart }: PoolConfig): PoolSettings {
    return { selector: this.#selector, healthCheck, outlierDetection, slowStartMs: slowStart };
  }

  /** What an affinity has learnt, such as the cookies that it has opened, is worth keeping where nothing has changed. */
  #keepsAffinity({ config, secrets }: PoolPlan): boolean {
    const before = this.#plan;
    return (
      isDeepStrictEqual(config.affinity, before.config.affinity) && isDeepStrictEqual(secrets, before.secrets)
    );
  }

  /** What has been found is worth keeping where it would be looked for in the same way. */
  #keepsDiscovery({ config }: PoolPlan): boolean {
    const before = this.#plan.config;
    return (
      this.#discovery !== undefined &&
      isDeepStrictEqual(config.discovery, before.discovery) &&
      isDeepStrictEqual(config.healthCheck?.incarnation, before.healthCheck?.incarnation)
    );
  }

  #affinityOf({ config, secrets }: PoolPlan): Affinity {
    return affinityOf(config.affinity, secrets, this.pool, this.#environment);
  }

  #passageWith(affinity: Affinity, config: PoolConfig): Passage {
    return {
      pool: this.pool,
      affinity,
      queues: this.#queues,
      connectTimeoutMs: config.timeouts.connect,
      keepAliveEveryMs: keepAliveEveryMs(config.affinity),
      proxyProtocol: config.proxyProtocol,
    };
  }

  #forwarderWith(affinity: Affinity): Forwarder {
    const shared = { pool: this.pool, upstreams: this.#upstreams, queues: this.#queues };
    return new Forwarder({ ...this.#environment, ...shared, affinity });
  }
}

const specOf = (
  { name, maxConnections }: PoolConfig,
  endpoint: NamedEndpoint,
  from: EndpointFrom,
): EndpointSpec => ({
  id: endpointId(poolName(name), endpoint.id),
  origin: endpointOrigin(endpoint.url),
  from,
  weight: endpoint.weight,
  isBackup: endpoint.backup,
  connectionsMax: endpoint.maxConnections ?? maxConnections ?? Number.POSITIVE_INFINITY,
  incarnation: endpoint.incarnation,
  label: endpoint.label,
  isSticky: endpoint.sticky,
  isLeaving: endpoint.isLeaving ?? false,
});

const queueSettings = ({ maxQueue, timeouts }: PoolConfig): QueueSettings => ({
  lengthMax: maxQueue,
  timeoutMs: timeouts.queue,
});
