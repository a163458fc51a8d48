import { describe, expect, it } from 'vitest';
import { placeOf, type SessionNode, sessionCluster, type TestVisit } from '../testing/session-world.ts';

const SESSION: TestVisit = { fields: ['X-Session', 'one'] };
const affinity = { type: 'header', name: 'X-Session', onEndpointBusy: 'repin' };

/** The node has as many requests at these endpoints as it may have. */
function fill(node: SessionNode, ...ids: readonly (string | undefined)[]): void {
  for (const endpoint of node.pool.endpoints)
    if (ids.includes(endpoint.id)) Object.assign(endpoint, { connectionsMax: 1, inFlight: 1 });
}

const ALL = ['shop/a', 'shop/b', 'shop/c'];

describe('a session whose endpoint has no room', () => {
  it('waits for it where nothing else is said', async () => {
    const { nodes } = sessionCluster({ affinity: { ...affinity, onEndpointBusy: 'wait' } });
    const home = placeOf(await nodes[0].visit(SESSION));
    fill(nodes[0], home);
    expect(await nodes[0].visit(SESSION)).toMatchObject({ endpoint: { id: home }, outcome: 'hit' });
  });

  it('moves with onEndpointBusy: repin, once and for every node, and does not come back', async () => {
    const { nodes } = sessionCluster({ affinity });
    const home = placeOf(await nodes[0].visit(SESSION));
    fill(nodes[0], home);
    const moved = await nodes[0].visit(SESSION);
    expect(moved).toMatchObject({ outcome: 'repinned', reason: 'endpoint-busy', movedFrom: home });
    expect(placeOf(moved)).not.toBe(home);
    for (const node of nodes)
      expect(await node.visit(SESSION)).toMatchObject({ endpoint: { id: placeOf(moved) }, outcome: 'hit' });
  });

  it('goes to an endpoint that has room, of several that have none', async () => {
    const { nodes } = sessionCluster({ affinity });
    const home = placeOf(await nodes[0].visit(SESSION));
    const [free, ...full] = ALL.filter((id) => id !== home);
    for (const only of [free, ...full]) {
      const { nodes: others } = sessionCluster({ affinity });
      const [node] = others;
      const first = placeOf(await node.visit(SESSION));
      fill(node, ...ALL.filter((id) => id !== only));
      expect(placeOf(await node.visit(SESSION))).toBe(first === only ? first : only);
    }
  });

  it('stays where it is when nobody has room, or without the store', async () => {
    const { nodes } = sessionCluster({ affinity });
    const [one, two] = nodes;
    const home = placeOf(await one.visit(SESSION));
    fill(one, ...ALL);
    expect(await one.visit(SESSION)).toMatchObject({ endpoint: { id: home }, outcome: 'hit' });
    await two.visit(SESSION);
    fill(two, home);
    two.store.isDown = true;
    expect(await two.visit(SESSION)).toMatchObject({ endpoint: { id: home }, outcome: 'fallback' });
  });
});
