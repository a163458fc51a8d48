import { endpointId, HoldfastError, sleep } from '@holdfast/shared';
import { settle } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { DrainWatch } from '../node/drain-watch.ts';
import { shop, shortId } from '../testing/endpoints.ts';
import { testPool } from '../testing/test-pool.ts';
import { endpointView, terminationView } from './api.ts';
import { AdminWorld } from './testing/admin-world.ts';

let world: AdminWorld;
beforeEach(() => {
  world = new AdminWorld();
});

const DRAIN = 'PUT /endpoints/shop/a/drain';
const UNDRAIN = 'DELETE /endpoints/shop/a/drain';
const SAFE = 'GET /endpoints/shop/a/safe-to-terminate';
const takers = () => world.pool.candidates.map(shortId);

describe('the endpoints of the admin API', () => {
  it('are listed with standing, pins and requests', async () => {
    await world.pin(1, 'a');
    await world.pin(2, 'a');
    const { status, body } = await world.ask('GET /endpoints');
    expect(status).toBe(200);
    expect(body.endpoints.map((each: unknown) => endpointView.parse(each))).toMatchObject([
      { id: 'shop/a', url: 'http://a.internal:8080', standing: 'serving', pinned: 2, inFlight: 0 },
      { id: 'shop/b', pinned: 0 },
      { id: 'shop/c', pinned: 0 },
    ]);
  });

  it('are listed without pins while the session map cannot be asked', async () => {
    await world.store.close();
    const { status, body } = await world.ask('GET /endpoints');
    expect(status).toBe(200);
    expect(body.endpoints[0]).toMatchObject({ id: 'shop/a', standing: 'serving' });
    expect(body.endpoints[0].pinned).toBeUndefined();
  });

  it('are listed without a question to a store that is known not to answer', async () => {
    world.isStoreAvailable = false;
    const { status, body } = await world.ask('GET /endpoints');
    expect(status).toBe(200);
    expect(body.endpoints[0].pinned).toBeUndefined();
    expect((await world.ask('GET /status')).body).not.toHaveProperty('pinned');
  });

  it('are counted with the sessions of all processes that have served there', async () => {
    await world.pin(1, 'a');
    await world.pin(2, 'a#Ab3dE6fG');
    expect((await world.ask('GET /endpoints/shop/a')).body.pinned).toBe(2);
    expect((await world.ask('GET /status')).body.pinned).toEqual({ 'shop/a': 2 });
  });

  it('are not known by another name', async () => {
    for (const line of ['GET /endpoints/shop/x', 'PUT /endpoints/shop/x/drain', SAFE.replace('/a/', '/x/')]) {
      const { status, body } = await world.ask(line);
      expect(status).toBe(404);
      expect(body.error).toMatchObject({ code: 'DOWNSTREAM_NOT_FOUND' });
      expect(body.error.message).toContain('shop/x');
    }
  });
});

describe('a drain', () => {
  it('gives the endpoint no new sessions, and shows what is left', async () => {
    await world.pin(1, 'a');
    const { status, body } = await world.ask(DRAIN);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: 'shop/a', standing: 'draining', pinned: 1 });
    expect(body.drain).toEqual({ since: new Date(world.clock.now()).toISOString() });
    expect(takers()).toEqual(['b', 'c']);
    await world.store.sessions.unpin(await world.pin(1, 'a'), undefined, world.clock.now());
    expect((await world.ask('GET /endpoints/shop/a')).body.pinned).toBe(0);
  });

  it('lets every session go from its deadline on', async () => {
    await world.ask(DRAIN, { deadline: '10m' });
    const [a] = world.pool.endpoints;
    expect(a?.drainingSinceMs).toBe(world.clock.now());
    await world.clock.advance(600_000);
    await world.ask('PUT /endpoints/shop/b/drain');
    expect(a?.drainingSinceMs).toBe(Number.NEGATIVE_INFINITY);
  });

  it('keeps its beginning when its deadline is changed', async () => {
    const first = await world.ask(DRAIN, { deadline: '10m' });
    await world.clock.advance(1_000);
    const second = await world.ask(DRAIN, { deadline: '1h' });
    expect(second.body.drain.since).toBe(first.body.drain.since);
    expect(Date.parse(second.body.drain.deadline)).toBe(world.clock.now() + 3_600_000);
    expect((await world.ask(DRAIN)).body.drain).toEqual({ since: first.body.drain.since });
  });

  it('ends, once and again', async () => {
    await world.ask(DRAIN);
    for (let turn = 0; turn < 2; turn++) {
      const { status, body } = await world.ask(UNDRAIN);
      expect(status).toBe(200);
      expect(body).toMatchObject({ standing: 'serving' });
      expect(body.drain).toBeUndefined();
    }
    expect(takers()).toEqual(['a', 'b', 'c']);
  });

  it('ends for an endpoint that is not configured any more, as long as there is one', async () => {
    const endpoint = endpointId(shop, 'gone');
    await world.store.drains.change(endpoint, undefined, { endpoint, sinceMs: world.clock.now() });
    const line = 'DELETE /endpoints/shop/gone/drain';
    const { status, body } = await world.ask(line);
    expect({ status, body }).toEqual({ status: 200, body: { id: 'shop/gone', standing: 'unknown' } });
    expect(await world.store.drains.list()).toEqual([]);
    expect((await world.ask(line)).status).toBe(404);
  });

  it('is changed only in the state that If-Match names', async () => {
    const { tag } = await world.ask('GET /endpoints/shop/a');
    expect(tag).toBe('"serving"');
    const ifMatch = { 'if-match': tag ?? '' };
    const begun = await world.ask(DRAIN, undefined, ifMatch);
    expect(begun.status).toBe(200);
    const late = await world.ask(DRAIN, { deadline: '1s' }, ifMatch);
    expect(late.status).toBe(412);
    expect(late.body.error.code).toBe('DOWNSTREAM_PRECONDITION_FAILED');
    expect((await world.ask(UNDRAIN, undefined, ifMatch)).status).toBe(412);
    expect((await world.ask(UNDRAIN, undefined, { 'if-match': begun.tag ?? '' })).status).toBe(200);
  });

  it.each([{ deadline: '10' }, { deadline: 10 }, { deadline: '31d' }, '[]', '{', 'null'])(
    'is refused, and nothing changes, by the body %j',
    async (body) => {
      const { status, body: told } = await world.ask(DRAIN, body);
      expect(status).toBe(400);
      expect(told.error.code).toBe('DOWNSTREAM_BAD_REQUEST');
      expect(await world.store.drains.list()).toEqual([]);
    },
  );

  it('is refused to web pages', async () => {
    for (const line of [DRAIN, UNDRAIN])
      expect((await world.ask(line, undefined, { origin: 'http://evil.test' })).status).toBe(403);
    expect(await world.store.drains.list()).toEqual([]);
  });

  it('says so where the store cannot record it', async () => {
    await world.store.close();
    const { status, body } = await world.ask(DRAIN);
    expect(status).toBe(503);
    expect(body.error.code).toBe('STORE_CLOSED');
  });

  it('leaves sessions somewhere to go when every endpoint drains', async () => {
    for (const id of ['a', 'b', 'c']) await world.ask(`PUT /endpoints/shop/${id}/drain`);
    expect(takers()).toEqual(['a', 'b', 'c']);
  });
});

describe('the end of a drained endpoint', () => {
  /** What is answered a moment after the drain began, when every node knows of it. */
  const settled = async () => {
    await world.clock.advance(2_000);
    const { status, body } = await world.ask(SAFE);
    return { status, ...terminationView.parse(body) };
  };

  it('is noticed while the endpoint does not drain', async () => {
    expect(await settled()).toMatchObject({
      status: 503,
      safe: false,
      reasons: [expect.stringContaining('not draining')],
    });
  });

  it('is noticed while another node may not know of the drain', async () => {
    await world.ask(DRAIN);
    expect((await world.ask(SAFE)).body.reasons).toEqual(['not every node may know of the drain yet']);
    expect(await settled()).toMatchObject({ status: 200, safe: true, reasons: [] });
  });

  it('is noticed by sessions that are left, before the deadline', async () => {
    await world.pin(1, 'a');
    await world.ask(DRAIN, { deadline: '1m' });
    expect(await settled()).toMatchObject({ status: 503, reasons: ['1 session left'] });
    await world.clock.advance(58_000);
    expect(await settled()).toMatchObject({ status: 200, safe: true });
  });

  it('is not known while the session map cannot be asked', async () => {
    await world.ask(DRAIN, { deadline: '1s' });
    await world.store.close();
    expect(await settled()).toMatchObject({
      status: 503,
      reasons: [expect.stringContaining('session map cannot be asked')],
    });
  });

  it('is noticed by requests that are under way, also after the deadline', async () => {
    const [a] = world.pool.endpoints;
    if (a !== undefined) a.inFlight = 2;
    await world.ask(DRAIN, { deadline: '1s' });
    expect(await settled()).toMatchObject({ status: 503, reasons: ['2 requests of this node under way'] });
  });

  it('is waited for, as long as is wanted', async () => {
    const key = await world.pin(1, 'a');
    await world.ask(DRAIN);
    const [patient, impatient] = [world.ask(`${SAFE}?wait=1m`), world.ask(`${SAFE}?wait=5s`)];
    for (let step = 0; step < 12; step++) await world.clock.advance(500);
    expect((await impatient).status).toBe(503);
    await world.store.sessions.unpin(key, undefined, world.clock.now());
    for (let step = 0; step < 3; step++) await world.clock.advance(500);
    expect((await patient).status).toBe(200);
    expect((await world.ask(`${SAFE}?wait=soon`)).status).toBe(400);
  });

  it('is asked for the less often, the longer the session map takes to count', async () => {
    await world.pin(1, 'a');
    await world.ask(DRAIN);
    const { inventory } = world.store;
    const count = inventory.countByEndpoint.bind(inventory);
    let counts = 0;
    inventory.countByEndpoint = async (nowMs) => {
      counts++;
      await sleep(world.clock, 1_000);
      return count(nowMs);
    };
    const waiting = world.ask(`${SAFE}?wait=1m`);
    await settle();
    for (let second = 0; second < 62; second++) await world.clock.advance(1_000);
    expect((await waiting).status).toBe(503);
    expect(counts).toBe(4);
  });
});

describe('the watch for drains', () => {
  it('has another node go by a drain within half a second, and by its end', async () => {
    const other = testPool({ clock: world.clock });
    const watch = new DrainWatch(world.store.drains, world.clock);
    watch.follow(other);
    await watch.start();
    await world.ask(DRAIN);
    expect(other.candidates).toHaveLength(3);
    await world.clock.advance(500);
    expect(other.candidates.map(shortId)).toEqual(['b', 'c']);
    await world.ask(UNDRAIN);
    await world.clock.advance(500);
    expect(other.candidates).toHaveLength(3);
  });

  it('has endpoints drain that come later: those of another pool, and those of a reload', async () => {
    await world.ask(DRAIN);
    const watch = new DrainWatch(world.store.drains, world.clock);
    await watch.start();
    const late = testPool({ clock: world.clock });
    watch.follow(late);
    expect(late.candidates.map(shortId)).toEqual(['b', 'c']);
    const [a, ...others] = late.endpoints;
    late.setEndpoints(others);
    late.setEndpoints(a === undefined ? [] : [a, ...others]);
    expect(late.candidates.map(shortId)).toEqual(['b', 'c']);
  });

  it('keeps what it knows while the store does not answer, and asks a closed one no more', async () => {
    await world.ask(DRAIN);
    let asked = 0;
    let failure: 'STORE_UNAVAILABLE' | 'STORE_CLOSED' | undefined;
    const list = async () => {
      asked++;
      if (failure !== undefined) throw new HoldfastError(failure, 'list drains: gone');
      return world.store.drains.list();
    };
    const other = testPool({ clock: world.clock });
    const watch = new DrainWatch({ ...world.store.drains, list }, world.clock);
    watch.follow(other);
    await watch.start();
    failure = 'STORE_UNAVAILABLE';
    await world.clock.advance(1_000);
    expect(asked).toBe(3);
    expect(other.candidates.map(shortId)).toEqual(['b', 'c']);
    failure = 'STORE_CLOSED';
    await world.clock.advance(5_000);
    expect(asked).toBe(4);
  });
});
