import { type Logger, type NodeId, systemClock, systemRandom } from '@holdfast/shared';
import type { Config, Environment, ListenAddress } from '@holdfast/shared/config';
import type { Store } from '@holdfast/store';
import manifest from '../package.json' with { type: 'json' };
import { adminListenerOf } from './admin/node-admin.ts';
import { NodeStatus } from './admin/node-status.ts';
import { Operator } from './admin/operator.ts';
import { AddedEndpoints, type Addition } from './node/added-endpoints.ts';
import { type ConfigSource, noSource } from './node/config-source.ts';
import { CurrentConfig, type ReloadReport, type ReloadTrigger } from './node/current-config.ts';
import { Lifecycle } from './node/lifecycle.ts';
import { ListenerSet } from './node/listener-set.ts';
import { createLoggers } from './node/loggers.ts';
import { nodeIdOf, openNodeCore } from './node/node-core.ts';
import { type PreparedParts, prepareParts } from './node/node-parts.ts';
import { NodeReload, type Preparation } from './node/node-reload.ts';
import { storeKindOf } from './node/open-store.ts';
import type { PoolFollower } from './node/pool-set.ts';
import { Reloader } from './node/reloader.ts';
import { openSessionMoves } from './node/session-moves.ts';
import { AccessLog } from './record/access-log.ts';
import { allConnectionRecorders, ConnectionCounters } from './record/connection-counters.ts';
import { ConnectionLog } from './record/connection-log.ts';
import { allRecorders, RequestCounters } from './record/request-counters.ts';
import { TrafficLog } from './record/traffic-log.ts';
import type { Middleware } from './route/middleware.ts';
import { ownSockets, type SocketSource } from './socket/socket-source.ts';
import { areMetricsKept, Metrics } from './telemetry/metrics.ts';
import { NodeTelemetry } from './telemetry/node-telemetry.ts';
import type { MetricsSnapshot } from './telemetry/snapshot.ts';
import { openTracing } from './tracing/tracing.ts';

export interface NodeOptions {
  /** Where the configuration comes from, so that it can be reloaded. Default: from nowhere, and it stays as it is. */
  readonly source?: ConfigSource;
  /** What runs in front of the routes of listeners. Default: nothing. */
  readonly middleware?: Middleware;
  /** What this process shares with the others of its node. Default: there are no others. */
  readonly shared?: SharedNode;
  /** Where the variables of OpenTelemetry are, `OTEL_…`. Default: nowhere. */
  readonly environment?: Environment;
}

/** What the processes of a node have in common. With it come no admin listener and, until one is told to, no probes. */
export interface SharedNode {
  readonly node: NodeId;
  readonly sockets: SocketSource;
  readonly follower: PoolFollower;
  /** Told when this process is cut off from most endpoints, and when it is not any more. */
  readonly cutOffChanged: (isCutOff: boolean) => void;
  /** Endpoints that operators have added to it. */
  readonly additions: readonly Addition[];
}

/** Enough that two lives of a process never have one name. */
const LIFE_BYTES = 9;

/** A node at work. */
export interface RunningNode {
  /** Where each listener accepts at the moment, by its name. */
  readonly listeners: ReadonlyMap<string, ListenAddress>;
  readonly admin: ListenAddress | undefined;
  /** Where Prometheus finds its metrics, where that is another address than the one of the admin listener. */
  readonly metrics: ListenAddress | undefined;
  /** Goes by what the source of the configuration says now. Never rejects: that it cannot is one of the reports. */
  reload(trigger: ReloadTrigger): Promise<ReloadReport>;
  /** Makes everything that another text of the configuration needs, for somebody who then says whether it counts. */
  prepareReload(text: string): Promise<Preparation>;
  /** Leaves in good order: readiness fails, the DNS delay passes, listeners close, requests in flight finish. */
  shutdown(): Promise<void>;
  /** Ends everything now. */
  abort(): void;
}

/** A node as the one who shares it out sees it. */
export interface WorkerNode extends RunningNode {
  /** What it goes by at the moment. */
  readonly config: Config;
  readonly status: NodeStatus;
  /** Answers what operators ask. */
  readonly operator: Operator;
  /** What this process has counted so far; empty where no metrics are kept. */
  metricsSnapshot(): MetricsSnapshot;
  /** Has this process probe endpoints and speak for its node, or no longer. */
  probe(isProber: boolean): void;
  /** Serves those that still come and sends them elsewhere; see {@link Lifecycle.leave}. */
  leave(): number | undefined;
  /** Leaves the clients to the other processes; see {@link Lifecycle.handOver}. */
  handOver(): Promise<void>;
}

/**
 * The composition root: the one place that chooses adapters and hands clock, randomness, store and sockets to the
 * parts that decide.
 *
 * @throws HoldfastError if an address cannot be had, or the store's file or that of a certificate cannot be opened. A
 *   store that is merely unavailable is no reason not to start.
 */
export async function startNode(
  config: Config,
  { source = noSource, middleware, shared, environment = {} }: NodeOptions = {},
): Promise<WorkerNode> {
  const clock = systemClock;
  const random = systemRandom();
  const node = shared?.node ?? nodeIdOf(config);
  const { log, access, setLevel } = createLoggers(config.log, node, clock, shared !== undefined);
  warnOfOwnSecret(config, log);
  const { version: release } = manifest;
  const storeKind = storeKindOf(config.store.url);
  const tracing = await openTracing({ config, node, release, environment, storeKind, clock, random, log });
  const traces = tracing?.recorder === undefined ? [] : [tracing.recorder];
  const metrics = areMetricsKept(config, environment) ? new Metrics(clock, storeKind) : undefined;
  const counters = metrics?.requests ?? new RequestCounters();
  const accessLog = access && new AccessLog(access, node, clock);
  const life = random.bytes(LIFE_BYTES).toString('base64url');
  const traffic = new TrafficLog({ clock, life, movedBetweenRequests: () => moves.mover.movedInAll });
  const recorder = traffic.beside(
    allRecorders([counters, ...(accessLog === undefined ? [] : [accessLog]), ...traces]),
  );
  const connectionCounters = new ConnectionCounters();
  const connections = allConnectionRecorders([
    connectionCounters,
    traffic,
    ...(access === undefined ? [] : [new ConnectionLog(access, node, clock)]),
    ...(metrics === undefined ? [] : [metrics.connections]),
    ...traces,
  ]);
  const added = new AddedEndpoints(shared?.additions);
  const { follower } = shared ?? {};
  const { tracer } = tracing ?? {};
  const decorate = (adapter: Store): Store => {
    const traced = tracing?.decorate(adapter) ?? adapter;
    return metrics?.store.timed(traced) ?? traced;
  };
  const core = await openNodeCore(config, {
    ...{ recorder, attempts: metrics?.endpoints, sessionRecorder: metrics?.sessions, decorate },
    ...{ clock, random, log, node, follower, added },
  });
  const { store, pools, cluster } = core;
  const sockets = shared?.sockets ?? ownSockets;
  const listeners = new ListenerSet({ ...core, connections, middleware, sockets, tracer });
  const prepare = async (next: Config): Promise<PreparedParts> => {
    const { commit, discard } = await prepareParts(next, core, listeners);
    const commitAll = (): void => {
      commit();
      setLevel(next.log.level);
    };
    return { commit: commitAll, discard };
  };
  const current = new CurrentConfig(config, source.text, clock);
  metrics?.observe({ ...core, listeners, spansDropped: () => tracing?.dropped ?? 0 });
  const moves = openSessionMoves(core, current, cluster);
  const reload = new NodeReload({ current, source, prepare, log });
  const reloader = new Reloader({
    ...{ current, source, clock, log },
    prepare: (text) => reload.prepare(text),
    reloaded: (report) => telemetry?.reloaded(report),
  });
  const status = new NodeStatus({
    current,
    node,
    store,
    listeners,
    pools,
    counters,
    connections: connectionCounters,
    cluster,
    ...moves,
    clock,
  });
  cluster.start({
    release,
    phase: () => status.phase,
    fingerprint: () => current.fingerprint,
  });
  const isAlone = shared === undefined;
  cluster.beat(isAlone);
  if (shared !== undefined) cluster.onCutOffChange(shared.cutOffChanged);
  const { sessions, inventory, drains, invalidations, repair } = store.guarded;
  const look = () => core.drains.look();
  const isStoreAvailable = () => store.guarded.state !== 'unavailable';
  const metricsSnapshot = (): MetricsSnapshot => metrics?.snapshot() ?? [];
  const operator = new Operator({
    ...{ sessions, inventory, drains, invalidations, repair, life },
    ...{ isStoreAvailable, look, pools, added, cluster, current, traffic, clock, log },
    metrics: metricsSnapshot,
    ...moves,
  });
  const leave = () => lifecycle.leave();
  const ask = (question: unknown) => operator.answer(question);
  const telemetry = isAlone
    ? NodeTelemetry.of({
        ...{ current, environment, node, release, ask, clock, log },
        phase: () => status.phase,
        processes: async () => [metricsSnapshot()],
      })
    : undefined;
  const steering = { ask, leave, clock, metrics: telemetry };
  const admin = isAlone ? adminListenerOf(current, status, reloader, steering) : undefined;
  const parts = { current, clock, log, store, pools, cluster, listeners, admin, telemetry, status, reloader };
  const lifecycle = new Lifecycle({ ...parts, probes: isAlone, prepare: () => prepare(config) });
  const adminAddress = await lifecycle.start();
  const end = async (): Promise<void> => {
    metrics?.stop();
    await tracing?.close();
  };
  return {
    get listeners() {
      return listeners.addresses;
    },
    get config() {
      return current.config;
    },
    admin: adminAddress,
    metrics: telemetry?.address,
    reload: (trigger) => reloader.reload(trigger),
    prepareReload: (text) => reload.prepare(text),
    shutdown: () => lifecycle.shutdown().finally(end),
    abort: () => lifecycle.abort(),
    status,
    operator,
    metricsSnapshot,
    probe(isProber) {
      if (isProber) pools.startProbes();
      else pools.stopProbes();
      cluster.beat(isProber);
    },
    leave,
    handOver: () => lifecycle.handOver().finally(end),
  };
}

/** What a configuration without secrets means, which only a store that ends with the process as well allows. */
function warnOfOwnSecret({ pools, secrets }: Config, log: Logger): void {
  if (secrets.length > 0 || pools.every(({ affinity }) => affinity.sources.length === 0)) return;
  log.warn({}, 'no secrets are configured: sessions end when this node restarts');
}
