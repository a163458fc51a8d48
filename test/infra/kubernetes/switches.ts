import type { Values } from '../../support/helm-chart.ts';

/** Values that the chart takes, and that say no more than they must. */
export const ORDINARY: Values = {
  secret: { existing: 'shop-secrets' },
  redis: { enabled: true },
  config: {
    pools: [{ name: 'app', discovery: { type: 'dns', name: 'app.store.svc.cluster.local', port: 8080 } }],
  },
};

/** What users turn on and off, each way of it as values. */
const SWITCHES: readonly (readonly [Values, Values])[] = [
  [
    { redis: { enabled: true, storage: '1Gi' } },
    { redis: { enabled: false }, config: { store: { url: 'redis://redis.data:6379' } } },
  ],
  [
    { secret: { existing: 'shop-secrets' } },
    {
      secret: {
        sealingKeys: ['new-key', 'old-key'],
        values: { 'new-key': 'n'.repeat(32), 'old-key': 'o'.repeat(32), 'admin-token': 't'.repeat(32) },
      },
    },
  ],
  [
    { config: { pools: [{ name: 'app', endpoints: [{ id: 'a', url: 'http://10.0.0.1:8080' }] }] } },
    { config: { pools: [{ name: 'app', discovery: { type: 'kubernetes', service: 'app', port: 'http' } }] } },
  ],
  [{ autoscaling: { enabled: false } }, { autoscaling: { enabled: true } }],
  [
    { podDisruptionBudget: { enabled: false } },
    { podDisruptionBudget: { enabled: true, maxUnavailable: '25%' } },
  ],
  [
    { networkPolicy: { enabled: false } },
    {
      networkPolicy: {
        enabled: true,
        clients: [{ ipBlock: { cidr: '10.0.0.0/8' } }],
        operators: [{ podSelector: { matchLabels: { role: 'operator' } } }],
        egress: [{ to: [{ ipBlock: { cidr: '10.0.0.0/8' } }] }],
      },
    },
  ],
  [
    { serviceMonitor: { enabled: false }, prometheusRule: { enabled: false } },
    {
      serviceMonitor: { enabled: true, labels: { team: 'shop' } },
      prometheusRule: { enabled: true, labels: { team: 'shop' } },
    },
  ],
  [
    { service: { type: 'ClusterIP' } },
    { service: { type: 'LoadBalancer', ports: { web: 80 }, loadBalancerSourceRanges: ['192.0.2.0/24'] } },
  ],
];

/** Every combination of the switches. */
export const COMBINATIONS: readonly Values[] = SWITCHES.reduce<readonly Values[]>(
  (combinations, ways) => combinations.flatMap((before) => ways.map((way) => together(before, way))),
  [{}],
);

/** Values of which the second ones count where both say something, as Helm has it. */
export function together(first: Values, second: Values): Values {
  const merged: Record<string, unknown> = { ...first };
  for (const [key, value] of Object.entries(second))
    merged[key] =
      isObject(merged[key]) && isObject(value) ? together(merged[key] as Values, value as Values) : value;
  return merged;
}

function isObject(value: unknown): boolean {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
