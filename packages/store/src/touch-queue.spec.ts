import { endpointId, HoldfastError, type Pin, poolName, type SessionKey, sessionKey } from '@holdfast/shared';
import { ManualClock, settle } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { openMemoryStore } from './memory/index.ts';
import type { SessionStore, Touch } from './session-store.ts';
import { TouchQueue } from './touch-queue.ts';

const shop = poolName('shop');
const keyOf = (index: number): SessionKey => sessionKey(String(index).padStart(22, 'A'));

/** A queue before a memory store, which notes the size of every batch. */
function setUp() {
  const clock = new ManualClock();
  const { sessions } = openMemoryStore();
  const batches: number[] = [];
  const store: SessionStore = {
    ...sessions,
    touch(touches, nowMs) {
      batches.push(touches.length);
      return sessions.touch(touches, nowMs);
    },
  };
  const elsewhere: [SessionKey, 'elsewhere' | 'nowhere'][] = [];
  const queue = new TouchQueue(store, clock, {
    touchedElsewhere: (key) => elsewhere.push([key, 'elsewhere']),
    touchedNowhere: (key) => elsewhere.push([key, 'nowhere']),
  });
  return { clock, sessions, store, batches, elsewhere, queue };
}

const pinAt = (id: string, version: number, nowMs: number): Pin => ({
  endpoint: endpointId(shop, id),
  version,
  pinnedAtMs: nowMs,
  expiresAtMs: nowMs + 60_000,
  endsAtMs: nowMs + 3_600_000,
});

const touchOf = (key: SessionKey, pin: Pin, expiresAtMs = pin.expiresAtMs + 30_000): Touch => ({
  key,
  endpoint: pin.endpoint,
  version: pin.version,
  expiresAtMs,
});

describe('a touch queue', () => {
  it('moves the deadline in the store, a moment after the request', async () => {
    const { clock, sessions, queue, elsewhere } = setUp();
    const pin = pinAt('a', 1, clock.now());
    await sessions.pin(keyOf(1), pin, clock.now());
    queue.add(touchOf(keyOf(1), pin));
    expect((await sessions.find(keyOf(1), clock.now()))?.expiresAtMs).toBe(pin.expiresAtMs);
    await clock.advance(5);
    expect((await sessions.find(keyOf(1), clock.now()))?.expiresAtMs).toBe(pin.expiresAtMs + 30_000);
    expect(elsewhere).toEqual([]);
  });

  it('sends what gathers within five milliseconds as one batch', async () => {
    const { clock, batches, queue } = setUp();
    const pin = pinAt('a', 1, clock.now());
    queue.add(touchOf(keyOf(1), pin));
    await clock.advance(4);
    queue.add(touchOf(keyOf(2), pin));
    await clock.advance(1);
    expect(batches).toEqual([2]);
  });

  it('sends at most 256 at a time, one batch after the other', async () => {
    const { clock, batches, queue } = setUp();
    const pin = pinAt('a', 1, clock.now());
    for (let index = 0; index < 600; index++) queue.add(touchOf(keyOf(index), pin));
    await clock.advance(5);
    expect(batches).toEqual([256]);
    await clock.advance(10);
    expect(batches).toEqual([256, 256, 88]);
  });

  it('sets no timer while nothing waits, and starts again with the next touch', async () => {
    const { clock, batches, queue } = setUp();
    const pin = pinAt('a', 1, clock.now());
    expect(clock.pendingTimers).toBe(0);
    queue.add(touchOf(keyOf(1), pin));
    await clock.advance(100);
    expect(clock.pendingTimers).toBe(0);
    queue.add(touchOf(keyOf(1), pin));
    await clock.advance(5);
    expect(batches).toEqual([1, 1]);
  });

  it('tells of each session that has moved or is gone, and of no other in the batch', async () => {
    const { clock, sessions, queue, elsewhere } = setUp();
    const pin = pinAt('a', 1, clock.now());
    const moved = pinAt('b', 2, clock.now());
    await sessions.pin(keyOf(1), pin, clock.now());
    await sessions.pin(keyOf(2), moved, clock.now());
    for (const index of [1, 2, 3]) queue.add(touchOf(keyOf(index), pin));
    await clock.advance(5);
    expect(elsewhere).toEqual([
      [keyOf(2), 'elsewhere'],
      [keyOf(3), 'nowhere'],
    ]);
  });
});

describe('a touch queue before a store that is down', () => {
  /** A store whose touches all wait until the test fails them. */
  function setUpDown() {
    const parts = setUp();
    const failures: (() => void)[] = [];
    parts.store.touch = (touches) => {
      parts.batches.push(touches.length);
      return new Promise((_, reject) => {
        failures.push(() => reject(new HoldfastError('STORE_UNAVAILABLE', 'the test has taken it down')));
      });
    };
    const failOne = () => {
      failures.shift()?.();
      return settle();
    };
    return { ...parts, failOne };
  }

  it('drops the batch, tells nobody, and goes on with the next', async () => {
    const { clock, batches, failOne, queue, elsewhere } = setUpDown();
    const pin = pinAt('a', 1, clock.now());
    for (let index = 0; index < 300; index++) queue.add(touchOf(keyOf(index), pin));
    await clock.advance(5);
    await failOne();
    await clock.advance(5);
    expect(batches).toEqual([256, 44]);
    expect(elsewhere).toEqual([]);
  });

  it('keeps 8,192 touches waiting and leaves out the rest, so that memory stays bounded', async () => {
    const { clock, batches, failOne, queue } = setUpDown();
    const pin = pinAt('a', 1, clock.now());
    for (let index = 0; index < 10_000; index++) queue.add(touchOf(keyOf(index), pin));
    for (let batch = 0; batch < 40; batch++) {
      await clock.advance(5);
      await failOne();
    }
    expect(batches.reduce((sum, size) => sum + size, 0)).toBe(8_192);
  });

  it('has one batch under way at a time, however many touches come in', async () => {
    const { clock, batches, queue } = setUpDown();
    const pin = pinAt('a', 1, clock.now());
    for (let index = 0; index < 600; index++) {
      queue.add(touchOf(keyOf(index), pin));
      await clock.advance(1);
    }
    expect(batches).toHaveLength(1);
  });
});
