import { endpointOfPin } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { placeOf, type SessionNode, sessionCluster } from '../testing/session-world.ts';

const MINUTE_MS = 60_000;

/** Nodes that all know of a first process at every endpoint, or of none. */
function cluster(known: { readonly first?: string } = {}) {
  const world = sessionCluster({ affinity: { type: 'header', name: 'X-Session' } });
  if (known.first !== undefined) for (const node of world.nodes) meet(node, known.first);
  return world;
}

/** Has a node find a process at endpoints, at all of them unless one is named. */
function meet(node: SessionNode, incarnation: string, id?: string): void {
  for (const endpoint of node.pool.endpoints)
    if (id === undefined || endpoint.id === id) node.pool.identified(endpoint, incarnation);
}

const visit = (node: SessionNode, session = 'one') => node.visit({ fields: ['X-Session', session] });

describe('a session whose endpoint is another process by now', () => {
  it('moves once for all nodes, elsewhere, and its new endpoint is told where it was', async () => {
    const { clock, nodes } = cluster({ first: 'p1' });
    const home = placeOf(await visit(nodes[0]));
    for (const node of nodes) await visit(node);
    await clock.advance(MINUTE_MS);
    for (const node of nodes) meet(node, 'p2', home);
    const moved = await visit(nodes[0]);
    expect(moved).toMatchObject({ outcome: 'repinned', reason: 'endpoint-replaced', movedFrom: home });
    expect(placeOf(moved)).not.toBe(home);
    for (const node of nodes) expect(placeOf(await visit(node))).toBe(placeOf(moved));
    expect(moved.session?.pin?.version).toBe(2);
  });

  it('moves although its pin is from before any process was known, if the node has seen the change', async () => {
    const { clock, nodes } = cluster();
    const [node] = nodes;
    const home = placeOf(await visit(node));
    await clock.advance(MINUTE_MS);
    meet(node, 'p1', home);
    expect(await visit(node)).toMatchObject({ outcome: 'hit', endpoint: { id: home } });
    meet(node, 'p2', home);
    expect(await visit(node)).toMatchObject({ outcome: 'repinned', reason: 'endpoint-replaced' });
  });

  it('moves when a node finds out that has started since: the pin says which process it was', async () => {
    const { clock, nodes, open } = cluster({ first: 'p1' });
    const home = placeOf(await visit(nodes[0]));
    await clock.advance(MINUTE_MS);
    const late = open();
    meet(late, 'p2', home);
    expect(await visit(late)).toMatchObject({ outcome: 'repinned', reason: 'endpoint-replaced' });
  });

  it('goes to the successor where there is no other endpoint', async () => {
    const { clock, nodes } = cluster({ first: 'p1' });
    const [node] = nodes;
    const home = placeOf(await visit(node)) as string;
    const others = node.pool.endpoints.flatMap(({ id }) => (id === home ? [] : id));
    await clock.advance(MINUTE_MS);
    meet(node, 'p2', home);
    node.takeDown(...others);
    const moved = await visit(node);
    expect(moved).toMatchObject({ outcome: 'repinned', endpoint: { id: home } });
    expect(await visit(node)).toMatchObject({ outcome: 'hit', endpoint: { id: home } });
  });
});

describe('a session by the sealed cookie', () => {
  /** A session that a node has begun whose endpoints have said who they are, and its cookie. */
  async function begun() {
    const { clock, nodes, open, map } = sessionCluster({ affinity: { type: 'cookie' } });
    meet(nodes[0], 'p1');
    const first = await nodes[0].visit();
    const cookie = nodes[0].setCookies(first)[0]?.split(';')[0] ?? '';
    await clock.advance(MINUTE_MS);
    return { nodes, open, map, home: placeOf(first), again: { fields: ['Cookie', cookie] } };
  }

  it('stays without the store, at a node that has yet to ask who serves', async () => {
    const { open, home, again } = await begun();
    const late = open();
    late.store.isDown = true;
    expect(await late.visit(again)).toMatchObject({
      outcome: 'fallback',
      tier: 'cookie',
      endpoint: { id: home },
    });
  });

  it('does not go back, without the store or its pin, to an endpoint that a node has seen replaced', async () => {
    const { nodes, map, home, again } = await begun();
    meet(nodes[0], 'p2', home);
    nodes[0].store.isDown = true;
    expect(placeOf(await nodes[0].visit(again))).not.toBe(home);
    nodes[0].store.isDown = false;
    for (const [key] of [...map.entries()]) map.delete(key);
    expect(placeOf(await nodes[0].visit(again))).not.toBe(home);
  });
});

describe('a session whose endpoint is the process that it came to', () => {
  it('stays while nodes start and learn of that process one after the other', async () => {
    const { clock, nodes, open } = cluster({ first: 'p1' });
    const home = placeOf(await visit(nodes[0]));
    const late = open();
    expect(await visit(late)).toMatchObject({ outcome: 'hit', endpoint: { id: home } });
    await clock.advance(MINUTE_MS);
    meet(late, 'p1');
    expect(await visit(late)).toMatchObject({ outcome: 'hit', endpoint: { id: home } });
  });

  it('stays at nodes that have yet to hear of the successor that it came to', async () => {
    const { clock, nodes } = cluster({ first: 'p1' });
    await clock.advance(MINUTE_MS);
    meet(nodes[0], 'p2');
    const begun = await visit(nodes[0]);
    for (const node of nodes) {
      const found = await visit(node);
      expect(found).toMatchObject({ outcome: 'hit', session: { pin: { version: 1 } } });
      expect(placeOf(found)).toBe(placeOf(begun));
    }
    // What the others hear later is no change for a session that came to the successor.
    await clock.advance(MINUTE_MS);
    for (const node of nodes) meet(node, 'p2');
    for (const node of nodes) expect(placeOf(await visit(node))).toBe(placeOf(begun));
  });

  it('is pinned to that process by a digest: its own words reach no store', async () => {
    const { nodes } = cluster({ first: 'container://4711/with any signs' });
    const { session, endpoint } = await visit(nodes[0]);
    expect(session?.pin?.endpoint).toMatch(/^shop\/[abc]#[\w-]{8}$/);
    expect(endpointOfPin(session?.pin?.endpoint ?? endpoint!.id)).toBe(endpoint?.id);
  });

  it('is found without asking the store, as any warm session is', async () => {
    const { nodes } = cluster({ first: 'p1' });
    await visit(nodes[0]);
    const callsBefore = nodes[0].store.calls;
    expect(await visit(nodes[0])).toMatchObject({ outcome: 'hit', tier: 'near' });
    expect(nodes[0].store.calls).toBe(callsBefore);
  });
});
