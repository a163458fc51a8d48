import { describe, expect, it } from 'vitest';
import { placeOf, type SessionNode, sessionCluster } from '../testing/session-world.ts';

const HEADER = { affinity: { type: 'header', name: 'X-User' } };
const as = (user: string) => ({ fields: ['X-User', user] });

/** Has endpoints drain since that moment, or no longer. */
function drain(node: SessionNode, sinceMs: number | undefined, ...ids: readonly string[]): void {
  for (const endpoint of node.pool.endpoints)
    if (ids.includes(endpoint.id)) node.pool.drain(endpoint, sinceMs);
}

/** A user whose session is at `shop/a`. */
async function userAtA(node: SessionNode): Promise<string> {
  for (let number = 0; number < 9; number++)
    if (placeOf(await node.visit(as(`user-${number}`))) === 'shop/a') return `user-${number}`;
  throw new Error('no session came to shop/a');
}

describe('a session at an endpoint that drains', () => {
  it('stays if it came before the drain, on every node', async () => {
    const { nodes, clock } = sessionCluster(HEADER);
    const user = await userAtA(nodes[0]);
    await clock.advance(1_000);
    for (const node of nodes) {
      drain(node, clock.now(), 'shop/a');
      expect(await node.visit(as(user))).toMatchObject({ outcome: 'hit', reason: undefined });
      expect(placeOf(await node.visit(as(user)))).toBe('shop/a');
    }
  });

  it('is warm as ever: a drain puts no load on the store', async () => {
    const { nodes, clock } = sessionCluster(HEADER);
    const [node] = nodes;
    const user = await userAtA(node);
    await clock.advance(1_000);
    drain(node, clock.now(), 'shop/a');
    const callsBefore = node.store.calls;
    expect(await node.visit(as(user))).toMatchObject({ outcome: 'hit', tier: 'near' });
    expect(node.store.calls).toBe(callsBefore);
  });

  it('moves if it came after the drain, through a node that had not heard of it', async () => {
    const { nodes, clock } = sessionCluster(HEADER);
    drain(nodes[1], clock.now(), 'shop/a');
    await clock.advance(100);
    const user = await userAtA(nodes[0]);
    const moved = await nodes[1].visit(as(user));
    expect(moved).toMatchObject({ outcome: 'repinned', reason: 'endpoint-drained', movedFrom: 'shop/a' });
    expect(placeOf(moved)).not.toBe('shop/a');
  });

  it('moves whenever it came once the deadline is over, and comes back for no undrain', async () => {
    const { nodes } = sessionCluster(HEADER);
    const [node] = nodes;
    const user = await userAtA(node);
    drain(node, Number.NEGATIVE_INFINITY, 'shop/a');
    const moved = await node.visit(as(user));
    expect(moved).toMatchObject({ outcome: 'repinned', reason: 'endpoint-drained' });
    drain(node, undefined, 'shop/a');
    expect(placeOf(await node.visit(as(user)))).toBe(placeOf(moved));
  });

  it('stays, and new ones begin, where every endpoint drains: a drain is no reason for a failure', async () => {
    const { nodes } = sessionCluster(HEADER);
    const [node] = nodes;
    const user = await userAtA(node);
    drain(node, Number.NEGATIVE_INFINITY, 'shop/a', 'shop/b', 'shop/c');
    expect(await node.visit(as(user))).toMatchObject({ outcome: 'hit', reason: undefined });
    const begun = await node.visit(as('somebody new'));
    expect(begun).toMatchObject({ outcome: 'created', refusal: undefined });
    expect(placeOf(await node.visit(as('somebody new')))).toBe(placeOf(begun));
  });

  it('moves to those that serve, not to others that drain', async () => {
    const { nodes } = sessionCluster(HEADER);
    const [node] = nodes;
    const user = await userAtA(node);
    drain(node, Number.NEGATIVE_INFINITY, 'shop/a', 'shop/b');
    expect(placeOf(await node.visit(as(user)))).toBe('shop/c');
  });
});

describe('a request that the one endpoint which takes sessions has failed', () => {
  it('is served by one that drains, where its session would go: a drain is no reason for a failure', async () => {
    const { nodes, clock } = sessionCluster(HEADER);
    const [node] = nodes;
    drain(node, clock.now(), 'shop/b', 'shop/c');
    const first = await node.visit(as('user'));
    const { fields } = as('user');
    const next = await node.affinity.failover(node.claimOf(fields), first, 'request-failed', clock.now());
    expect(next).toMatchObject({ outcome: 'fallback', refusal: undefined });
    node.takeDown('shop/a');
    expect(placeOf(await node.visit(as('user')))).toBe(placeOf(next));
  });
});
