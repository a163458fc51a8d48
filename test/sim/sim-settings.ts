import { type AffinityConfig, type Config, configSchema } from '@holdfast/shared/config';
import type { Dice } from './dice.ts';

/** What a simulated cluster is made of. */
export interface SimSettings {
  readonly nodes: readonly string[];
  /** By how much the clock of each node is ahead, in the order of the nodes. */
  readonly skewsMs: readonly number[];
  readonly endpoints: readonly string[];
  readonly affinity: AffinityConfig;
  readonly storeConfig: Config['store'];
  readonly hasHealthCheck: boolean;
  readonly balance: 'round-robin' | 'least-connections' | 'rendezvous';
  readonly cookieClients: number;
  readonly keyClients: number;
  /** For how long there are faults. */
  readonly activeMs: number;
}

/** By how much a clock is wrong at most. */
export const SKEW_MS_MAX = 2_000;
/** The header by which some clients name their session. */
export const KEY_HEADER = 'x-session';
export const COOKIE_NAME = '_srv_id';

/** So few per second that some sessions have to wait. */
export const FEW_WRITE_BACKS = 20;

const IDLE_TIMEOUTS = ['16s', '40s'] as const;

/** Reading a configuration takes longer than simulating a second: each kind is read once. */
const configs = new Map<string, Config>(
  IDLE_TIMEOUTS.map((idleTimeout) => [
    idleTimeout,
    configSchema.parse({
      listeners: [{ name: 'web', listen: ':0', pool: 'shop' }],
      pools: [
        {
          name: 'shop',
          endpoints: [{ url: 'http://10.0.0.1' }],
          affinity: {
            sources: [
              { type: 'cookie', name: COOKIE_NAME },
              { type: 'header', name: KEY_HEADER },
            ],
            idleTimeout,
          },
        },
      ],
    }),
  ]),
);

const names = (kind: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${kind}-${index + 1}`);

/** A cluster that is as large, and as well set up, as chance has it. */
export function someSettings(dice: Dice): SimSettings {
  const nodes = names('node', dice.whole(2, 4));
  const config = configs.get(dice.pick(IDLE_TIMEOUTS)) as Config;
  const hasSkew = dice.isLucky(0.5);
  return {
    nodes,
    skewsMs: nodes.map(() => (hasSkew ? Math.round(dice.between(-SKEW_MS_MAX, SKEW_MS_MAX)) : 0)),
    endpoints: names('endpoint', dice.whole(3, 5)),
    affinity: config.pools[0]?.affinity as AffinityConfig,
    storeConfig: {
      ...config.store,
      nearCacheEntries: dice.pick([0, 3, 100]),
      writeBacksPerSecond: dice.pick([FEW_WRITE_BACKS, 2_000]),
    },
    hasHealthCheck: dice.isLucky(0.5),
    balance: dice.pick(['round-robin', 'least-connections', 'rendezvous']),
    cookieClients: dice.whole(2, 5),
    keyClients: dice.whole(2, 5),
    activeMs: dice.whole(8_000, 20_000),
  };
}
