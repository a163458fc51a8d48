import { describe, expect, it } from 'vitest';
import type { Touch } from '../session-store.ts';
import type { Store } from '../store.ts';
import {
  ABSOLUTE_TIMEOUT_MS,
  type ArrangeWorld,
  endpointOf,
  IDLE_TIMEOUT_MS,
  keyOf,
  pinWith,
  START_MS,
  useNodes,
} from './store-world.ts';

const key = keyOf(1);
const DEADLINE_MS = START_MS + IDLE_TIMEOUT_MS;
const END_MS = START_MS + ABSOLUTE_TIMEOUT_MS;

/** The guarantees of `SessionStore`. */
export function sessionStoreContract(arrange: ArrangeWorld): void {
  describe('sessions', () => {
    const nodes = useNodes(arrange);
    describe('find', () => findContract(() => nodes().a));
    describe('pin', () => pinContract(nodes));
    describe('re-pin', () => repinContract(nodes));
    describe('touch', () => touchContract(() => nodes().a));
    describe('unpin', () => unpinContract(() => nodes().a));
    describe('lifetime', () => lifetimeContract(() => nodes().a));
    describe('close', () => closeContract(() => nodes().a));
  });
}

type Node = () => Store;
type BothNodes = () => { readonly a: Store; readonly b: Store };

function findContract(node: Node): void {
  it('answers nothing for a session that was never pinned', async () => {
    expect(await node().sessions.find(key, START_MS)).toBeUndefined();
  });

  it('answers the pin as it was written, field by field', async () => {
    const pin = pinWith({ endpoint: endpointOf(7), version: 41, pinnedAtMs: START_MS - 12_345 });
    await node().sessions.pin(key, pin, START_MS);
    expect(await node().sessions.find(key, START_MS)).toEqual(pin);
  });

  it('answers the first key of the session where the pin is an alias, and keeps it through re-pin and touch', async () => {
    const { sessions } = node();
    const alias = pinWith({ root: keyOf(7) });
    await sessions.pin(key, alias, START_MS);
    expect(await sessions.find(key, START_MS)).toEqual(alias);
    const moved = { ...alias, endpoint: endpointOf(2), version: 2 };
    await sessions.repin(key, 1, moved, START_MS);
    const touch = { key, endpoint: moved.endpoint, version: 2, expiresAtMs: DEADLINE_MS + 1 };
    await sessions.touch([touch], START_MS);
    expect(await sessions.find(key, START_MS)).toEqual({ ...moved, expiresAtMs: DEADLINE_MS + 1 });
  });

  it('answers what the endpoint is to be told, through touch, until the session is moved again', async () => {
    const { sessions } = node();
    const arrival = { from: endpointOf(9), reason: 'rebalanced' } as const;
    for (const root of [{}, { root: keyOf(7) }]) {
      const arriving = pinWith({ ...root, version: 2, arrival });
      await sessions.repin(key, 1, arriving, START_MS);
      const touch = { key, endpoint: arriving.endpoint, version: 2, expiresAtMs: DEADLINE_MS + 1 };
      await sessions.touch([touch], START_MS);
      expect(await sessions.find(key, START_MS)).toEqual({ ...arriving, expiresAtMs: DEADLINE_MS + 1 });
      const told = pinWith({ ...root, version: 3 });
      await sessions.repin(key, 2, told, START_MS);
      expect(await sessions.find(key, START_MS)).toEqual(told);
      await sessions.unpin(key, 3, START_MS);
    }
  });

  it('keeps sessions apart whose keys differ in one letter', async () => {
    await node().sessions.pin(keyOf(1), pinWith({ endpoint: endpointOf(1) }), START_MS);
    await node().sessions.pin(keyOf(2), pinWith({ endpoint: endpointOf(2) }), START_MS);
    expect((await node().sessions.find(keyOf(1), START_MS))?.endpoint).toBe(endpointOf(1));
    expect((await node().sessions.find(keyOf(2), START_MS))?.endpoint).toBe(endpointOf(2));
  });
}

function pinContract(nodes: BothNodes): void {
  it('pins a new session and shows it to the other node', async () => {
    const pin = pinWith();
    expect(await nodes().a.sessions.pin(key, pin, START_MS)).toEqual({ kind: 'pinned', pin });
    expect(await nodes().b.sessions.find(key, START_MS)).toEqual(pin);
  });

  it('answers the second node with the pin of the first', async () => {
    const winner = pinWith({ endpoint: endpointOf(1) });
    await nodes().a.sessions.pin(key, winner, START_MS);
    const result = await nodes().b.sessions.pin(key, pinWith({ endpoint: endpointOf(2) }), START_MS + 1);
    expect(result).toEqual({ kind: 'already-pinned', pin: winner });
  });

  it('repeated after a lost reply, answers with the pin that it wrote', async () => {
    const pin = pinWith();
    await nodes().a.sessions.pin(key, pin, START_MS);
    expect(await nodes().a.sessions.pin(key, pin, START_MS)).toEqual({ kind: 'already-pinned', pin });
  });

  it('has one winner per session when two nodes meet 200 new sessions at once', async () => {
    const pinAll = (store: Store, endpoint: number) =>
      Array.from({ length: 200 }, (_, index) =>
        store.sessions.pin(keyOf(index), pinWith({ endpoint: endpointOf(endpoint) }), START_MS),
      );
    const { a, b } = nodes();
    const both = await Promise.all([...pinAll(a, 1), ...pinAll(b, 2)]);
    for (let index = 0; index < 200; index += 1) {
      const results = [both[index]!, both[index + 200]!];
      expect(results.filter(({ kind }) => kind === 'pinned')).toHaveLength(1);
      expect(results[0]!.pin).toEqual(results[1]!.pin);
      expect(await a.sessions.find(keyOf(index), START_MS)).toEqual(results[0]!.pin);
    }
  });
}

function repinContract(nodes: BothNodes): void {
  const moved = pinWith({ endpoint: endpointOf(2), version: 2, pinnedAtMs: START_MS + 5 });

  it('moves a session whose pin has the expected version', async () => {
    const { a, b } = nodes();
    await a.sessions.pin(key, pinWith(), START_MS);
    expect(await a.sessions.repin(key, 1, moved, START_MS + 5)).toEqual({ kind: 'repinned', pin: moved });
    expect(await b.sessions.find(key, START_MS + 5)).toEqual(moved);
  });

  it('changes nothing where the version is another, and answers with the pin that stands', async () => {
    const { a, b } = nodes();
    const standing = pinWith({ version: 5 });
    await a.sessions.pin(key, standing, START_MS);
    for (const expectedVersion of [4, 6]) {
      const result = await b.sessions.repin(key, expectedVersion, { ...moved, version: 7 }, START_MS + 5);
      expect(result).toEqual({ kind: 'lost', pin: standing });
    }
    expect(await a.sessions.find(key, START_MS + 5)).toEqual(standing);
  });

  it('moves a session once, however many nodes see its endpoint fail', async () => {
    const { a, b } = nodes();
    await a.sessions.pin(key, pinWith(), START_MS);
    const results = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? a : b).sessions.repin(
          key,
          1,
          { ...moved, endpoint: endpointOf(2 + index) },
          START_MS + 5,
        ),
      ),
    );
    expect(results.filter(({ kind }) => kind === 'repinned')).toHaveLength(1);
    expect(new Set(results.map(({ pin }) => pin.endpoint)).size).toBe(1);
  });

  it('writes where the store has lost the session, so that a cookie can restore it', async () => {
    const { a, b } = nodes();
    expect(await a.sessions.repin(key, 1, moved, START_MS + 5)).toEqual({ kind: 'repinned', pin: moved });
    expect(await b.sessions.find(key, START_MS + 5)).toEqual(moved);
  });

  it('writes where the pin has expired, whatever its version was', async () => {
    const { a } = nodes();
    await a.sessions.pin(key, pinWith({ version: 9 }), START_MS);
    const late = pinWith({ version: 2, expiresAtMs: DEADLINE_MS + IDLE_TIMEOUT_MS });
    expect(await a.sessions.repin(key, 1, late, DEADLINE_MS)).toEqual({ kind: 'repinned', pin: late });
  });

  it('repeated after a lost reply, answers with the pin that it wrote', async () => {
    const { a } = nodes();
    await a.sessions.pin(key, pinWith(), START_MS);
    await a.sessions.repin(key, 1, moved, START_MS + 5);
    expect(await a.sessions.repin(key, 1, moved, START_MS + 6)).toEqual({ kind: 'lost', pin: moved });
  });
}

function touchContract(node: Node): void {
  const touch = (changes: Partial<Touch> = {}): Touch => ({
    key,
    endpoint: endpointOf(1),
    version: 1,
    expiresAtMs: DEADLINE_MS + 1_000,
    ...changes,
  });

  it('moves the idle deadline and nothing else', async () => {
    await node().sessions.pin(key, pinWith(), START_MS);
    expect(await node().sessions.touch([touch()], START_MS + 1_000)).toEqual([{ kind: 'touched' }]);
    const expected = pinWith({ expiresAtMs: DEADLINE_MS + 1_000 });
    expect(await node().sessions.find(key, START_MS + 1_000)).toEqual(expected);
  });

  it('never shortens a session, so that a late touch of another node does no harm', async () => {
    await node().sessions.pin(key, pinWith(), START_MS);
    expect(await node().sessions.touch([touch({ expiresAtMs: DEADLINE_MS - 1 })], START_MS)).toEqual([
      { kind: 'touched' },
    ]);
    expect((await node().sessions.find(key, START_MS))?.expiresAtMs).toBe(DEADLINE_MS);
  });

  it('never passes the end of the session', async () => {
    await node().sessions.pin(key, pinWith(), START_MS);
    await node().sessions.touch([touch({ expiresAtMs: END_MS + 1 })], START_MS);
    expect((await node().sessions.find(key, START_MS))?.expiresAtMs).toBe(END_MS);
    expect(await node().sessions.find(key, END_MS - 1)).toBeDefined();
    expect(await node().sessions.find(key, END_MS)).toBeUndefined();
  });

  it.each([
    { name: 'endpoint', changes: { endpoint: endpointOf(2) } },
    { name: 'version', changes: { version: 2 } },
  ])('of another $name changes nothing and answers with the pin that stands', async ({ changes }) => {
    await node().sessions.pin(key, pinWith(), START_MS);
    expect(await node().sessions.touch([touch(changes)], START_MS)).toEqual([
      { kind: 'moved', pin: pinWith() },
    ]);
    expect(await node().sessions.find(key, START_MS)).toEqual(pinWith());
  });

  it('does not revive a session whose deadline has passed', async () => {
    await node().sessions.pin(key, pinWith(), START_MS);
    expect(await node().sessions.touch([touch()], DEADLINE_MS)).toEqual([{ kind: 'absent' }]);
    expect(await node().sessions.find(key, DEADLINE_MS)).toBeUndefined();
  });

  it('answers a large mixed batch in the order of the touches', async () => {
    const { sessions } = node();
    const indexes = Array.from({ length: 300 }, (_, index) => index);
    await Promise.all(
      indexes
        .filter((index) => index % 3 > 0)
        .map((index) => sessions.pin(keyOf(index), pinWith(), START_MS)),
    );
    const touches = indexes.map((index) => touch({ key: keyOf(index), version: index % 3 }));
    const kinds = (await sessions.touch(touches, START_MS + 1)).map(({ kind }) => kind);
    expect(kinds).toEqual(indexes.map((index) => ['absent', 'touched', 'moved'][index % 3]));
  });

  it('answers an empty batch with no results', async () => {
    expect(await node().sessions.touch([], START_MS)).toEqual([]);
  });

  it('treats one session twice in a batch as two touches', async () => {
    await node().sessions.pin(key, pinWith(), START_MS);
    const twice = [touch({ expiresAtMs: DEADLINE_MS + 2 }), touch({ expiresAtMs: DEADLINE_MS + 1 })];
    expect(await node().sessions.touch(twice, START_MS)).toEqual([{ kind: 'touched' }, { kind: 'touched' }]);
    expect((await node().sessions.find(key, START_MS))?.expiresAtMs).toBe(DEADLINE_MS + 2);
  });
}

function unpinContract(node: Node): void {
  it('forgets a session of the expected version', async () => {
    await node().sessions.pin(key, pinWith(), START_MS);
    expect(await node().sessions.unpin(key, 1, START_MS)).toBe(true);
    expect(await node().sessions.find(key, START_MS)).toBeUndefined();
  });

  it('keeps a session that has moved on to another version', async () => {
    await node().sessions.pin(key, pinWith({ version: 2 }), START_MS);
    expect(await node().sessions.unpin(key, 1, START_MS)).toBe(false);
    expect(await node().sessions.find(key, START_MS)).toBeDefined();
  });

  it('forgets a session of any version where none is expected', async () => {
    await node().sessions.pin(key, pinWith({ version: 9 }), START_MS);
    expect(await node().sessions.unpin(key, undefined, START_MS)).toBe(true);
    expect(await node().sessions.find(key, START_MS)).toBeUndefined();
  });

  it('answers false for a session that is absent, expired or already forgotten', async () => {
    const { sessions } = node();
    expect(await sessions.unpin(key, undefined, START_MS)).toBe(false);
    await sessions.pin(key, pinWith(), START_MS);
    expect(await sessions.unpin(key, undefined, DEADLINE_MS)).toBe(false);
    await sessions.pin(key, pinWith({ expiresAtMs: END_MS }), DEADLINE_MS);
    expect(await sessions.unpin(key, undefined, DEADLINE_MS)).toBe(true);
    expect(await sessions.unpin(key, undefined, DEADLINE_MS)).toBe(false);
  });
}

function lifetimeContract(node: Node): void {
  it('ends a pin at its idle deadline and not a millisecond before', async () => {
    await node().sessions.pin(key, pinWith(), START_MS);
    expect(await node().sessions.find(key, DEADLINE_MS - 1)).toEqual(pinWith());
    expect(await node().sessions.find(key, DEADLINE_MS)).toBeUndefined();
  });

  it('ends a pin at its end even if its idle deadline lies later', async () => {
    const endsAtMs = START_MS + 10;
    const written = await node().sessions.pin(key, pinWith({ endsAtMs }), START_MS);
    expect(written).toEqual({ kind: 'pinned', pin: pinWith({ endsAtMs, expiresAtMs: endsAtMs }) });
    expect(await node().sessions.find(key, endsAtMs - 1)).toEqual(written.pin);
    expect(await node().sessions.find(key, endsAtMs)).toBeUndefined();
  });

  it('lets a session begin anew in the millisecond in which its pin ends', async () => {
    await node().sessions.pin(key, pinWith({ version: 8 }), START_MS);
    const anew = pinWith({ endpoint: endpointOf(2), expiresAtMs: DEADLINE_MS + IDLE_TIMEOUT_MS });
    expect(await node().sessions.pin(key, anew, DEADLINE_MS - 1)).toMatchObject({ kind: 'already-pinned' });
    expect(await node().sessions.pin(key, anew, DEADLINE_MS)).toEqual({ kind: 'pinned', pin: anew });
    expect(await node().sessions.find(key, DEADLINE_MS)).toEqual(anew);
  });
}

function closeContract(node: Node): void {
  it('makes every operation fail with STORE_CLOSED', async () => {
    const store = node();
    const { sessions, inventory, drains } = store;
    await store.close();
    const operations = [
      sessions.find(key, START_MS),
      sessions.pin(key, pinWith(), START_MS),
      sessions.repin(key, 1, pinWith({ version: 2 }), START_MS),
      sessions.touch([{ key, endpoint: endpointOf(1), version: 1, expiresAtMs: DEADLINE_MS }], START_MS),
      sessions.unpin(key, undefined, START_MS),
      inventory.countByEndpoint(START_MS),
      inventory.list({ limit: 10 }, START_MS),
      drains.list(),
      drains.change(endpointOf(1), undefined, undefined),
    ];
    for (const operation of operations) {
      await expect(operation).rejects.toMatchObject({ code: 'STORE_CLOSED', source: 'store' });
    }
  });

  it('ends the news, and may be repeated', async () => {
    const store = node();
    await store.close();
    await store.close();
    expect(store.invalidations.isLive()).toBe(false);
  });
}
