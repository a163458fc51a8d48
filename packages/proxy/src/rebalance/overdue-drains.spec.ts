import { silentLogger } from '@holdfast/shared';
import { beforeEach, describe, expect, it } from 'vitest';
import { candidatesBeside } from '../affinity/candidates-beside.ts';
import { rendezvous } from '../balance/rendezvous.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import { OverdueDrains } from './overdue-drains.ts';
import { SessionMover } from './session-mover.ts';
import { idOf, MovingWorld } from './testing/moving-world.ts';

let world: MovingWorld;
let mover: SessionMover;
let a: Endpoint;
let isOnDuty: boolean;
beforeEach(() => {
  world = new MovingWorld('a', 'b', 'c');
  const { sessions, inventory } = world.store;
  const { clock, pool } = world;
  mover = new SessionMover({ sessions, clock });
  a = pool.find(idOf('a')) as Endpoint;
  isOnDuty = true;
  new OverdueDrains({
    ...{ inventory, mover, clock, pools: { all: [{ pool }] }, log: silentLogger },
    rateOf: () => 10,
    isOnDuty: () => isOnDuty,
    isStoreAvailable: () => true,
  }).start();
});

const overdue = (endpoint: Endpoint): void => world.pool.drain(endpoint, Number.NEGATIVE_INFINITY);

describe('an endpoint whose drain is overdue', () => {
  it('is emptied at the rate of its pool, the longest idle sessions first, those in use as well', async () => {
    const used = await world.begin('a', 20, 0);
    const idle = await world.begin('a', 20, 60_000);
    overdue(a);
    await world.clock.advance(2_500);
    const left = async (keys: typeof used) =>
      (await Promise.all(keys.map((key) => world.placeOf(key)))).filter((place) => place === 'a').length;
    expect(await left(used)).toBe(20);
    expect(await left(idle)).toBeLessThan(10);
    await world.clock.advance(5_000);
    expect((await world.counts()).a).toBeUndefined();
    expect(mover.moved).toEqual({ 'endpoint-drained': 40 });
  });

  it('has its sessions go where their next requests would take them, with all keys to one place', async () => {
    const root = await world.beginOne('a', 0);
    const alias = await world.beginOne('a', 0, { root });
    overdue(a);
    const place = rendezvous(root, candidatesBeside(world.pool, a.id));
    await world.clock.advance(3_000);
    for (const key of [root, alias])
      expect(await world.find(key)).toMatchObject({
        endpoint: place?.id,
        arrival: { from: a.id, reason: 'endpoint-drained' },
      });
  });

  it('keeps what it has until the deadline, and while nobody else takes sessions', async () => {
    await world.begin('a', 5, 0);
    world.pool.drain(a, world.clock.now() + 1);
    await world.clock.advance(3_000);
    expect((await world.counts()).a).toBe(5);
    for (const endpoint of world.pool.endpoints) overdue(endpoint);
    await world.clock.advance(3_000);
    expect((await world.counts()).a).toBe(5);
  });

  it('keeps what is left when the drain ends', async () => {
    await world.begin('a', 50, 0);
    overdue(a);
    await world.clock.advance(2_000);
    world.pool.drain(a, undefined);
    await world.clock.advance(10_000);
    const { a: left = 0 } = await world.counts();
    expect(left).toBeGreaterThan(20);
    expect(left).toBeLessThan(50);
  });

  it('is left to the node whose turn it is, and to nobody once the store is closed', async () => {
    await world.begin('a', 5, 0);
    isOnDuty = false;
    overdue(a);
    await world.clock.advance(3_000);
    expect((await world.counts()).a).toBe(5);
    isOnDuty = true;
    await world.store.close();
    await world.clock.advance(3_000);
    expect(world.clock.pendingTimers).toBe(0);
  });
});
