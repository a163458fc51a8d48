/** Any part of a configuration file, as JSON; every JSON text is YAML. */
export type ConfigPart = Readonly<Record<string, unknown>>;

/** Where an endpoint answers, as a configuration names it. */
export interface EndpointAddress {
  readonly id: string;
  readonly url: string;
}

/** What a test wants of a node beyond the ordinary. Parts are laid over the ordinary ones, key by key. */
export interface NodeWishes {
  readonly endpoints: readonly EndpointAddress[];
  readonly storeUrl?: string;
  readonly store?: ConfigPart;
  readonly secrets?: readonly string[];
  readonly listener?: ConfigPart;
  readonly pool?: ConfigPart;
  /** Listeners beside `web`. */
  readonly moreListeners?: readonly ConfigPart[];
  /** Pools beside `shop`. */
  readonly morePools?: readonly ConfigPart[];
  readonly affinity?: ConfigPart;
  readonly admin?: ConfigPart;
  /** Keys at the top of the file, such as `log` or `shutdown`. */
  readonly top?: ConfigPart;
}

/** Where a node listens. */
export interface NodePorts {
  readonly port: number;
  readonly adminPort: number;
}

/** The secret of every cluster that names none. */
export const SECRET = 'a secret for tests, long enough';

/**
 * The configuration file of one node: a pool `shop` with cookie affinity behind a listener `web` that shows its
 * reasons. Nothing is decided by time: there are no health checks, an endpoint that was ejected stays so for a minute, and
 * a busy machine is no reason to take the store for gone.
 */
export function nodeConfig(name: string, { port, adminPort }: NodePorts, wishes: NodeWishes): string {
  const {
    endpoints,
    storeUrl = 'memory:',
    store,
    secrets = [SECRET],
    listener,
    pool,
    moreListeners = [],
    morePools = [],
    affinity,
    admin,
    top,
  } = wishes;
  return JSON.stringify(
    {
      cluster: { name: 'test', node: name },
      store: { url: storeUrl, commandTimeout: '5s', ...store },
      secrets,
      admin: { listen: `127.0.0.1:${adminPort}`, ...admin },
      shutdown: { delay: '0s', deadline: '5s' },
      listeners: [
        { name: 'web', listen: `127.0.0.1:${port}`, pool: 'shop', debugHeaders: true, ...listener },
        ...moreListeners,
      ],
      pools: [
        {
          name: 'shop',
          endpoints,
          affinity: { type: 'cookie', name: '_srv_id', ...affinity },
          outlierDetection: { ejectionTime: '1m' },
          ...pool,
        },
        ...morePools,
      ],
      ...top,
    },
    undefined,
    2,
  );
}
