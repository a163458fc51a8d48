import type { SessionKey } from '@holdfast/shared';
import type { SessionInventory } from '@holdfast/store';
import { describe, expect, it } from 'vitest';
import { sessionOf, sessionsAt } from './known-sessions.ts';
import { idOf, MovingWorld } from './testing/moving-world.ts';

/** Every slice of a survey. */
async function slices(world: MovingWorld, inventory: Pick<SessionInventory, 'list'>, count: number) {
  const all = [];
  for await (const slice of sessionsAt({ inventory, clock: world.clock }, idOf('a'), count)) all.push(slice);
  return all;
}

const keysOf = (
  found: readonly { readonly pins: ReadonlyMap<SessionKey, unknown> }[],
): readonly SessionKey[] => found.flatMap(({ pins }) => [...pins.keys()]);

describe('a survey of the sessions at an endpoint', () => {
  it('has every session of it once, the longest idle first, with its first key before the others', async () => {
    const world = new MovingWorld('a', 'b');
    const young = await world.begin('a', 3, 1_000);
    const old = await world.begin('a', 3, 9_000);
    const [root] = old;
    const alias = await world.beginOne('a', 9_000, root === undefined ? {} : { root });
    await world.begin('b', 3, 5_000);
    const [all = [], ...others] = await slices(world, world.store.inventory, 7);
    expect(others).toEqual([]);
    expect([...keysOf(all)].sort()).toEqual([...young, ...old, alias].sort());
    const family = all.find((session) => session.root === root);
    expect([...(family?.pins.keys() ?? [])]).toEqual([root, alias]);
    expect(new Set(keysOf(all.slice(-3)))).toEqual(new Set(young));
  });

  it('goes on over pages that are short or empty, and has what comes twice once', async () => {
    const world = new MovingWorld('a');
    const keys = await world.begin('a', 4, 0);
    const { sessions } = await world.store.inventory.list({ limit: 9 }, world.clock.now());
    const pages = [sessions.slice(0, 2), [], sessions.slice(1, 3), sessions.slice(2)];
    const list: SessionInventory['list'] = async ({ cursor }) => {
      const index = Number(cursor ?? 0);
      const page = { sessions: pages[index] ?? [] };
      return index + 1 < pages.length ? { ...page, next: String(index + 1) } : page;
    };
    const [all = []] = await slices(world, { list }, 4);
    expect([...keysOf(all)].sort()).toEqual([...keys].sort());
  });

  it('comes in slices where there are very many, each with all keys of its sessions', async () => {
    const world = new MovingWorld('a');
    const roots = await world.begin('a', 60, 0);
    for (const root of roots) await world.begin('a', 1, 0, { root });
    const all = await slices(world, world.store.inventory, 120_000);
    expect(all).toHaveLength(3);
    expect(keysOf(all.flat())).toHaveLength(120);
    for (const session of all.flat()) expect(session.pins.size).toBe(2);
    expect(all.every((slice) => slice.length > 0)).toBe(true);
  });

  /** A listing of 51 pages, each of which takes 10 ms. */
  function slowListing({ clock }: MovingWorld) {
    const listing = { asked: 0, list };
    async function list({ cursor }: Parameters<SessionInventory['list']>[0]) {
      listing.asked++;
      await new Promise<void>((resolve) => void clock.after(10, resolve));
      return { sessions: [], ...(Number(cursor ?? 0) < 50 && { next: String(Number(cursor ?? 0) + 1) }) };
    }
    return listing;
  }

  it('leaves the store alone for most of the time, where it takes long to answer', async () => {
    const world = new MovingWorld('a');
    const listing = slowListing(world);
    const surveying = slices(world, listing, 1);
    await world.clock.advance(1_000);
    expect(listing.asked).toBeLessThanOrEqual(11);
    await world.clock.advance(10_000);
    await surveying;
    expect(listing.asked).toBe(51);
  });

  it('does not rest where somebody waits for a single session', async () => {
    const world = new MovingWorld('a');
    const root = await world.beginOne('a', 0);
    const listing = slowListing(world);
    const searching = sessionOf({ inventory: listing, clock: world.clock }, root);
    await world.clock.advance(600);
    await searching;
    expect(listing.asked).toBe(51);
  });

  it('finds a session with all keys that it has, wherever they are', async () => {
    const world = new MovingWorld('a', 'b');
    const root = await world.beginOne('a', 0);
    const alias = await world.beginOne('b', 0, { root });
    await world.begin('b', 5, 0);
    const { inventory } = world.store;
    const session = await sessionOf({ inventory, clock: world.clock }, root);
    expect([...session.pins.keys()]).toEqual([root, alias]);
    await world.store.sessions.unpin(root, undefined, world.clock.now());
    expect([...(await sessionOf({ inventory, clock: world.clock }, root)).pins.keys()]).toEqual([alias]);
  });
});
