import { clusterName, endpointId, nodeId, poolName, silentLogger, Ticker } from '@holdfast/shared';
import type { HealthCheckConfig, OutlierDetectionConfig } from '@holdfast/shared/config';
import { countedStore, type GuardedStore, guardedStore, NearCache, TouchQueue } from '@holdfast/store';
import { SessionKeys } from '../../packages/proxy/src/affinity/session-keys.ts';
import { TouchedSessions } from '../../packages/proxy/src/affinity/touched-sessions.ts';
import { BoundedRendezvous } from '../../packages/proxy/src/balance/bounded-rendezvous.ts';
import { LeastConnections } from '../../packages/proxy/src/balance/least-connections.ts';
import { RoundRobin } from '../../packages/proxy/src/balance/round-robin.ts';
import type { Selector } from '../../packages/proxy/src/balance/selector.ts';
import { ClusterWatch } from '../../packages/proxy/src/cluster/cluster-watch.ts';
import { Forwarder } from '../../packages/proxy/src/forward/forwarder.ts';
import type { RequestRecord } from '../../packages/proxy/src/forward/request-record.ts';
import { TrustedProxies } from '../../packages/proxy/src/forward/trusted-proxies.ts';
import type { ProbeReport } from '../../packages/proxy/src/health/health-check.ts';
import { DrainWatch } from '../../packages/proxy/src/node/drain-watch.ts';
import { affinityOf } from '../../packages/proxy/src/node/pool-affinity.ts';
import { Endpoint } from '../../packages/proxy/src/pool/endpoint.ts';
import { EndpointQueues } from '../../packages/proxy/src/pool/endpoint-queues.ts';
import { Pool } from '../../packages/proxy/src/pool/pool.ts';
import { Prober } from '../../packages/proxy/src/probe/prober.ts';
import { Upstreams } from '../../packages/proxy/src/upstream/upstreams.ts';
import type { Chronicle } from './chronicle.ts';
import type { Dice } from './dice.ts';
import { NodeClock, type SimClock } from './sim-clock.ts';
import { type SimEndpoint, SimUpstream, specOf } from './sim-endpoint.ts';
import type { SimExchange } from './sim-exchange.ts';
import type { SimRedis } from './sim-redis.ts';
import type { SimSettings } from './sim-settings.ts';
import { type LinkState, StoreLink } from './store-link.ts';
import type { NodeContext, Variant } from './variant.ts';

/** What a node is put into. */
export interface NodePlace {
  readonly name: string;
  readonly number: number;
  readonly clock: SimClock;
  readonly redis: SimRedis;
  readonly link: LinkState;
  readonly endpoints: ReadonlyMap<string, SimEndpoint>;
  readonly chronicle: Chronicle;
  readonly dice: Dice;
  readonly settings: SimSettings;
  readonly variant: Variant;
  /** Whether the node can reach an endpoint. */
  readonly reaches: (endpoint: string) => boolean;
  readonly reached: (requestId: string, endpoint: string) => void;
}

export const POOL = poolName('shop');
export const CLUSTER = clusterName('simulated');
export const SECRET = 'the secret of the simulated cluster';

const HEALTH_CHECK: HealthCheckConfig = {
  path: '/healthz',
  interval: 1_000,
  timeout: 500,
  healthyAfter: 2,
  unhealthyAfter: 2,
  status: '2xx',
};
const OUTLIER_DETECTION: OutlierDetectionConfig = {
  connectFailures: 1,
  consecutiveFailures: 3,
  ejectionTime: 2_000,
};
const LISTENER = {
  name: 'web',
  trustedProxies: new TrustedProxies([]),
  bodyBytesMax: undefined,
  debugHeaders: false,
};
const TICK_MS = 100;
const STALE_AFTER_MS = 1_000;

/** The real parts of one node, put together as a composition root does, on simulated time, links and endpoints. */
export class SimNode {
  readonly name: string;
  readonly clock: NodeClock;
  readonly pool: Pool;
  readonly link: StoreLink;
  readonly #place: NodePlace;
  readonly #store: GuardedStore;
  readonly #forwarder: Forwarder;
  readonly #finished = new Map<string, (record: RequestRecord) => void>();
  /** Settles when the node ends without a word. */
  readonly ended: Promise<undefined>;
  #requestId = '';
  #isAlive = true;
  #tellEnd = (): void => {};

  constructor(place: NodePlace, endpoints: readonly string[]) {
    const { name, number, settings, clock, redis, dice } = place;
    this.name = name;
    this.#place = place;
    this.clock = new NodeClock(clock, settings.skewsMs[number] ?? 0);
    this.link = new StoreLink(redis, clock, this.clock, place.link, dice);
    this.pool = this.#openPool(endpoints);
    const context: NodeContext = { node: name, number, pool: this.pool, dice };
    this.#store = this.#guard(context);
    this.#watchDrains();
    this.#join(this.#probe());
    this.#forwarder = this.#openForwarder(context);
    this.ended = new Promise((resolve) => {
      this.#tellEnd = () => resolve(undefined);
    });
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  /** Among which endpoints it places sessions at the moment. */
  get view(): string {
    return this.pool.candidates.map(({ id }) => id).join(' ');
  }

  /** Takes a request on; the answer comes when it is over, unless the node ends before. */
  receive(id: string, exchange: SimExchange): Promise<RequestRecord> {
    return new Promise((resolve) => {
      this.#finished.set(id, resolve);
      this.#requestId = id;
      this.#forwarder.forward(exchange, LISTENER, '/');
    });
  }

  configure(endpoints: readonly string[]): void {
    this.pool.setEndpoints(this.#specs(endpoints));
    this.#place.chronicle.tell({ kind: 'configured', node: this.name, endpoints });
  }

  /** Ends without a word, and without memory. */
  end(): void {
    this.#isAlive = false;
    this.clock.stop();
    this.link.end();
    this.#place.chronicle.tell({ kind: 'node-ended', node: this.name });
    this.#tellEnd();
  }

  #specs(endpoints: readonly string[]) {
    return endpoints.map((id) => specOf(endpointId(POOL, id), this.#simulated(id)));
  }

  #simulated(id: string): SimEndpoint {
    return this.#place.endpoints.get(id) as SimEndpoint;
  }

  /** The simulated endpoint at which the pool's one is, whichever object stands for it. */
  #behind({ origin }: Pick<Endpoint, 'origin'>): SimEndpoint {
    return [...this.#place.endpoints.values()].find((endpoint) => endpoint.origin === origin) as SimEndpoint;
  }

  #openPool(endpoints: readonly string[]): Pool {
    const { settings, chronicle, dice } = this.#place;
    const pool = new Pool({
      name: POOL,
      endpoints: this.#specs(endpoints).map((spec) => new Endpoint(spec)),
      selector: selectorOf(settings.balance, dice),
      healthCheck: settings.hasHealthCheck ? HEALTH_CHECK : undefined,
      outlierDetection: OUTLIER_DETECTION,
      clock: this.clock,
      log: silentLogger,
    });
    chronicle.tell({ kind: 'configured', node: this.name, endpoints });
    pool.watch({
      endpointsChanged: () => {},
      standingChanged: (endpoint) => {
        const kind = endpoint.isHeldDown ? 'held-down' : 'held-up';
        chronicle.tell({ kind, node: this.name, endpoint: this.#behind(endpoint).id });
      },
    });
    return pool;
  }

  #guard(context: NodeContext): GuardedStore {
    const { variant, settings, chronicle } = this.#place;
    const { store } = this.link;
    const guarded = guardedStore(countedStore(variant.store?.(store, context) ?? store), {
      clock: this.clock,
      random: this.#place.dice.random,
      logger: silentLogger,
      commandTimeoutMs: settings.storeConfig.commandTimeout,
      writeBacksPerSecond: settings.storeConfig.writeBacksPerSecond,
    });
    let isBack = (): void => {};
    guarded.onStateChange((state) => {
      if (state === 'available') isBack();
      else
        isBack = chronicle.trouble(
          { kind: 'store-away', node: this.name },
          { kind: 'store-back', node: this.name },
        );
    });
    return guarded;
  }

  #watchDrains(): void {
    const drains = new DrainWatch(this.#store.drains, this.clock);
    drains.follow(this.pool);
    void drains.start();
  }

  #probe(): Prober {
    const { dice } = this.#place;
    const prober = new Prober(this.pool, (origin) => this.#ask({ origin }), this.clock, dice.random);
    prober.start();
    return prober;
  }

  #ask(endpoint: Pick<Endpoint, 'origin'>): Promise<ProbeReport> {
    const { clock, dice, reaches } = this.#place;
    const simulated = this.#behind(endpoint);
    return new Promise((resolve) => {
      clock.after(dice.between(1, 5), () => {
        const isUp = simulated.mood === 'up' && reaches(simulated.id);
        this.clock.after(isUp ? 1 : HEALTH_CHECK.timeout, () =>
          resolve({ result: isUp ? 'passed' : 'failed' }),
        );
      });
    });
  }

  #join(prober: Prober): void {
    const { membership } = this.#store;
    const cluster = new ClusterWatch({
      membership,
      node: nodeId(this.name),
      ask: (pool, endpoint) =>
        pool.healthCheck === undefined ? this.#connect(endpoint) : prober.ask(endpoint),
      clock: this.clock,
      log: silentLogger,
    });
    cluster.follow(this.pool);
    cluster.start({ release: '0', phase: () => 'serving', fingerprint: () => '' });
    cluster.beat(true);
  }

  /** What a prober does without a health check, which takes a socket. */
  async #connect(endpoint: Endpoint): Promise<ProbeReport['result']> {
    const { result } = await this.#ask(endpoint);
    if (result === 'failed') this.pool.reported(endpoint, 'connect-failed');
    return result;
  }

  #openForwarder(context: NodeContext): Forwarder {
    const { clock, dice, settings, variant, reaches, reached } = this.#place;
    const { sessions, invalidations, repair } = this.#store;
    const { storeConfig, affinity } = settings;
    const entriesMax = storeConfig.nearCacheEntries;
    const near = new NearCache({ entriesMax, staleAfterMs: STALE_AFTER_MS }, invalidations);
    const keys = new SessionKeys(sessions, near);
    const touched = new TouchedSessions({ near, keys, repair, clock: this.clock });
    const touches = new TouchQueue(sessions, this.clock, touched);
    const environment = { cluster: { name: CLUSTER }, storeConfig, sessions, near, repair, touches };
    const secrets = variant.secrets?.([SECRET]) ?? [SECRET];
    const path = { clock, dice, reached, isOpen: reaches, isAlive: () => this.#isAlive };
    const upstreamOf = (endpoint: Endpoint) => new SimUpstream(this.#behind(endpoint), path);
    return new Forwarder({
      pool: this.pool,
      affinity: affinityOf(affinity, secrets, variant.pool?.(context) ?? this.pool, {
        ...environment,
        clock: this.clock,
        random: dice.random,
      }),
      upstreams: new Upstreams(this.pool, (endpoint) => {
        const upstream = upstreamOf(endpoint);
        return variant.upstream?.(upstream) ?? upstream;
      }),
      queues: new EndpointQueues({ lengthMax: 10, timeoutMs: 1_000 }, new Ticker(this.clock, TICK_MS)),
      recorder: { requestFinished: (record) => this.#finish(record) },
      node: nodeId(this.name),
      newRequestId: () => this.#requestId,
      clock: this.clock,
      log: silentLogger,
    });
  }

  #finish(record: RequestRecord): void {
    this.#finished.get(record.requestId)?.(record);
    this.#finished.delete(record.requestId);
  }
}

function selectorOf(balance: SimSettings['balance'], dice: Dice): Selector {
  switch (balance) {
    case 'round-robin':
      return new RoundRobin(dice.random.unit());
    case 'least-connections':
      return new LeastConnections();
    case 'rendezvous':
      return new BoundedRendezvous(Number.POSITIVE_INFINITY);
  }
}
