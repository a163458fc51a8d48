import { hostname } from 'node:os';
import {
  HoldfastError,
  type Logger,
  nodeId,
  silentLogger,
  systemClock,
  systemRandom,
  Ticker,
} from '@holdfast/shared';
import type { Environment } from '@holdfast/shared/config';
import type { Handler } from 'hono';
import type { RequestRecorder } from '../forward/request-record.ts';
import { buildPools } from '../node/build-pools.ts';
import { listenerContextOf } from '../node/listener-context.ts';
import { openStore } from '../node/open-store.ts';
import { openTls } from '../node/open-tls.ts';
import { requestIds } from '../node/request-ids.ts';
import { httpProbe } from '../probe/http-probe.ts';
import { Prober } from '../probe/prober.ts';
import { type ProxyConfig, readConfigText, readProxyConfig } from './proxy-config.ts';
import { type ExchangeOf, proxyHandler } from './proxy-handler.ts';

export interface ProxyOptions {
  /** Pools and their session map; or the text of a configuration file in YAML, whose listeners are not opened. */
  readonly config: ProxyConfig | string;
  /** What `${NAME}` in the configuration is replaced from, such as `process.env`. Default: nothing. */
  readonly environment?: Environment;
  /** Who hears of failovers, endpoints that go down and a store that is unavailable. Default: nobody. */
  readonly log?: Logger;
  /** Who is told of each request that is over. Default: nobody. */
  readonly recorder?: RequestRecorder;
}

/** Pools, health checks and the session map, within an app that accepts the requests. */
export interface EmbeddedProxy {
  /**
   * A handler that forwards to this pool, for any route of the app. The request's path is forwarded as it is.
   *
   * @throws HoldfastError `INTERNAL` if the configuration has no such pool
   */
  handler(pool: string): Handler;
  /** Ends health checks, kept connections and the session map: the last thing to do, after the app's server has closed. */
  close(): Promise<void>;
}

const TICK_MS = 100;

/** The composition root of an embedded proxy: what a node is made of, without listeners, admin and logs. */
export async function openProxy(options: ProxyOptions, exchangeOf: ExchangeOf): Promise<EmbeddedProxy> {
  const { log = silentLogger, recorder = { requestFinished: () => {} } } = options;
  const { config, listener } =
    typeof options.config === 'string'
      ? readConfigText(options.config, options.environment)
      : readProxyConfig(options.config, options.environment);
  const clock = systemClock;
  const random = systemRandom();
  const { endpointTls } = await openTls({ ...config, listeners: [] }, clock, log);
  const store = await openStore(config, clock, random, log);
  const pools = buildPools({
    config,
    // Sessions then end with this process, which the configuration's checks allow only where the store does too.
    secrets: config.secrets.length > 0 ? config.secrets : [random.bytes(32).toString('hex')],
    endpointTls,
    node: nodeId(config.cluster.node ?? `${hostname()}-${process.pid}`),
    store,
    recorder,
    newRequestId: requestIds(random),
    ticker: new Ticker(clock, TICK_MS),
    clock,
    random,
    log,
  });
  const probers = pools.map(({ pool, tls }) => new Prober(pool, httpProbe(tls), clock, random));
  for (const prober of probers) prober.start();
  const rules = listenerContextOf(listener);
  return {
    handler(name) {
      const served = pools.find(({ pool }) => pool.name === name);
      if (served === undefined) throw new HoldfastError('INTERNAL', `no pool "${name}" in the configuration`);
      return proxyHandler(served.forwarder, rules, exchangeOf);
    },
    async close() {
      for (const prober of probers) prober.stop();
      for (const pool of pools) pool.close();
      await store.guarded.close();
    },
  };
}
