import { HoldfastError, type Logger, silentLogger, systemClock, systemRandom } from '@holdfast/shared';
import type { Environment } from '@holdfast/shared/config';
import type { Handler } from 'hono';
import manifest from '../../package.json' with { type: 'json' };
import type { RequestRecorder } from '../forward/request-record.ts';
import { fingerprintOf } from '../node/config-fingerprint.ts';
import { listenerContextOf } from '../node/listener-context.ts';
import { openNodeCore } from '../node/node-core.ts';
import { openTls } from '../node/open-tls.ts';
import { type ProxyConfig, readProxyConfig } from './proxy-config.ts';
import { type ExchangeOf, proxyHandler } from './proxy-handler.ts';

export interface ProxyOptions {
  /** Pools and their session map; or the path of a node's configuration file, whose listeners are not opened. */
  readonly config: ProxyConfig | string;
  /** What `${NAME}` in the configuration is replaced from, such as `process.env`. Default: nothing. */
  readonly environment?: Environment;
  /** Who hears of failovers, endpoints that go down and a store that is unavailable. Default: nobody. */
  readonly log?: Logger;
  /** Who is told of each request that is over. Default: nobody. */
  readonly recorder?: RequestRecorder;
}

/**
 * A handler for any route of a Hono app, with pools, health checks and a session map behind it. Called, it forwards to
 * the first pool of the configuration. The request's path is forwarded as it is.
 */
export interface ProxyHandler extends Handler {
  /**
   * A handler that forwards to this pool instead, with all else shared.
   *
   * @throws HoldfastError `INTERNAL` if the configuration has no such pool
   */
  to(pool: string): Handler;
  /** Ends health checks, kept connections and the session map: the last thing to do, after the app's server has closed. */
  close(): Promise<void>;
}

/** The composition root of an embedded proxy: what a node is made of, without listeners, admin and logs. */
export async function openProxy(options: ProxyOptions, exchangeOf: ExchangeOf): Promise<ProxyHandler> {
  const { log = silentLogger, recorder = { requestFinished: () => {} } } = options;
  const { config, listener } = await readProxyConfig(options.config, options.environment ?? {});
  const clock = systemClock;
  const { endpointTls } = await openTls({ ...config, listeners: [] }, clock, log);
  const core = await openNodeCore(config, { recorder, clock, random: systemRandom(), log });
  const { pools, store, cluster } = core;
  const prepared = pools.prepare({ pools: config.pools, secrets: core.secrets.of(config), endpointTls });
  await prepared.discover();
  prepared.commit();
  pools.startProbes();
  const fingerprint = fingerprintOf(config);
  cluster.start({ release: manifest.version, phase: () => 'serving', fingerprint: () => fingerprint });
  cluster.beat(true);
  const rules = listenerContextOf(listener);
  const to = (name: string): Handler => {
    const served = pools.find(name);
    if (served === undefined) throw new HoldfastError('INTERNAL', `no pool "${name}" in the configuration`);
    return proxyHandler(served.forwarder, rules, exchangeOf);
  };
  const close = async (): Promise<void> => {
    pools.close();
    await cluster.leave();
    await store.guarded.close();
  };
  return Object.assign(to(config.pools[0]?.name ?? ''), { to, close });
}
