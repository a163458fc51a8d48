import { describe, expect, it } from 'vitest';
import { placeOf, type SessionNode, sessionCluster, type TestVisit } from '../testing/session-world.ts';

const SESSION: TestVisit = { fields: ['X-Session', 'one'] };
const IDLE_MS = 60_000;
const affinity = { type: 'header', name: 'X-Session', idleTimeout: '60s' };

/** The cluster has come to that about an endpoint, as far as this node knows. */
function agree(node: SessionNode, id: string | undefined, agreement: 'up' | 'down'): void {
  for (const endpoint of node.pool.endpoints) if (endpoint.id === id) node.pool.agreed(endpoint, agreement);
}

async function atHome(settings: object = {}) {
  const { nodes, map, clock } = sessionCluster({ affinity: { ...affinity, ...settings } });
  const [node, other] = nodes;
  const home = placeOf(await node.visit(SESSION));
  for (const each of nodes) agree(each, home, 'up');
  return { node, other, home, map, clock };
}

describe('a session whose endpoint only this node holds down', () => {
  it('is served elsewhere and stays pinned: the other nodes find it where it was', async () => {
    const { node, other, home } = await atHome();
    node.takeDown(home as string);
    const away = await node.visit(SESSION);
    expect(away).toMatchObject({ outcome: 'fallback', reason: 'endpoint-suspect', movedFrom: undefined });
    expect(placeOf(away)).not.toBe(home);
    expect(away.session?.pin).toMatchObject({ endpoint: home, version: 1 });
    expect(await other.visit(SESSION)).toMatchObject({ outcome: 'hit', endpoint: { id: home } });
  });

  it('is served in one place for as long as that lasts, and moves there once most nodes hold it down', async () => {
    const { node, other, home } = await atHome();
    node.takeDown(home as string);
    const away = placeOf(await node.visit(SESSION));
    for (let visit = 0; visit < 5; visit++) expect(placeOf(await node.visit(SESSION))).toBe(away);
    agree(node, home, 'down');
    expect(await node.visit(SESSION)).toMatchObject({
      outcome: 'repinned',
      reason: 'endpoint-down',
      endpoint: { id: away },
      session: { pin: { version: 2 } },
    });
    expect(await other.visit(SESSION)).toMatchObject({ endpoint: { id: away } });
  });

  it('returns when this node reaches it again, without a move', async () => {
    const { node, home } = await atHome();
    node.takeDown(home as string);
    await node.visit(SESSION);
    node.bringBack(home as string);
    expect(await node.visit(SESSION)).toMatchObject({ outcome: 'hit', session: { pin: { version: 1 } } });
  });

  it('stays alive while it is used there', async () => {
    const { node, home, clock } = await atHome();
    node.takeDown(home as string);
    for (let visit = 0; visit < 6; visit++) {
      await clock.advance(IDLE_MS / 2);
      await node.visit(SESSION);
    }
    node.bringBack(home as string);
    expect(await node.visit(SESSION)).toMatchObject({ outcome: 'hit', session: { pin: { version: 1 } } });
  });

  it('goes to the same place when a request fails on the way to it', async () => {
    const { node, home } = await atHome();
    const resolution = await node.visit(SESSION);
    node.takeDown(home as string);
    const claim = node.claimOf(SESSION.fields ?? []);
    const failedOver = await node.affinity.failover(claim, resolution, 'connect-failed', node.clock.now());
    expect(failedOver).toMatchObject({
      outcome: 'fallback',
      session: { pin: { endpoint: home, version: 1 } },
    });
    expect(placeOf(failedOver)).toBe(placeOf(await node.visit(SESSION)));
  });

  it('is answered with 503 where it is to wait for its endpoint', async () => {
    const { node, home } = await atHome({ onEndpointDown: 'fail' });
    node.takeDown(home as string);
    expect(await node.visit(SESSION)).toMatchObject({ refusal: 'endpoint-down' });
  });

  it('is served elsewhere without the store as well, and no move is assumed', async () => {
    const { node, other, home } = await atHome();
    node.takeDown(home as string);
    node.store.isDown = true;
    const away = await node.visit(SESSION);
    expect(away).toMatchObject({ outcome: 'fallback', reason: 'endpoint-suspect' });
    node.store.isDown = false;
    expect(await other.visit(SESSION)).toMatchObject({
      endpoint: { id: home },
      session: { pin: { version: 1 } },
    });
  });
});

describe('a session whose endpoint most of the others hold down', () => {
  it('stays where this node reaches it', async () => {
    const { node, home } = await atHome();
    agree(node, home, 'down');
    expect(await node.visit(SESSION)).toMatchObject({ outcome: 'hit', endpoint: { id: home } });
  });

  it('does not begin there', async () => {
    const { node } = await atHome();
    agree(node, 'shop/a', 'down');
    const places = new Set<string | undefined>();
    for (let session = 0; session < 12; session++)
      places.add(placeOf(await node.visit({ fields: ['X-Session', `new ${session}`] })));
    expect([...places].sort()).toEqual(['shop/b', 'shop/c']);
  });
});
