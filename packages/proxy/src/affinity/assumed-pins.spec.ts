import { describe, expect, it } from 'vitest';
import { placeOf, sessionCluster } from '../testing/session-world.ts';

const MINUTE_MS = 60_000;
const byKey = { affinity: { type: 'header', name: 'X-Session', idleTimeout: '20m' } };
const keys = Array.from({ length: 8 }, (_, index) => `session-${index}`);

describe('a place that a node has only assumed', () => {
  it('is no ground to move a session that the map has elsewhere, at the same version', async () => {
    const { nodes } = sessionCluster(byKey);
    const [first, cutOff] = nodes;
    let differing = 0;
    for (const key of keys) {
      const fields = ['X-Session', key];
      const home = placeOf(await first.visit({ fields }));
      cutOff.store.isDown = true;
      const assumed = await cutOff.visit({ fields });
      cutOff.store.isDown = false;
      if (placeOf(assumed) !== home) differing++;
      cutOff.takeDown(placeOf(assumed) as string);
      await cutOff.affinity.failover(cutOff.claimOf(fields), assumed, 'connect-failed', cutOff.clock.now());
      expect(await first.visit({ fields })).toMatchObject({ endpoint: { id: home } });
      cutOff.bringBack('shop/a', 'shop/b', 'shop/c');
    }
    // Where hashing happens to name the same endpoint, nothing is shown.
    expect(differing).toBeGreaterThan(0);
  });
});

describe('a map that has been emptied without a sign', () => {
  it('is noticed with the first session that is missing: of all others the map is asked again', async () => {
    const { nodes, clock, map } = sessionCluster(byKey);
    const [remembering, other] = nodes;
    const before = new Map<string, string | undefined>();
    for (const key of keys) before.set(key, placeOf(await remembering.visit({ fields: ['X-Session', key] })));
    await clock.advance(6 * MINUTE_MS);
    for (const [key] of [...map.entries()]) map.delete(key);
    const [first = '', ...rest] = keys;
    const begun = new Map<string, string | undefined>();
    for (const key of rest.toReversed())
      begun.set(key, placeOf(await other.visit({ fields: ['X-Session', key] })));
    expect(rest.map((key) => begun.get(key))).not.toEqual(rest.map((key) => before.get(key)));
    await remembering.visit({ fields: ['X-Session', first] });
    await clock.advance(10);
    for (const key of rest)
      expect(placeOf(await remembering.visit({ fields: ['X-Session', key] }))).toBe(begun.get(key));
  });
});
