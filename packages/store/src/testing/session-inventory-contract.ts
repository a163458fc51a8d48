import { type EndpointId, type EpochMs, incarnatedId, type SessionKey } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import type { SessionEntry, SessionInventory, SessionQuery } from '../session-inventory.ts';
import type { Store } from '../store.ts';
import {
  type ArrangeWorld,
  endpointOf,
  IDLE_TIMEOUT_MS,
  keyOf,
  pinWith,
  START_MS,
  useNodes,
} from './store-world.ts';

const DEADLINE_MS = START_MS + IDLE_TIMEOUT_MS;

/** The guarantees of `SessionInventory`. */
export function sessionInventoryContract(arrange: ArrangeWorld): void {
  describe('inventory', () => {
    const nodes = useNodes(arrange);
    describe('count by endpoint', () => countContract(() => nodes().a));
    describe('list', () => listContract(() => nodes().a));
  });
}

/** Reads a listing to its end. */
export async function listAll(
  inventory: SessionInventory,
  query: SessionQuery,
  nowMs: EpochMs,
): Promise<readonly SessionEntry[]> {
  const sessions: SessionEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await inventory.list(cursor === undefined ? query : { ...query, cursor }, nowMs);
    expect(page.sessions.length).toBeLessThanOrEqual(query.limit);
    sessions.push(...page.sessions);
    cursor = page.next;
  } while (cursor !== undefined);
  return sessions;
}

/** Pins `count` sessions, spread over three endpoints in turn. */
async function pinMany(store: Store, count: number): Promise<readonly SessionKey[]> {
  const keys = Array.from({ length: count }, (_, index) => keyOf(index));
  await Promise.all(
    keys.map((key, index) =>
      store.sessions.pin(key, pinWith({ endpoint: endpointOf(1 + (index % 3)) }), START_MS),
    ),
  );
  return keys;
}

const keysOf = (sessions: readonly SessionEntry[]): readonly string[] =>
  sessions.map(({ key }) => key).sort();

function countContract(node: () => Store): void {
  const counts = async (nowMs: EpochMs): Promise<Record<EndpointId, number>> =>
    Object.fromEntries(await node().inventory.countByEndpoint(nowMs));

  it('names no endpoint while there are no sessions', async () => {
    expect(await counts(START_MS)).toEqual({});
  });

  it('counts the sessions of each endpoint', async () => {
    await pinMany(node(), 100);
    expect(await counts(START_MS)).toEqual({ [endpointOf(1)]: 34, [endpointOf(2)]: 33, [endpointOf(3)]: 33 });
  });

  it('follows a session that moves, and counts one that was pinned twice once', async () => {
    const { sessions } = node();
    await sessions.pin(keyOf(1), pinWith(), START_MS);
    await sessions.pin(keyOf(1), pinWith({ endpoint: endpointOf(3) }), START_MS);
    await sessions.repin(keyOf(1), 1, pinWith({ endpoint: endpointOf(2), version: 2 }), START_MS);
    await sessions.repin(keyOf(1), 1, pinWith({ endpoint: endpointOf(3), version: 2 }), START_MS);
    expect(await counts(START_MS)).toEqual({ [endpointOf(2)]: 1 });
  });

  it('counts forgotten sessions no more', async () => {
    await pinMany(node(), 6);
    await node().sessions.unpin(keyOf(0), 1, START_MS);
    await node().sessions.unpin(keyOf(3), undefined, START_MS);
    await node().sessions.unpin(keyOf(3), undefined, START_MS);
    expect(await counts(START_MS)).toEqual({ [endpointOf(2)]: 2, [endpointOf(3)]: 2 });
  });

  it('counts expired sessions no more, from the millisecond of their deadline', async () => {
    await pinMany(node(), 2_000);
    const late = { key: keyOf(0), endpoint: endpointOf(1), version: 1, expiresAtMs: DEADLINE_MS + 1 };
    await node().sessions.touch([late], START_MS);
    expect((await counts(DEADLINE_MS - 1))[endpointOf(2)]).toBe(667);
    expect(await counts(DEADLINE_MS)).toEqual({ [endpointOf(1)]: 1 });
    expect(await counts(DEADLINE_MS + 1)).toEqual({});
  });

  it('counts a session no more from its end, however late it was touched', async () => {
    await node().sessions.pin(keyOf(1), pinWith({ endsAtMs: DEADLINE_MS + 5 }), START_MS);
    const late = { key: keyOf(1), endpoint: endpointOf(1), version: 1, expiresAtMs: DEADLINE_MS + 1_000 };
    await node().sessions.touch([late], START_MS);
    expect(await counts(DEADLINE_MS + 4)).toEqual({ [endpointOf(1)]: 1 });
    expect(await counts(DEADLINE_MS + 5)).toEqual({});
  });

  it('counts a session that began anew after its end at its new endpoint only', async () => {
    await node().sessions.pin(keyOf(1), pinWith(), START_MS);
    const anew = pinWith({ endpoint: endpointOf(2), expiresAtMs: DEADLINE_MS + 1 });
    await node().sessions.pin(keyOf(1), anew, DEADLINE_MS);
    expect(await counts(DEADLINE_MS)).toEqual({ [endpointOf(2)]: 1 });
  });
}

function listContract(node: () => Store): void {
  it('answers an empty last page while there are no sessions', async () => {
    expect(await node().inventory.list({ limit: 10 }, START_MS)).toEqual({ sessions: [] });
  });

  it.each([1, 7, 100, 1_000])('shows every steady session exactly once in pages of %i', async (limit) => {
    const keys = await pinMany(node(), limit === 1 ? 20 : 250);
    const listed = await listAll(node().inventory, { limit }, START_MS);
    expect(keysOf(listed)).toEqual([...keys].sort());
  });

  it('shows a steady session exactly once while others come, go and are touched', async () => {
    const { sessions, inventory } = node();
    const keys = await pinMany(node(), 90);
    const seen: string[] = [];
    let page = await inventory.list({ limit: 10 }, START_MS);
    for (let round = 0; ; round += 1) {
      seen.push(...page.sessions.map(({ key }) => key));
      await sessions.pin(keyOf(1_000 + round), pinWith(), START_MS);
      if (round < 30) await sessions.unpin(keyOf(round), undefined, START_MS);
      const touches = keys.map((key, index) => ({
        key,
        endpoint: endpointOf(1 + (index % 3)),
        version: 1,
        expiresAtMs: DEADLINE_MS + round,
      }));
      await sessions.touch(touches, START_MS);
      if (page.next === undefined) break;
      page = await inventory.list({ limit: 10, cursor: page.next }, START_MS);
    }
    const steady = keys.slice(30);
    expect(seen.filter((key) => steady.includes(key as SessionKey)).sort()).toEqual([...steady].sort());
  });

  it('shows the pins themselves, and only those of an endpoint where one is named', async () => {
    await pinMany(node(), 60);
    const listed = await listAll(node().inventory, { limit: 7, endpoint: endpointOf(2) }, START_MS);
    expect(listed).toHaveLength(20);
    for (const { pin } of listed) expect(pin).toEqual(pinWith({ endpoint: endpointOf(2) }));
  });

  it('shows the sessions of all processes of an endpoint, and counts those of each', async () => {
    const [first, second] = ['p1', 'p2'].map((process) => incarnatedId(endpointOf(1), process));
    const pinned = [endpointOf(1), first, second, second, endpointOf(2), incarnatedId(endpointOf(11), 'p1')];
    for (const [index, endpoint] of pinned.entries())
      await node().sessions.pin(keyOf(index), pinWith({ endpoint: endpoint as EndpointId }), START_MS);
    const listed = await listAll(node().inventory, { limit: 2, endpoint: endpointOf(1) }, START_MS);
    expect(keysOf(listed)).toEqual([0, 1, 2, 3].map(keyOf).sort());
    const counts = await node().inventory.countByEndpoint(START_MS);
    expect([endpointOf(1), first, second].map((id) => counts.get(id as EndpointId))).toEqual([1, 1, 2]);
  });

  it('leaves out sessions that have expired', async () => {
    await pinMany(node(), 10);
    await node().sessions.pin(keyOf(50), pinWith({ expiresAtMs: DEADLINE_MS + 1 }), START_MS);
    expect(keysOf(await listAll(node().inventory, { limit: 3 }, DEADLINE_MS))).toEqual([keyOf(50)]);
  });

  it.each(['', 'not-a-cursor', '-1', '999:', '1:2:3', '0x10', 'é', keyOf(1).slice(1)])(
    'reads the foreign cursor %j as the start',
    async (cursor) => {
      const keys = await pinMany(node(), 30);
      const page = await node().inventory.list({ limit: 1_000, cursor }, START_MS);
      expect(keysOf(page.sessions)).toEqual([...keys].sort());
    },
  );
}
