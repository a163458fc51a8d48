import { describe, expect, it } from 'vitest';
import { trailOf } from './trail.ts';
import type { Visit } from './visitor.ts';

const at = (endpoint: string, pinVersion: number, reason?: string): Visit => ({
  kind: 'answered',
  trace: { node: 'node-1', endpoint, pinVersion, outcome: 'hit', ...(reason !== undefined && { reason }) },
  items: 0,
  setCookies: [],
});

describe('the trail of visits', () => {
  it('tells each change once, with the visit, the node and the reason', () => {
    const visits: Visit[] = [
      at('shop/a', 1),
      at('shop/a', 1),
      at('shop/b', 2, 'endpoint-down'),
      at('shop/b', 2),
    ];
    expect(trailOf(visits)).toBe(
      'visit 1: shop/a version 1 (node-1, hit); visit 3: shop/b version 2 (node-1, hit, endpoint-down)',
    );
  });

  it('tells why a visit failed', () => {
    expect(trailOf([{ kind: 'failed', why: 'status 502' }])).toBe('visit 1: status 502');
  });

  it('stays readable when everything changes all the time', () => {
    const trail = trailOf(Array.from({ length: 20 }, (_, index) => at('shop/a', index)));
    expect(trail.split('; ')).toHaveLength(9);
    expect(trail).toContain('12 more changes');
  });

  it('says that there were no visits', () => {
    expect(trailOf([])).toBe('no visits');
  });
});
