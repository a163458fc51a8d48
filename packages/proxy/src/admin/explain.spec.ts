import { beforeEach, describe, expect, it } from 'vitest';
import type { SessionNode } from '../testing/session-world.ts';
import { explanation } from './api.ts';
import { AdminWorld } from './testing/admin-world.ts';

let world: AdminWorld;
beforeEach(() => {
  world = new AdminWorld({ sources: [{ type: 'cookie' }, { type: 'header', name: 'X-User' }] });
});

/** What is said of a request with these fields. */
async function explained(headers: readonly (readonly [string, string])[], more: object = {}) {
  const { status, body } = await world.ask('POST /explain', { headers, ...more });
  expect(status, JSON.stringify(body)).toBe(200);
  return explanation.parse(body);
}

const user = ['X-User', 'somebody'] as const;
const fieldsOf = ([name, value]: readonly [string, string]) => ({ fields: [name, value] });

/** The cookie of a client whose session has begun. */
async function cookieOf(node: SessionNode): Promise<readonly [string, string]> {
  const [cookie = ''] = node.setCookies(await node.visit());
  return ['Cookie', cookie.split(';', 1)[0] ?? ''];
}

describe('the explanation of a request', () => {
  it('names listener, route and pool, and leaves a request without a session to the balance policy', async () => {
    const said = await explained([]);
    expect(said).toMatchObject({ listener: 'web', route: '/', pool: 'shop', keys: [], decision: 'none' });
    expect(said.endpoint).toBeUndefined();
  });

  it('says that a session which a client has made up would begin, and begins none', async () => {
    const said = await explained([user]);
    expect(said).toMatchObject({ decision: 'pin', keys: [{ source: 'header', known: 'no' }] });
    expect((await world.store.inventory.list({ limit: 9 }, world.clock.now())).sessions).toEqual([]);
  });

  it('says where a session is pinned, by the key that operators know it by', async () => {
    const { endpoint } = await world.node.visit(fieldsOf(user));
    const said = await explained([user]);
    expect(said).toMatchObject({ decision: 'keep', endpoint: endpoint?.id });
    expect(said.keys).toMatchObject([
      { source: 'header', known: 'store', endpoint: endpoint?.id, standing: 'serving', version: 1 },
    ]);
    expect((await world.ask(`GET /sessions/${said.keys[0]?.key}`)).body.endpoint).toBe(endpoint?.id);
    expect(JSON.stringify(said)).not.toContain('somebody');
  });

  it('says where a session would move to, which is where it then moves', async () => {
    const { endpoint } = await world.node.visit(fieldsOf(user));
    world.node.takeDown(endpoint?.id ?? '');
    const said = await explained([user]);
    expect(said).toMatchObject({ decision: 'repin', keys: [{ standing: 'down' }] });
    expect(said.why).toContain('endpoint-down');
    expect(said.endpoint).toBe((await world.node.visit(fieldsOf(user))).endpoint?.id);
  });

  it('believes a young cookie where the session map has lost the pin', async () => {
    const cookie = await cookieOf(world.node);
    const kept = await explained([cookie]);
    expect(kept).toMatchObject({ decision: 'keep', keys: [{ source: 'cookie', known: 'store' }] });
    await world.ask(`DELETE /sessions/${kept.keys[0]?.key}`);
    const adopted = await explained([cookie]);
    expect(adopted).toMatchObject({ decision: 'adopt', endpoint: kept.endpoint });
    expect(adopted.keys).toMatchObject([{ known: 'cookie', endpoint: kept.endpoint, version: 1 }]);
  });

  it('shows every key, and goes by the first that is known', async () => {
    const cookie = await cookieOf(world.node);
    const said = await explained([user, cookie]);
    expect(said.keys.map(({ source, known }) => [source, known])).toEqual([
      ['cookie', 'store'],
      ['header', 'no'],
    ]);
    expect(said.decision).toBe('keep');
  });

  it('takes a foreign cookie for none', async () => {
    expect((await explained([['Cookie', '_srv_id=AAAA']])).decision).toBe('none');
  });

  it('says that nobody may serve where all are down', async () => {
    await world.node.visit(fieldsOf(user));
    world.node.takeDown('shop/a', 'shop/b', 'shop/c');
    expect(await explained([user])).toMatchObject({
      decision: 'refuse',
      why: expect.stringContaining('all-down'),
    });
  });

  it('says what it goes by without the store', async () => {
    await world.store.close();
    const said = await explained([user]);
    expect(said).toMatchObject({ decision: 'fallback', keys: [{ known: 'store-unavailable' }] });
    expect(said.endpoint).toMatch(/^shop\//);
  });

  it('knows a client by its address, however that is written', async () => {
    world = new AdminWorld({ type: 'source-ip' });
    const keys = ['2001:db8::1', '2001:DB8:0:0::1', '192.0.2.7', '::ffff:192.0.2.7'].map(
      async (clientAddress) => (await explained([], { clientAddress })).keys[0]?.key,
    );
    const [short, long, ipv4, mapped] = await Promise.all(keys);
    expect(short).toBeDefined();
    expect([long, mapped]).toEqual([short, ipv4]);
    expect(ipv4).not.toBe(short);
  });

  it('goes by the label that a request names an endpoint with, as long as that may serve', async () => {
    world = new AdminWorld({
      sources: [
        { type: 'label-cookie', name: 'srv' },
        { type: 'header', name: 'X-User' },
      ],
    });
    const labels = ['one', 'two', 'three'];
    world.pool.setEndpoints(
      world.pool.endpoints.map((endpoint, index) => ({ ...endpoint, label: labels[index] })),
    );
    const request = [['Cookie', 'srv=two'], user] as const;
    await world.node.visit(fieldsOf(user));
    const followed = await explained(request);
    expect(followed).toMatchObject({ decision: 'label', label: 'label-cookie', endpoint: 'shop/b' });
    expect(followed.keys).toMatchObject([{ source: 'header', known: 'store' }]);
    world.node.takeDown('shop/b');
    const unfollowed = await explained(request);
    expect(unfollowed).toMatchObject({
      label: 'label-cookie',
      decision: expect.stringMatching(/keep|repin/),
    });
    expect(await explained([['Cookie', 'srv=nobody']])).toMatchObject({
      label: 'label-cookie',
      decision: 'none',
    });
  });

  it.each([
    [400, 'of a client whose address is none', { clientAddress: 'somewhere' }],
    [400, 'whose path is none', { target: 'a b' }],
    [400, 'with a line in a line', { headers: [['X-User', 'a\r\nb: c']] }],
    [400, 'with two hosts', { headers: [['Host', 'b']] }],
    [404, 'to another listener', { listener: 'other' }],
  ])('is refused with %i to a request %s', async (status, _, request) => {
    expect((await world.ask('POST /explain', request)).status).toBe(status);
  });
});

describe('the explanation of a session', () => {
  const explain = async (key: string) => (await world.ask(`GET /sessions/${key}/explain`)).body;

  it('says where its next request would go, and why', async () => {
    const key = await world.pin(1, 'a');
    expect(await explain(key)).toMatchObject({
      ...{ key, pool: 'shop', pinnedTo: 'shop/a', standing: 'serving', decision: 'keep', endpoint: 'shop/a' },
      why: expect.stringContaining('pinned to shop/a'),
    });
  });

  it('says where it would move, which is where it then moves', async () => {
    const { endpoint } = await world.node.visit(fieldsOf(user));
    const [{ key } = { key: '' }] = (await explained([user])).keys;
    world.node.takeDown(endpoint?.id ?? '');
    const said = await explain(key);
    expect(said).toMatchObject({ pinnedTo: endpoint?.id, standing: 'down', decision: 'repin' });
    expect(said.endpoint).toBe((await world.node.visit(fieldsOf(user))).endpoint?.id);
  });

  it('says nothing of a session that there is not, and of what is no key', async () => {
    expect((await world.ask(`GET /sessions/${'x'.repeat(22)}/explain`)).status).toBe(404);
    expect((await world.ask('GET /sessions/short/explain')).status).toBe(400);
  });
});
