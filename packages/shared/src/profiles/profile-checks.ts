import { type ConfigPath, valueAt } from '../config/config-path.ts';
import { poolKind } from '../config/pool-kind.ts';
import type { Finding } from '../config/problem.ts';
import type { Config, PoolConfig } from '../config/schema.ts';
import { elbPolicies } from './elb-policies.ts';
import { haproxy } from './haproxy.ts';
import { huawei, huaweiTypesFor } from './huawei.ts';
import { nginxZoneProblems } from './nginx-zones.ts';

/**
 * What the values of a profile get wrong beside the rest of their pool, in the words of the profile's system. A configuration
 * knows no profile any more, so that this goes by what the file gives.
 *
 * @param given the values of the file, each of which is right by itself
 */
export const profileProblems = (given: unknown, { pools }: Config): readonly Finding[] => [
  ...pools.flatMap((pool, index) => {
    const path: ConfigPath = ['pools', index];
    const values = valueAt(given, [...path, 'affinity']);
    switch (valueAt(values, ['profile'])) {
      case 'haproxy':
        return haproxyProblems(values, pool, path);
      case 'huawei':
        return huaweiProblems(values, pool, path);
      case 'aws':
      case 'eucalyptus':
        return elbProblems(values, pool, path);
      default:
        return [];
    }
  }),
  ...nginxZoneProblems(given, pools),
];

const at = (path: ConfigPath, message: string): Finding => ({ path, about: 'value', message });

/** The bound is a matter of balancing, which has its own place in the file. */
function haproxyProblems(given: unknown, { balance }: PoolConfig, path: ConfigPath): readonly Finding[] {
  const factor = haproxy.safeParse(given).data?.['hash-balance-factor'];
  const loadFactor = balance.policy === 'rendezvous' ? balance.loadFactor : undefined;
  if (factor === undefined || factor === Math.round((loadFactor ?? 0) * 100)) return [];
  const wanted = factor === 0 ? 'no loadFactor' : `{ policy: rendezvous, loadFactor: ${factor / 100} }`;
  return [
    at(
      [...path, 'balance'],
      `expected ${wanted}, as hash-balance-factor says ${factor}, found another bound`,
    ),
  ];
}

function huaweiProblems(given: unknown, pool: PoolConfig, path: ConfigPath): readonly Finding[] {
  const values = huawei.safeParse(given).data;
  if (values === undefined) return [];
  const kind = poolKind(pool);
  const fitting = huaweiTypesFor(kind);
  return [
    ...(fitting.includes(values.type)
      ? []
      : [
          at(
            [...path, 'affinity', 'type'],
            `expected ${fitting.join(' or ')}, because the listener is ${kind.toUpperCase()}, found ${values.type}`,
          ),
        ]),
    ...(pool.balance.policy === 'source-ip' ? [at([...path, 'balance'], STICKY_BESIDE_HASH)] : []),
  ];
}

const STICKY_BESIDE_HASH =
  'expected round-robin or least-connections, because sticky sessions cannot be configured beside the algorithm SOURCE_IP, found source-ip';

/** Cookies are of HTTP: a TCP or SSL listener of a load balancer can have no policy of theirs. */
function elbProblems(given: unknown, pool: PoolConfig, path: ConfigPath): readonly Finding[] {
  const [inUse] = elbPolicies.PolicyNames.safeParse(valueAt(given, ['PolicyNames'])).data ?? [];
  const kind = poolKind(pool).toUpperCase();
  if (inUse === undefined || kind === 'HTTP') return [];
  const message = `expected no cookie stickiness policy, because the listener is ${kind} (InvalidConfigurationRequest), found ${inUse}`;
  return [at([...path, 'affinity', 'PolicyNames', 0], message)];
}
