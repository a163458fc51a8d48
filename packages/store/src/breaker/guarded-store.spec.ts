import { HoldfastError, type LogFields, type Logger, type SessionKey, silentLogger } from '@holdfast/shared';
import { ManualClock, seededRandom, settle } from '@holdfast/shared/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openMemoryStore } from '../memory/index.ts';
import type { SessionStore } from '../session-store.ts';
import type { Store } from '../store.ts';
import { endpointOf, IDLE_TIMEOUT_MS, keyOf, pinWith, START_MS } from '../testing/index.ts';
import { type GuardedStore, guardedStore, type StoreState } from './guarded-store.ts';

const key = keyOf(1);

/** A store whose answers a test can fail or hold back. */
class UnreliableStore {
  mode: 'sound' | 'failing' | 'silent' | 'corrupt' | 'read-only' = 'sound';
  asked = 0;
  readonly late: ((outcome: 'answer' | 'fail') => void)[] = [];
  readonly store: Store;

  constructor(inner: Store) {
    const write = <T>(work: () => Promise<T>): Promise<T> =>
      this.mode === 'read-only' ? Promise.reject(new HoldfastError('STORE_READ_ONLY', 'full')) : ask(work);
    const ask = <T>(work: () => Promise<T>): Promise<T> => {
      this.asked += 1;
      if (this.mode === 'sound' || this.mode === 'read-only') return work();
      if (this.mode === 'failing') return Promise.reject(new HoldfastError('STORE_UNAVAILABLE', 'down'));
      if (this.mode === 'corrupt') return Promise.reject(new HoldfastError('STORE_CORRUPT_VALUE', 'odd'));
      return new Promise((resolve, reject) => {
        this.late.push((outcome) => {
          if (outcome === 'answer') resolve(work());
          else reject(new HoldfastError('STORE_UNAVAILABLE', 'late'));
        });
      });
    };
    const { sessions } = inner;
    this.store = {
      ...inner,
      sessions: {
        find: (...args) => ask(() => sessions.find(...args)),
        pin: (...args) => write(() => sessions.pin(...args)),
        repin: (...args) => write(() => sessions.repin(...args)),
        touch: (...args) => ask(() => sessions.touch(...args)),
        unpin: (...args) => ask(() => sessions.unpin(...args)),
      },
    };
  }
}

let clock: ManualClock;
let unreliable: UnreliableStore;
let guarded: GuardedStore;
let states: StoreState[];
let lines: string[];

const find = () => guarded.sessions.find(key, START_MS);
const unavailable = { code: 'STORE_UNAVAILABLE' };

async function fail(times: number): Promise<void> {
  for (let count = 0; count < times; count += 1) await expect(find()).rejects.toMatchObject(unavailable);
}

beforeEach(() => {
  clock = new ManualClock(START_MS);
  unreliable = new UnreliableStore(openMemoryStore());
  lines = [];
  states = [];
  const logger: Logger = {
    ...silentLogger,
    info: ({ store_error: why = 'no reason' }: LogFields, message: string) =>
      void lines.push(`${message}: ${why}`),
  };
  guarded = guardedStore(unreliable.store, { clock, random: seededRandom(1), logger, commandTimeoutMs: 50 });
  guarded.onStateChange((state) => states.push(state));
});

afterEach(async () => {
  await guarded.close();
  expect(clock.pendingTimers).toBe(0);
});

describe('a guarded store of several parts', () => {
  const other = keyOf(2);
  let failing: string | undefined;
  let divided: GuardedStore;
  beforeEach(async () => {
    failing = undefined;
    const store = openMemoryStore();
    const partOf = (each: SessionKey) => (each === key ? 'a' : 'b');
    const refuse = (each: SessionKey) => {
      if (partOf(each) === failing) throw new HoldfastError('STORE_UNAVAILABLE', 'this part is down');
    };
    const sessions: SessionStore = {
      ...store.sessions,
      async find(each, nowMs) {
        refuse(each);
        return store.sessions.find(each, nowMs);
      },
      async touch(touches, nowMs) {
        for (const touch of touches) refuse(touch.key);
        return store.sessions.touch(touches, nowMs);
      },
    };
    const options = { clock, random: seededRandom(1), logger: silentLogger, commandTimeoutMs: 50 };
    divided = guardedStore({ ...store, sessions, partOf }, options);
    divided.onStateChange((state) => states.push(state));
    for (const each of [key, other]) await divided.sessions.pin(each, pinWith(), START_MS);
  });
  afterEach(() => divided.close());

  async function failPart(): Promise<void> {
    failing = 'a';
    for (let count = 0; count < 5; count += 1)
      await expect(divided.sessions.find(key, START_MS)).rejects.toMatchObject(unavailable);
  }

  it('asks the others while one of them is not asked', async () => {
    await failPart();
    expect(divided.state).toBe('unavailable');
    await expect(divided.sessions.find(key, START_MS)).rejects.toThrow('is not asked');
    expect(await divided.sessions.find(other, START_MS)).toEqual(pinWith());
  });

  it('touches the sessions of the others, and answers in the order of the touches once all are there', async () => {
    const touchOf = (each: SessionKey, endpoint = endpointOf(1)) => ({
      ...{ key: each, endpoint, version: 1 },
      expiresAtMs: START_MS + IDLE_TIMEOUT_MS + 1,
    });
    const touches = [touchOf(key, endpointOf(2)), touchOf(other), touchOf(key)];
    expect((await divided.sessions.touch(touches, START_MS)).map(({ kind }) => kind)).toEqual([
      'moved',
      'touched',
      'touched',
    ]);
    await failPart();
    const later = { ...touchOf(other), expiresAtMs: START_MS + IDLE_TIMEOUT_MS + 2 };
    await expect(divided.sessions.touch([touchOf(key), later], START_MS)).rejects.toMatchObject(unavailable);
    expect((await divided.sessions.find(other, START_MS))?.expiresAtMs).toBe(later.expiresAtMs);
  });

  it('is available again when the last of them answers', async () => {
    await failPart();
    await clock.advance(1_000);
    expect(divided.state).toBe('unavailable');
    failing = undefined;
    await clock.advance(1_000);
    expect(states).toEqual(['unavailable', 'available']);
  });
});

describe('a guarded store', () => {
  it('passes every operation through while the store answers', async () => {
    const { sessions } = guarded;
    expect(await sessions.pin(key, pinWith(), START_MS)).toMatchObject({ kind: 'pinned' });
    expect(await sessions.find(key, START_MS)).toEqual(pinWith());
    expect(await sessions.repin(key, 1, pinWith({ version: 2 }), START_MS)).toMatchObject({
      kind: 'repinned',
    });
    expect(await sessions.touch([], START_MS)).toEqual([]);
    expect(await sessions.unpin(key, 2, START_MS)).toBe(true);
    expect(guarded.state).toBe('available');
  });

  it('stops asking after five failures in a row', async () => {
    unreliable.mode = 'failing';
    await fail(5);
    expect(guarded.state).toBe('unavailable');
    await fail(3);
    expect(unreliable.asked).toBe(5);
  });

  it('goes on asking where answers come between the failures', async () => {
    for (let round = 0; round < 5; round += 1) {
      unreliable.mode = 'failing';
      await fail(4);
      unreliable.mode = 'sound';
      await find();
    }
    expect(guarded.state).toBe('available');
  });

  it('takes a damaged value for an answer', async () => {
    unreliable.mode = 'corrupt';
    for (let count = 0; count < 9; count += 1)
      await expect(find()).rejects.toMatchObject({ code: 'STORE_CORRUPT_VALUE' });
    expect(guarded.state).toBe('available');
  });

  it('fails an operation at its deadline, and opens when that went on for 200 ms', async () => {
    unreliable.mode = 'silent';
    for (let count = 0; count < 4; count += 1) {
      expect(guarded.state).toBe('available');
      const failure = expect(find()).rejects.toMatchObject(unavailable);
      await clock.advance(50);
      await failure;
    }
    expect(guarded.state).toBe('unavailable');
  });

  it.each(['answer', 'fail'] as const)('drops a late %s without a trace', async (outcome) => {
    unreliable.mode = 'silent';
    const failure = expect(find()).rejects.toMatchObject(unavailable);
    await clock.advance(50);
    await failure;
    for (const finish of unreliable.late) finish(outcome);
    await settle();
    expect(guarded.state).toBe('available');
  });

  it('finds out by a probe of its own that the store is back, without a request waiting for it', async () => {
    unreliable.mode = 'failing';
    await fail(5);
    unreliable.mode = 'sound';
    await clock.advance(180);
    expect(guarded.state).toBe('unavailable');
    await clock.advance(140);
    expect(guarded.state).toBe('available');
    expect(unreliable.asked).toBe(6);
  });

  it('probes again and again for as long as the store is away, one probe at a time', async () => {
    unreliable.mode = 'failing';
    await fail(5);
    unreliable.mode = 'silent';
    await clock.advance(3_000);
    const probes = unreliable.asked - 5;
    expect(probes).toBeGreaterThanOrEqual(3_000 / (312.5 + 50) - 1);
    expect(probes).toBeLessThanOrEqual(3_000 / (187.5 + 50) + 1);
    await fail(1);
    expect(unreliable.asked - 5).toBe(probes);
  });

  it('tells and logs each change of state once, and why the store is unavailable', async () => {
    unreliable.mode = 'failing';
    await fail(7);
    await clock.advance(1_000);
    unreliable.mode = 'sound';
    await clock.advance(1_000);
    expect(states).toEqual(['unavailable', 'available']);
    expect(lines).toEqual(['the store is unavailable: down', 'the store is available: no reason']);
  });

  it('goes on to read a store that does not write, and says so until a write has taken place', async () => {
    const pin = () => guarded.sessions.pin(key, pinWith(), START_MS);
    unreliable.mode = 'read-only';
    for (let count = 0; count < 20; count += 1)
      await expect(pin()).rejects.toMatchObject({ code: 'STORE_READ_ONLY' });
    expect(await find()).toBeUndefined();
    expect(guarded.state).toBe('read-only');
    expect(guarded.repair.mode).toBe('degraded');
    unreliable.mode = 'sound';
    await find();
    expect(guarded.state).toBe('read-only');
    expect(await pin()).toMatchObject({ kind: 'pinned' });
    expect(states).toEqual(['read-only', 'available']);
    expect(lines).toEqual(['the store is read-only: full', 'the store is available: no reason']);
    expect(guarded.repair.mode).toBe('reconciling');
  });

  it('takes a store that has refused to write for one that writes after five seconds without another refusal', async () => {
    const pin = () => guarded.sessions.pin(key, pinWith(), START_MS).catch(() => {});
    unreliable.mode = 'read-only';
    for (let second = 0; second < 20; second += 1) {
      await pin();
      await clock.advance(4_000);
    }
    expect(states).toEqual(['read-only']);
    await clock.advance(1_000);
    expect(states).toEqual(['read-only', 'available']);
  });

  it('is unavailable, whether it wrote or not, and then again what it was', async () => {
    unreliable.mode = 'read-only';
    const moved = guarded.sessions.repin(key, 1, pinWith({ version: 2 }), START_MS);
    await expect(moved).rejects.toMatchObject({ code: 'STORE_READ_ONLY' });
    unreliable.mode = 'failing';
    await fail(5);
    unreliable.mode = 'read-only';
    await clock.advance(1_000);
    expect(states).toEqual(['read-only', 'unavailable', 'read-only']);
    expect(lines).toEqual([
      'the store is read-only: full',
      'the store is unavailable: down',
      'the store is read-only: full',
    ]);
  });

  it('says STORE_CLOSED once it is closed, even if it was unavailable', async () => {
    unreliable.mode = 'failing';
    await fail(5);
    unreliable.mode = 'sound';
    await guarded.close();
    await expect(find()).rejects.toMatchObject({ code: 'STORE_CLOSED' });
  });
});
