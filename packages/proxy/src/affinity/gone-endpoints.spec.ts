import { describe, expect, it } from 'vitest';
import { testEndpoint } from '../testing/endpoints.ts';
import { placeOf, type SessionNode, sessionCluster } from '../testing/session-world.ts';

const MINUTE_MS = 60_000;

const visit = (node: SessionNode) => node.visit({ fields: ['X-Session', 'one'] });

/** Has a node know only those endpoints, and that it knows all of which any node has heard until then. */
function know(node: SessionNode, ids: readonly string[], completeUntilMs?: number): void {
  node.pool.setEndpoints(ids.map((id) => testEndpoint(id)));
  if (completeUntilMs !== undefined) node.pool.completeUntil(() => completeUntilMs);
}

/** A session that has begun, and the endpoints without the one that it came to. */
async function begun() {
  const world = sessionCluster({ affinity: { type: 'header', name: 'X-Session' } });
  const home = placeOf(await visit(world.nodes[0]));
  const others = ['a', 'b', 'c'].filter((id) => `shop/${id}` !== home);
  await world.clock.advance(MINUTE_MS);
  return { ...world, home, others };
}

describe('a session whose endpoint is not known any more', () => {
  it('moves once for all nodes where discovery has not named it since', async () => {
    const { clock, nodes, home, others } = await begun();
    for (const node of nodes) know(node, others, clock.now());
    const moved = await visit(nodes[0]);
    expect(moved).toMatchObject({ outcome: 'repinned', reason: 'endpoint-gone', movedFrom: home });
    for (const node of nodes) expect(placeOf(await visit(node))).toBe(placeOf(moved));
    expect(moved.session?.pin?.version).toBe(2);
  });

  it('stays there when endpoints come that would have been chosen instead', async () => {
    const { clock, nodes, others } = await begun();
    for (const node of nodes) know(node, others, clock.now());
    const moved = placeOf(await visit(nodes[0]));
    for (const node of nodes) know(node, [...others, 'd', 'e', 'f', 'g'], clock.now());
    for (const node of nodes) expect(placeOf(await visit(node))).toBe(moved);
  });

  it('is not moved by a node that may not have heard of its endpoint yet', async () => {
    const { clock, nodes, home, others } = await begun();
    know(nodes[0], others, clock.now() - MINUTE_MS);
    expect(await visit(nodes[0])).toMatchObject({ outcome: 'fallback', reason: 'endpoint-removed' });
    expect(await visit(nodes[1])).toMatchObject({ outcome: 'hit', endpoint: { id: home } });
  });

  it('is not moved where only a configuration names endpoints', async () => {
    const { nodes, home, others } = await begun();
    know(nodes[0], others);
    expect(await visit(nodes[0])).toMatchObject({ outcome: 'fallback', reason: 'endpoint-removed' });
    expect(await visit(nodes[1])).toMatchObject({ outcome: 'hit', endpoint: { id: home } });
  });
});
