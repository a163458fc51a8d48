import { valueAt } from '../config/config-path.ts';
import type { Finding } from '../config/problem.ts';
import type { PoolConfig } from '../config/schema.ts';
import { nginx, nginxZoneOf } from './nginx.ts';

/**
 * Every `sticky learn` whose zone an earlier pool has. Pools never mix their sessions here, but nginx refuses to: a zone
 * that is there twice is a slip of whoever copied the directive.
 */
export function nginxZoneProblems(given: unknown, pools: readonly PoolConfig[]): readonly Finding[] {
  const owners = new Map<string, string>();
  return pools.flatMap(({ name }, index) => {
    const values = nginx.safeParse(valueAt(given, ['pools', index, 'affinity'])).data;
    const zone = values && nginxZoneOf(values);
    if (zone === undefined) return [];
    const owner = owners.get(zone);
    owners.set(zone, owner ?? name);
    if (owner === undefined) return [];
    const message = `expected a zone of its own, found one of which nginx says: sticky zone "${zone}" is already used in upstream "${owner}"`;
    return [{ path: ['pools', index, 'affinity', 'sticky'], about: 'value', message }];
  });
}
