import { beforeEach, describe, expect, it } from 'vitest';
import { sessionView } from './api.ts';
import { AdminWorld, keyOf } from './testing/admin-world.ts';

let world: AdminWorld;
beforeEach(() => {
  world = new AdminWorld();
});

describe('the sessions of the admin API', () => {
  it('are listed by their keys, page by page', async () => {
    const keys = await Promise.all(
      [1, 2, 3, 4, 5].map((number) => world.pin(number, number < 3 ? 'a' : 'b')),
    );
    const first = await world.ask('GET /sessions?limit=3');
    expect(first.body.sessions.map((each: unknown) => sessionView.parse(each))).toHaveLength(3);
    const second = await world.ask(`GET /sessions?limit=3&cursor=${first.body.next}`);
    const all = [...first.body.sessions, ...second.body.sessions];
    expect(all.map(({ key }) => key).sort()).toEqual([...keys].sort());
    expect(second.body.next).toBeUndefined();
    const ofA = await world.ask('GET /sessions?endpoint=shop/a');
    expect(ofA.body.sessions.map(({ key }: { key: string }) => key)).toEqual(keys.slice(0, 2));
  });

  it.each(['limit=0', 'limit=1001', 'limit=x'])('are not listed by %s', async (query) => {
    expect((await world.ask(`GET /sessions?${query}`)).status).toBe(400);
  });

  it('are told one by one, with their version as tag', async () => {
    const key = await world.pin(1, 'a', { version: 7, root: keyOf(9) });
    const { status, tag, body } = await world.ask(`GET /sessions/${key}`);
    expect([status, tag]).toEqual([200, '"7"']);
    expect(sessionView.parse(body)).toMatchObject({ key, endpoint: 'shop/a', version: 7, root: keyOf(9) });
  });

  it('are unknown by other keys, and a cookie is none', async () => {
    expect((await world.ask(`GET /sessions/${keyOf(1)}`)).status).toBe(404);
    for (const line of ['GET /sessions/abc', 'POST /sessions/abc/move', 'DELETE /sessions/abc']) {
      const { status, body } = await world.ask(line);
      expect(status).toBe(400);
      expect(body.error.message).toContain('22 characters');
    }
  });
});

describe('a session that an operator moves', () => {
  it('goes to the endpoint that is named, with the next version', async () => {
    const key = await world.pin(1, 'a');
    await world.clock.advance(5_000);
    const { status, tag, body } = await world.ask(`POST /sessions/${key}/move`, { to: 'shop/b' });
    expect([status, tag]).toEqual([200, '"2"']);
    expect(body).toMatchObject({ endpoint: 'shop/b', version: 2 });
    expect(Date.parse(body.pinnedAt)).toBe(world.clock.now());
    expect(await world.endpointOf(key)).toBe('shop/b');
  });

  it('goes to another endpoint where none is named', async () => {
    const key = await world.pin(1, 'a');
    await world.ask(`POST /sessions/${key}/move`);
    expect(await world.endpointOf(key)).toMatch(/^shop\/[bc]$/);
  });

  it('has its endpoint told that it comes, and from where', async () => {
    const key = await world.pin(1, 'a');
    await world.ask(`POST /sessions/${key}/move`, { to: 'shop/b' });
    const pin = await world.store.sessions.find(key, world.clock.now());
    expect(pin?.arrival).toEqual({ from: 'shop/a', reason: 'operator' });
  });

  it.each(['first', 'further'])('goes with all of its keys, by a %s one', async (which) => {
    world = new AdminWorld({ type: 'header', name: 'X-User' });
    const root = await world.pin(1, 'a');
    const alias = await world.pin(2, 'a', { root });
    const lost = await world.pin(3, 'c', { root });
    const stranger = await world.pin(4, 'a');
    await world.ask(`POST /sessions/${which === 'first' ? root : alias}/move`, { to: 'shop/b' });
    for (const key of [root, alias, lost]) expect(await world.endpointOf(key)).toBe('shop/b');
    expect(await world.endpointOf(stranger)).toBe('shop/a');
  });

  it('is moved without a look through the session map where sessions have one key each', async () => {
    world.store.inventory.list = () => Promise.reject(new Error('the test allows no look'));
    const key = await world.pin(1, 'a');
    expect((await world.ask(`POST /sessions/${key}/move`, { to: 'shop/b' })).status).toBe(200);
  });

  it('stays as it is where it is there already', async () => {
    const key = await world.pin(1, 'a');
    const { tag } = await world.ask(`POST /sessions/${key}/move`, { to: 'shop/a' });
    expect(tag).toBe('"1"');
  });

  it('does not move from another state than the one that If-Match names', async () => {
    const key = await world.pin(1, 'a');
    const move = `POST /sessions/${key}/move`;
    expect((await world.ask(move, { to: 'shop/b' }, { 'if-match': '"1"' })).status).toBe(200);
    for (const tag of ['"1"', '"x"', 'W/"2"'])
      expect((await world.ask(move, { to: 'shop/c' }, { 'if-match': tag })).status).toBe(412);
    expect(await world.endpointOf(key)).toBe('shop/b');
  });

  it.each([
    ['is unknown', 'shop/x', /no endpoint "shop\/x"/],
    ['is of another pool', 'other/a', /no endpoint "other\/a"/],
    ['drains', 'shop/b', /draining/],
    ['is down', 'shop/c', /down/],
  ])('does not go to an endpoint that %s', async (_, to, message) => {
    const key = await world.pin(1, 'a');
    await world.ask('PUT /endpoints/shop/b/drain');
    const c = world.pool.endpoints[2];
    if (c !== undefined) world.pool.reported(c, 'connect-failed');
    const { status, body } = await world.ask(`POST /sessions/${key}/move`, { to });
    expect(status).toBe(400);
    expect(body.error.message).toMatch(message);
    expect(await world.endpointOf(key)).toBe('shop/a');
  });

  it('moves once when two operators move it at one moment', async () => {
    const key = await world.pin(1, 'a');
    const ifMatch = { 'if-match': '"1"' };
    const told = await Promise.all(
      ['shop/b', 'shop/c'].map((to) => world.ask(`POST /sessions/${key}/move`, { to }, ifMatch)),
    );
    expect(told.map(({ status }) => status).sort()).toEqual([200, 412]);
    expect((await world.ask(`GET /sessions/${key}`)).tag).toBe('"2"');
  });
});

describe('a session that an operator unpins', () => {
  it('is forgotten', async () => {
    const key = await world.pin(1, 'a');
    expect((await world.ask(`DELETE /sessions/${key}`)).status).toBe(200);
    expect(await world.endpointOf(key)).toBeUndefined();
    expect((await world.ask(`DELETE /sessions/${key}`)).status).toBe(404);
  });

  it('is kept where it has moved meanwhile', async () => {
    const key = await world.pin(1, 'a', { version: 2 });
    expect((await world.ask(`DELETE /sessions/${key}`, undefined, { 'if-match': '"1"' })).status).toBe(412);
    expect(await world.endpointOf(key)).toBe('shop/a');
  });

  it('is no matter of web pages', async () => {
    const key = await world.pin(1, 'a');
    for (const line of [`DELETE /sessions/${key}`, `POST /sessions/${key}/move`])
      expect((await world.ask(line, undefined, { 'sec-fetch-site': 'none' })).status).toBe(403);
    expect(await world.endpointOf(key)).toBe('shop/a');
  });
});
