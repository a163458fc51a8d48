import { hostname } from 'node:os';
import { type Logger, nodeId, type Random, systemClock, systemRandom, Ticker } from '@holdfast/shared';
import { type Config, formatListenAddress, type ListenAddress } from '@holdfast/shared/config';
import { AdminListener } from './admin/admin-listener.ts';
import { NodeStatus } from './admin/node-status.ts';
import type { RequestRecorder } from './forward/request-record.ts';
import { buildListener } from './node/build-listener.ts';
import { buildPools } from './node/build-pools.ts';
import { Lifecycle } from './node/lifecycle.ts';
import { createLoggers } from './node/loggers.ts';
import { openStore } from './node/open-store.ts';
import { openTls } from './node/open-tls.ts';
import { requestIds } from './node/request-ids.ts';
import { httpProbe } from './probe/http-probe.ts';
import { Prober } from './probe/prober.ts';
import { AccessLog } from './record/access-log.ts';
import { allRecorders, RequestCounters } from './record/request-counters.ts';

/** How coarsely connections keep their deadlines. */
const TICK_MS = 100;

/** A node at work. */
export interface RunningNode {
  /** Where each listener accepts, by its name. */
  readonly listeners: ReadonlyMap<string, ListenAddress>;
  readonly admin: ListenAddress | undefined;
  /** Leaves in good order: readiness fails, the DNS delay passes, listeners close, requests in flight finish. */
  shutdown(): Promise<void>;
  /** Ends everything now. */
  abort(): void;
}

/**
 * The composition root: the one place that chooses adapters and hands clock, randomness, store and sockets to the
 * parts that decide.
 *
 * @throws HoldfastError if an address cannot be had, or the store's file or that of a certificate cannot be opened. A
 *   store that is merely unavailable is no reason not to start.
 */
export async function startNode(config: Config): Promise<RunningNode> {
  const clock = systemClock;
  const random = systemRandom();
  const node = nodeId(config.cluster.node ?? `${hostname()}-${process.pid}`);
  const { log, access } = createLoggers(config.log, node);
  const { terminations, endpointTls } = await openTls(config, clock, log);
  const store = await openStore(config, clock, random, log);
  const counters = new RequestCounters();
  const recorder = recorderOf(
    counters,
    access === undefined ? undefined : new AccessLog(access, node, clock),
  );
  const newRequestId = requestIds(random);
  const secrets = secretsOf(config, random, log);
  const ticker = new Ticker(clock, TICK_MS);
  const pools = buildPools({
    config,
    secrets,
    endpointTls,
    node,
    store,
    recorder,
    newRequestId,
    ticker,
    clock,
    random,
    log,
  });
  const probers = pools.map(({ pool, tls }) => new Prober(pool, httpProbe(tls), clock, random));
  const listeners = config.listeners.map((listener) =>
    buildListener(listener, {
      tls: terminations.get(listener.name),
      pools,
      recorder,
      newRequestId,
      ticker,
      clock,
      log,
    }),
  );
  const status = new NodeStatus({
    config,
    node,
    store,
    listeners,
    pools: pools.map(({ pool }) => pool),
    counters,
    clock,
  });
  const admin = config.admin === undefined ? undefined : new AdminListener(config.admin, status);

  const lifecycle = new Lifecycle({ config, clock, log, store, listeners, admin, pools, probers, status });
  const addresses = await lifecycle.start();
  for (const [name, address] of addresses.listeners) {
    log.info({ listener: name, address: formatListenAddress(address) }, 'listening');
  }
  return { ...addresses, shutdown: () => lifecycle.shutdown(), abort: () => lifecycle.abort() };
}

const recorderOf = (counters: RequestCounters, accessLog: AccessLog | undefined): RequestRecorder =>
  accessLog === undefined ? counters : allRecorders([counters, accessLog]);

/** Without a secret of its own a node seals with one that ends with it, which only a store that does too allows. */
function secretsOf(config: Config, random: Random, log: Logger): readonly string[] {
  if (config.secrets.length > 0) return config.secrets;
  if (config.pools.some(({ affinity }) => affinity.type !== 'none')) {
    log.warn({}, 'no secrets are configured: sessions end when this node restarts');
  }
  return [random.bytes(32).toString('hex')];
}
