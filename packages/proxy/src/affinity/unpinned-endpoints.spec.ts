import { describe, expect, it } from 'vitest';
import { placeOf, type SessionNode, sessionCluster } from '../testing/session-world.ts';

const visitor = { fields: ['X-Session', 'of-the-test'] };

/** Three nodes, of which no endpoint but `shop/a` pins sessions. */
function setUp() {
  const { map, nodes } = sessionCluster({ affinity: { type: 'header', name: 'X-Session' } });
  for (const { pool } of nodes)
    for (const endpoint of pool.endpoints) {
      endpoint.isSticky = endpoint.id === 'shop/a';
      if (!endpoint.isSticky) endpoint.weight = 0;
    }
  for (const node of nodes) refresh(node);
  return { map, nodes };
}

/** Has the pool look at its endpoints anew. */
function refresh(node: SessionNode): void {
  node.takeDown('shop/c');
  node.bringBack('shop/c');
}

describe('an endpoint to which no session is pinned', () => {
  it('serves sessions whose own endpoint is down, and they return when it is back', async () => {
    const { nodes } = setUp();
    expect(placeOf(await nodes[0].visit(visitor))).toBe('shop/a');
    for (const node of nodes) node.takeDown('shop/a');
    const away = await Promise.all(nodes.map((node) => node.visit(visitor)));
    expect(away.map(placeOf)).not.toContain('shop/a');
    expect(new Set(away.map(placeOf)).size).toBe(1);
    for (const { outcome, reason, movedFrom } of away)
      expect({ outcome, reason, movedFrom }).toEqual({
        outcome: 'fallback',
        reason: 'endpoint-down',
        movedFrom: 'shop/a',
      });
    for (const node of nodes) node.bringBack('shop/a');
    const back = await Promise.all(nodes.map((node) => node.visit(visitor)));
    expect(back.map(({ outcome }) => outcome)).toEqual(['hit', 'hit', 'hit']);
  });

  it('serves sessions that begin while there is no other, and leaves no pin of them', async () => {
    const { nodes } = setUp();
    for (const node of nodes) node.takeDown('shop/a');
    const [first] = await Promise.all(nodes.map((node) => node.visit(visitor)));
    expect(first).toMatchObject({ outcome: 'fallback', session: { pin: undefined } });
    for (const node of nodes) node.bringBack('shop/a');
    expect(await nodes[1].visit(visitor)).toMatchObject({ outcome: 'created', endpoint: { id: 'shop/a' } });
  });
});
