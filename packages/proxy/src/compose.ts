import { type Logger, systemClock, systemRandom } from '@holdfast/shared';
import type { Config } from '@holdfast/shared/config';
import type { Store } from '@holdfast/store';
import manifest from '../package.json' with { type: 'json' };
import { adminListenerOf } from './admin/node-admin.ts';
import { NodeStatus } from './admin/node-status.ts';
import { Operator } from './admin/operator.ts';
import { AddedEndpoints } from './node/added-endpoints.ts';
import { noSource } from './node/config-source.ts';
import { CurrentConfig } from './node/current-config.ts';
import { Lifecycle } from './node/lifecycle.ts';
import { ListenerSet } from './node/listener-set.ts';
import { createLoggers } from './node/loggers.ts';
import { nodeIdOf, openNodeCore } from './node/node-core.ts';
import { type PreparedParts, prepareParts } from './node/node-parts.ts';
import { nodeRecorders } from './node/node-recorders.ts';
import { NodeReload } from './node/node-reload.ts';
import { storeKindOf } from './node/open-store.ts';
import { Reloader } from './node/reloader.ts';
import type { NodeOptions, WorkerNode } from './node/running-node.ts';
import { openSessionMoves } from './node/session-moves.ts';
import { TrafficLog } from './record/traffic-log.ts';
import { ownSockets } from './socket/socket-source.ts';
import { areMetricsKept, Metrics } from './telemetry/metrics.ts';
import { NodeTelemetry } from './telemetry/node-telemetry.ts';
import type { MetricsSnapshot } from './telemetry/snapshot.ts';
import { openTracing } from './tracing/tracing.ts';

/** Enough that two lives of a process never have one name. */
const LIFE_BYTES = 9;

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
  const metrics = areMetricsKept(config, environment) ? new Metrics(clock, storeKind) : undefined;
  const life = random.bytes(LIFE_BYTES).toString('base64url');
  const traffic = new TrafficLog({ clock, life, movedBetweenRequests: () => moves.mover.movedInAll });
  const traces = tracing?.recorder;
  const recorders = nodeRecorders({ access, node, clock, metrics, traffic, traces });
  const added = new AddedEndpoints(shared?.additions);
  const { follower } = shared ?? {};
  const { tracer } = tracing ?? {};
  const decorate = (adapter: Store): Store => {
    const traced = tracing?.decorate(adapter) ?? adapter;
    return metrics?.store.timed(traced) ?? traced;
  };
  const core = await openNodeCore(config, {
    ...{ attempts: metrics?.endpoints, sessionRecorder: metrics?.sessions, decorate },
    recorder: recorders.requests,
    ...{ clock, random, log, node, follower, added },
  });
  const { store, pools, cluster } = core;
  const sockets = shared?.sockets ?? ownSockets;
  const { connections } = recorders;
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
    ...{ current, node, store, listeners, pools, cluster, clock, ...moves },
    counters: recorders.requestCount,
    connections: recorders.connectionCounters,
  });
  const phase = () => status.phase;
  cluster.start({ release, phase, fingerprint: () => current.fingerprint });
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
        ...{ current, environment, node, release, phase, ask, clock, log },
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
