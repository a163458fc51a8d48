import { beforeEach, describe, expect, it } from 'vitest';
import { shortId } from '../testing/endpoints.ts';
import { AdminWorld } from './testing/admin-world.ts';

const ADD = 'POST /endpoints/shop';
const REMOVE = 'DELETE /endpoints/shop/d';
const d = { id: 'd', url: 'http://10.0.0.9:8080' };

let world: AdminWorld;
beforeEach(() => {
  world = new AdminWorld(
    { type: 'cookie' },
    { endpointNetworks: ['10.0.0.0/8', '169.254.0.0/16', 'fd00::/8'] },
  );
});

const takers = () => world.pool.candidates.map(shortId);

describe('an endpoint that an operator adds', () => {
  it('takes sessions, and says who has named it', async () => {
    const { status, tag, body } = await world.ask(ADD, { ...d, weight: 3 });
    expect([status, tag]).toEqual([200, '"serving"']);
    expect(body).toMatchObject({
      id: 'shop/d',
      url: d.url,
      weight: 3,
      from: 'operator',
      standing: 'serving',
    });
    expect(takers()).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is called by its address where it is given no id', async () => {
    const { body } = await world.ask(ADD, { url: d.url });
    expect(body.id).toBe('shop/10.0.0.9:8080');
  });

  it('is added once, however often that is asked for, and not as another one', async () => {
    for (let turn = 0; turn < 2; turn++) expect((await world.ask(ADD, d)).status).toBe(200);
    expect(takers()).toHaveLength(4);
    for (const other of [
      { ...d, weight: 2 },
      { ...d, id: 'e' },
      { id: 'd', url: 'http://10.0.0.8:8080' },
    ])
      expect((await world.ask(ADD, other)).status).toBe(400);
    expect((await world.ask(ADD, { id: 'a', url: 'http://10.0.0.8:8080' })).body.error.message).toContain(
      'shop/a',
    );
    expect(takers()).toHaveLength(4);
  });

  it.each([
    'http://169.254.169.254',
    'http://169.254.169.254.:80',
    'http://[::ffff:169.254.169.254]:80',
    'http://[fe80::1]:80',
    'http://[fd00:ec2::254]',
    'http://127.0.0.1:6379',
    'http://2130706433:80',
    'http://0x7f.1:80',
    'http://017700000001:80',
    'http://0.0.0.0:80',
    'http://[::]:80',
    'http://224.0.0.1:80',
    'http://255.255.255.255:80',
    'http://192.168.0.1:80',
    'http://metadata.google.internal',
    'http://localhost:8080',
  ])('is not at %s, which is not among the networks or never serves', async (url) => {
    const { status, body } = await world.ask(ADD, { id: 'd', url });
    expect([status, body.error.code]).toEqual([403, 'DOWNSTREAM_FORBIDDEN']);
    expect(takers()).toHaveLength(3);
  });

  it.each([
    { ...d, url: 'file:///etc/passwd' },
    { ...d, url: 'http://user@10.0.0.9:80' },
    { ...d, url: 'http://10.0.0.9:80/path' },
    { ...d, url: 'http://10.0.0.9:80/?query' },
    { ...d, url: 'gopher://10.0.0.9:80' },
    { ...d, url: 'tcp://10.0.0.9:80' },
    { ...d, url: '' },
    { id: 'd' },
    { ...d, id: 'd\r\nX: 1' },
    { ...d, id: '../a' },
    { ...d, id: 'a#b' },
    { ...d, weight: -1 },
    { ...d, unknown: true },
  ])('is refused as %j', async (endpoint) => {
    expect((await world.ask(ADD, endpoint)).status).toBe(400);
    expect(takers()).toHaveLength(3);
  });

  it('is refused where the configuration names no networks, with what to do, and to web pages', async () => {
    const { status } = await world.ask(ADD, d, { origin: 'http://evil.test' });
    expect(status).toBe(403);
    const bare = new AdminWorld();
    const told = await bare.ask(ADD, d);
    expect(told.status).toBe(403);
    expect(told.body.error.message).toContain('admin.endpointNetworks');
    expect(bare.pool.endpoints).toHaveLength(3);
  });

  it('is of a pool that there is', async () => {
    expect((await world.ask('POST /endpoints/other', d)).status).toBe(404);
  });
});

describe('an endpoint that was added', () => {
  beforeEach(() => world.ask(ADD, d));

  it('is removed once it is drained and has no sessions, and not before', async () => {
    expect((await world.ask(REMOVE)).body.error.message).toContain('not draining');
    const key = await world.pin(1, 'd');
    await world.ask('PUT /endpoints/shop/d/drain', { deadline: '1s' });
    await world.clock.advance(3_000);
    const kept = await world.ask(REMOVE);
    expect([kept.status, kept.body.error.message]).toEqual([412, expect.stringContaining('1 sessions left')]);
    await world.store.sessions.unpin(key, undefined, world.clock.now());
    expect((await world.ask(REMOVE)).body).toEqual({ id: 'shop/d', standing: 'unknown' });
    expect(world.pool.endpoints).toHaveLength(3);
    expect((await world.ask(REMOVE)).status).toBe(404);
  });

  it('is removed by force, in the state that If-Match names', async () => {
    expect((await world.ask(`${REMOVE}?force=true`, undefined, { 'if-match': '"other"' })).status).toBe(412);
    expect((await world.ask(`${REMOVE}?force=true`, undefined, { 'if-match': '"serving"' })).status).toBe(
      200,
    );
    expect(world.pool.endpoints).toHaveLength(3);
  });
});

describe('an endpoint of the configuration', () => {
  it('is not removed, and the answer says what to do', async () => {
    const { status, body } = await world.ask('DELETE /endpoints/shop/a?force=true');
    expect(status).toBe(400);
    expect(body.error.message).toContain('take it out');
    expect(world.pool.endpoints).toHaveLength(3);
  });
});
