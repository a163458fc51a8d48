import { type EndpointId, endpointId, HoldfastError, type Pin, type SessionKey } from '@holdfast/shared';
import { openMemoryStore } from '@holdfast/store/memory';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../pool/endpoint.ts';
import { SessionMover } from '../rebalance/session-mover.ts';
import { shop } from '../testing/endpoints.ts';
import { placeOf, sessionCluster } from '../testing/session-world.ts';

const as = (user: string) => ({ fields: ['X-User', user] });
const idOf = (id: string): EndpointId => endpointId(shop, id);

/** A session of a user at one endpoint, that was then moved to another one between its requests. */
async function moved(affinity: object = { type: 'header', name: 'X-User' }) {
  const { nodes, clock, map } = sessionCluster({ affinity });
  const [node] = nodes;
  const first = await node.visit(as('somebody'));
  const { sessions } = openMemoryStore({ map });
  const mover = new SessionMover({ sessions, clock });
  const key = first.session?.key as SessionKey;
  const from = first.endpoint as Endpoint;
  const to = node.pool.endpoints.find(({ id }) => id !== from.id) as Endpoint;
  await mover.moveKey(key, (await sessions.find(key, clock.now())) as Pin, to, 'rebalanced', () => true);
  const find = () => sessions.find(key, clock.now());
  return { nodes, clock, key, first, from, to, find };
}

describe('a session that was moved between its requests', () => {
  it('is served where it is now by every node, and the endpoint is told once', async () => {
    const { nodes, from, to, find } = await moved();
    const told = await nodes[1].visit(as('somebody'));
    expect(told).toMatchObject({
      outcome: 'adopted',
      tier: 'store',
      reason: 'rebalanced',
      movedFrom: from.id,
    });
    expect(placeOf(told)).toBe(to.id);
    for (const node of nodes) {
      const later = await node.visit(as('somebody'));
      expect(later).toMatchObject({ endpoint: { id: to.id }, movedFrom: undefined, outcome: 'hit' });
    }
    expect(await find()).toMatchObject({ endpoint: to.id, version: 3 });
    expect(await find()).not.toHaveProperty('arrival');
  });

  it('tells its endpoint by one of the requests that come at one moment to several nodes', async () => {
    const { nodes, from, to } = await moved();
    const visits = await Promise.all([...nodes, ...nodes].map((node) => node.visit(as('somebody'))));
    expect(visits.map(placeOf)).toEqual(Array(6).fill(to.id));
    expect(visits.filter(({ movedFrom }) => movedFrom !== undefined)).toHaveLength(1);
    expect(visits.find(({ movedFrom }) => movedFrom !== undefined)?.movedFrom).toBe(from.id);
  });

  it('has arrived from where it was, if its new endpoint is down before anybody was told', async () => {
    const { nodes, from, to } = await moved();
    const [, node] = nodes;
    node.takeDown(to.id);
    const next = await node.visit(as('somebody'));
    expect(next).toMatchObject({ outcome: 'repinned', reason: 'endpoint-down', movedFrom: from.id });
    expect(placeOf(next)).not.toBe(to.id);
  });

  it('stays as long as after any other request: its next one moves the deadline', async () => {
    const { nodes, clock, find } = await moved();
    await clock.advance(1_000_000);
    await nodes[0].visit(as('somebody'));
    expect((await find())?.expiresAtMs).toBe(clock.now() + 1_200_000);
  });

  it('is told of once even if the store has written that, and its answer is lost', async () => {
    const { nodes, from, to } = await moved();
    const { store } = nodes[0];
    const { repin } = store;
    const losing: typeof repin = async (...args) => {
      await repin(...args);
      throw new HoldfastError('STORE_UNAVAILABLE', 'repin: the test has lost the reply');
    };
    Object.assign(store, { repin: losing });
    const told = await nodes[0].visit(as('somebody'));
    expect(told).toMatchObject({ endpoint: { id: to.id }, movedFrom: from.id, reason: 'rebalanced' });
    expect(await nodes[1].visit(as('somebody'))).toMatchObject({
      endpoint: { id: to.id },
      movedFrom: undefined,
    });
  });

  it('brings a client with a cookie of ours a new one', async () => {
    const { nodes, clock, map } = sessionCluster();
    const [node, other] = nodes;
    const first = await node.visit();
    const [setCookie = ''] = node.setCookies(first);
    const cookie = { fields: ['Cookie', setCookie.split(';', 1)[0] ?? ''] };
    const { sessions } = openMemoryStore({ map });
    const key = first.session?.key as SessionKey;
    const to = node.pool.endpoints.find(({ id }) => id !== first.endpoint?.id) as Endpoint;
    const pin = (await sessions.find(key, clock.now())) as Pin;
    await new SessionMover({ sessions, clock }).moveKey(key, pin, to, 'operator', () => true);
    const told = await other.visit(cookie);
    expect(told).toMatchObject({
      endpoint: { id: to.id },
      reason: 'operator',
      session: { pin: { version: 3 } },
    });
    expect(other.setCookies(told)).toHaveLength(1);
  });

  it('goes by the map, not by what stands in it of where it was, if that is no endpoint', async () => {
    const { nodes, clock, map } = sessionCluster({ affinity: { type: 'header', name: 'X-User' } });
    const [node] = nodes;
    const first = await node.visit(as('somebody'));
    const { sessions } = openMemoryStore({ map });
    const key = first.session?.key as SessionKey;
    const pin = (await sessions.find(key, clock.now())) as Pin;
    const arrival = { from: idOf('gone'), reason: 'operator' } as const;
    await sessions.repin(key, 1, { ...pin, version: 2, arrival }, clock.now());
    expect(await nodes[1].visit(as('somebody'))).toMatchObject({
      endpoint: { id: first.endpoint?.id },
      movedFrom: 'shop/gone',
    });
  });
});
