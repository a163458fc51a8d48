import { HoldfastError } from '@holdfast/shared';
import { settle } from '@holdfast/shared/testing';
import { openMemoryStore } from '@holdfast/store/memory';
import { describe, expect, it } from 'vitest';
import { testEndpoint } from '../testing/endpoints.ts';
import type { Rebalance } from './rebalance.ts';
import { idOf, KNOWN_IDLE_MS, MovingWorld } from './testing/moving-world.ts';

/** Three endpoints with sessions that have been idle for long, and a fourth that has just joined. */
async function joined(each = 40) {
  const world = new MovingWorld('a', 'b', 'c', 'd');
  const keys = [];
  for (const id of ['a', 'b', 'c']) keys.push(...(await world.begin(id, each, 60_000)));
  return { world, keys };
}

/** Has it run for a while, and answers where it is then. */
async function after(world: MovingWorld, ms: number, ...rebalances: readonly Rebalance[]) {
  for (const rebalance of rebalances) void rebalance.run();
  await settle();
  await world.clock.advance(ms);
  return rebalances[0]?.state;
}

describe('a rebalance', () => {
  it('moves idle sessions until every endpoint has what its weight is worth', async () => {
    const { world, keys } = await joined();
    const rebalance = world.rebalance();
    expect(await rebalance.preview()).toHaveLength(3);
    expect(await after(world, 10_000, rebalance)).toBe('balanced');
    const { d, ...others } = await world.counts();
    expect(d).toBe(27);
    for (const count of Object.values(others)) expect(Math.abs(count - 30)).toBeLessThanOrEqual(3);
    expect(rebalance).toMatchObject({ moved: 27, plan: [] });
    const moved = await Promise.all(keys.map((key) => world.find(key)));
    for (const pin of moved.filter((one) => one?.endpoint === idOf('d')))
      expect(pin).toMatchObject({ version: 2, arrival: { reason: 'rebalanced' } });
  });

  it('leaves a session that it moves as idle as it was, and told to nobody yet', async () => {
    const world = new MovingWorld('a', 'b');
    const key = await world.beginOne('a', 60_000);
    await world.begin('a', 1, 50_000);
    const before = await world.find(key);
    expect(await after(world, 5_000, world.rebalance())).toBe('balanced');
    expect(await world.find(key)).toEqual({
      ...before,
      endpoint: idOf('b'),
      version: 2,
      pinnedAtMs: expect.any(Number),
      arrival: { from: idOf('a'), reason: 'rebalanced' },
    });
  });

  it('takes the longest idle first', async () => {
    const world = new MovingWorld('a', 'b');
    const younger = await world.begin('a', 5, 50_000);
    const older = await world.begin('a', 5, 70_000);
    await after(world, 5_000, world.rebalance({ tolerance: 0 }));
    expect(await Promise.all(older.map((key) => world.placeOf(key)))).toEqual(Array(5).fill('b'));
    expect(await Promise.all(younger.map((key) => world.placeOf(key)))).toEqual(Array(5).fill('a'));
  });

  it('moves nobody who may be in use, and gives up when that is all there is', async () => {
    const world = new MovingWorld('a', 'b');
    const keys = await world.begin('a', 10, KNOWN_IDLE_MS - 1);
    const rebalance = world.rebalance();
    void rebalance.run();
    const touch = async (): Promise<void> => {
      const nowMs = world.clock.now();
      const touches = keys.map((key) => ({
        key,
        endpoint: idOf('a'),
        version: 1,
        expiresAtMs: nowMs + 80_000,
      }));
      await world.store.sessions.touch(touches, nowMs);
    };
    for (let turn = 0; turn < 8; turn++) {
      await touch();
      await world.clock.advance(10_000);
    }
    expect(rebalance).toMatchObject({ state: 'in-use', moved: 0 });
    expect(await world.counts()).toEqual({ a: 10 });
  });

  it('waits for sessions that are about to be known to be idle', async () => {
    const world = new MovingWorld('a', 'b');
    await world.begin('a', 10, 20_000);
    expect(await after(world, 40_000, world.rebalance())).toBe('balanced');
    expect(await world.counts()).toEqual({ a: 5, b: 5 });
  });

  it('passes over a session that is used between its survey and its turn', async () => {
    const world = new MovingWorld('a', 'b');
    const first = await world.beginOne('a', 60_000);
    const others = await world.begin('a', 9, 60_000);
    const { sessions, inventory } = world.store;
    const list = inventory.list.bind(inventory);
    const spied = openMemoryStore({ map: world.map });
    const withUse = {
      ...spied,
      inventory: {
        ...spied.inventory,
        async list(...query: Parameters<typeof list>) {
          const page = await list(...query);
          const nowMs = world.clock.now();
          const touch = { endpoint: idOf('a'), version: 1, expiresAtMs: nowMs + 80_000 };
          await sessions.touch([{ key: first, ...touch }], nowMs);
          return page;
        },
      },
    };
    expect(await after(world, 5_000, world.rebalance({ tolerance: 0 }, withUse))).toBe('balanced');
    expect(await world.placeOf(first)).toBe('a');
    const places = await Promise.all(others.map((key) => world.placeOf(key)));
    expect(places.filter((place) => place === 'b')).toHaveLength(5);
  });

  it('keeps to its rate', async () => {
    const { world } = await joined(400);
    const rebalance = world.rebalance({ rate: 10 });
    expect(await after(world, 5_000, rebalance)).toBe('running');
    expect(rebalance.moved).toBeGreaterThanOrEqual(49);
    expect(rebalance.moved).toBeLessThanOrEqual(52);
  });

  it('moves a session with all of its keys, or not at all', async () => {
    const world = new MovingWorld('a', 'b');
    const roots = await world.begin('a', 4, 60_000);
    const families = await Promise.all(
      roots.map(async (root) => [root, ...(await world.begin('a', 2, 60_000, { root }))]),
    );
    const inUse = await world.beginOne('a', 60_000);
    const used = await world.beginOne('a', 0, { root: inUse });
    expect(await after(world, 5_000, world.rebalance({ tolerance: 0.2 }))).toBe('balanced');
    for (const family of families) {
      const places = new Set(await Promise.all(family.map((key) => world.placeOf(key))));
      expect(places.size).toBe(1);
    }
    expect([await world.placeOf(inUse), await world.placeOf(used)]).toEqual(['a', 'a']);
  });

  it('moves no more than one does, where two nodes run one at a time', async () => {
    const { world, keys } = await joined(200);
    const [one, other] = [world.rebalance(), world.rebalance()];
    await after(world, 15_000, one, other);
    expect([one.state, other.state]).toEqual(['balanced', 'balanced']);
    const counts = await world.counts();
    for (const id of ['a', 'b', 'c', 'd']) {
      expect(counts[id]).toBeGreaterThanOrEqual(135);
      expect(counts[id]).toBeLessThanOrEqual(165);
    }
    const versions = await Promise.all(keys.map(async (key) => (await world.find(key))?.version));
    expect(new Set(versions)).toEqual(new Set([1, 2]));
  });

  it.each([
    ['drains', (world: MovingWorld) => world.pool.drain(endpointD(world), world.clock.now())],
    ['is down', (world: MovingWorld) => world.pool.reported(endpointD(world), 'connect-failed')],
    ['is a backup', (world: MovingWorld) => withD(world, { isBackup: true })],
    ['keeps no sessions', (world: MovingWorld) => withD(world, { isSticky: false })],
    ['has weight 0', (world: MovingWorld) => withD(world, { weight: 0 })],
  ])('takes nobody to an endpoint that %s', async (_, change) => {
    const { world } = await joined();
    change(world);
    expect(await after(world, 5_000, world.rebalance())).toBe('balanced');
    expect(await world.counts()).toEqual({ a: 40, b: 40, c: 40 });
  });

  it('goes on when the store answers again', async () => {
    const { world } = await joined();
    const store = openMemoryStore({ map: world.map });
    let isAway = true;
    const { countByEndpoint } = store.inventory;
    store.inventory.countByEndpoint = (nowMs) =>
      isAway
        ? Promise.reject(new HoldfastError('STORE_UNAVAILABLE', 'count: away'))
        : countByEndpoint.call(store.inventory, nowMs);
    const rebalance = world.rebalance({}, store);
    expect(await after(world, 3_000, rebalance)).toBe('running');
    isAway = false;
    await world.clock.advance(10_000);
    expect(rebalance.state).toBe('balanced');
  });

  it('stops when it is told to, and when the store is closed', async () => {
    const { world } = await joined(400);
    const store = openMemoryStore({ map: world.map });
    const [told, closed] = [world.rebalance({ rate: 10 }), world.rebalance({ rate: 10 }, store)];
    await after(world, 2_000, told, closed);
    told.end('stopped');
    await store.close();
    await world.clock.advance(2_000);
    expect([told.state, closed.state]).toEqual(['stopped', 'stopped']);
    const moved = told.moved + closed.moved;
    await world.clock.advance(60_000);
    expect(told.moved + closed.moved).toBe(moved);
    expect(told.endedAtMs).toBeDefined();
    expect(world.clock.pendingTimers).toBe(0);
  });
});

const endpointD = ({ pool }: MovingWorld) => pool.find(idOf('d')) ?? testEndpoint('d');

/** Gives the endpoint that has joined other traits. */
const withD = (world: MovingWorld, traits: object): unknown =>
  world.pool.setEndpoints(
    world.pool.endpoints.map((endpoint) =>
      endpoint.id === idOf('d') ? { ...endpoint, ...traits } : endpoint,
    ),
  );
