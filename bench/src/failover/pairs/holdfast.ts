import { STICKY_COOKIE } from '../../contenders/contender.ts';
import { holdfastCommand } from '../../contenders/holdfast.ts';
import { type NodeSetup, type Pair, PROBE_INTERVAL_MS } from '../pair.ts';

/** Two nodes whose session map is in Redis. */
export const holdfastPair: Pair = {
  contender: 'holdfast',
  title: 'Holdfast, Redis',
  launch: (setup) => holdfastCommand(setup.directory, configuration(setup)),
};

const configuration = ({ name, port, redisPort, endpoints }: NodeSetup) => ({
  cluster: { name: 'failover', node: name },
  store: { url: `redis://127.0.0.1:${redisPort}` },
  secrets: ['a-secret-that-only-the-bench-uses'],
  log: { access: false },
  shutdown: { deadline: '1s' },
  listeners: [{ name: 'web', listen: `127.0.0.1:${port}`, pool: 'shop' }],
  pools: [
    {
      name: 'shop',
      endpoints: endpoints.map((endpoint) => ({ id: endpoint.id, url: `http://127.0.0.1:${endpoint.port}` })),
      affinity: { type: 'cookie', name: STICKY_COOKIE },
      healthCheck: {
        path: '/',
        interval: `${PROBE_INTERVAL_MS}ms`,
        timeout: `${PROBE_INTERVAL_MS}ms`,
        healthyAfter: 1,
      },
    },
  ],
});
