import { type EndpointId, endpointId } from '@holdfast/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shop } from '../testing/endpoints.ts';
import { type Place, planTransfers, type Transfer } from './plan-transfers.ts';

const idOf = (id: string): EndpointId => endpointId(shop, id);

/** Endpoints `a`, `b`, `c` ... with so many pins, and weights if they differ. */
const placesOf = (pinned: readonly number[], weights: readonly number[] = []): readonly Place[] =>
  pinned.map((count, index) => ({
    id: idOf(String.fromCharCode(97 + index)),
    weight: weights[index] ?? 1,
    pinned: count,
  }));

const moved = (transfers: readonly Transfer[]): number =>
  transfers.reduce((total, { sessions }) => total + sessions, 0);

/** What each endpoint has when everything has moved. */
function afterwards(places: readonly Place[], transfers: readonly Transfer[]): readonly number[] {
  const counts = new Map(places.map(({ id, pinned }) => [id, pinned]));
  for (const { from, to, sessions } of transfers) {
    counts.set(from, (counts.get(from) ?? 0) - sessions);
    counts.set(to, (counts.get(to) ?? 0) + sessions);
  }
  return [...counts.values()];
}

describe('the plan of a rebalance', () => {
  it('fills an endpoint that has joined from all others alike', () => {
    const places = placesOf([100, 100, 100, 0]);
    const transfers = planTransfers(places, 0);
    expect(afterwards(places, transfers)).toEqual([75, 75, 75, 75]);
    expect(transfers).toEqual(
      ['a', 'b', 'c'].map((from) => ({ from: idOf(from), to: idOf('d'), sessions: 25 })),
    );
  });

  it('moves no more than what brings everybody within the tolerance', () => {
    const places = placesOf([100, 100, 100, 0]);
    const transfers = planTransfers(places, 0.1);
    expect(moved(transfers)).toBe(68);
    expect(Math.max(...afterwards(places, transfers))).toBeLessThanOrEqual(82);
  });

  it('goes by weights', () => {
    const places = placesOf([90, 0, 0], [1, 3, 2]);
    expect(afterwards(places, planTransfers(places, 0))).toEqual([15, 45, 30]);
  });

  it.each([
    ['nothing is out of the tolerance', [95, 105], 0.1],
    ['there is nobody', [], 0],
    ['there is one', [7], 0],
    ['nobody has any', [0, 0], 0],
    ['a session cannot be parted', [4, 3, 3], 0],
  ])('is empty where %s', (_, pinned, tolerance) => {
    expect(planTransfers(placesOf(pinned), tolerance)).toEqual([]);
  });

  const anyPlaces = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 5_000 }), fc.integer({ min: 1, max: 1_000 })), {
      minLength: 1,
      maxLength: 12,
    })
    .map((rows) =>
      placesOf(
        rows.map(([pinned]) => pinned),
        rows.map(([, weight]) => weight),
      ),
    );
  const anyTolerance = fc.double({ min: 0, max: 1, noNaN: true });

  it('brings everybody within the tolerance by the fewest moves, and moves nobody the wrong way', () => {
    fc.assert(
      fc.property(anyPlaces, anyTolerance, (places, tolerance) => {
        const transfers = planTransfers(places, tolerance);
        const total = places.reduce((sum, { pinned }) => sum + pinned, 0);
        const weights = places.reduce((sum, { weight }) => sum + weight, 0);
        const dueOf = ({ weight }: Place): number => (total * weight) / weights;
        const counts = afterwards(places, transfers);
        let surplus = 0;
        let lack = 0;
        for (const [index, place] of places.entries()) {
          const due = dueOf(place);
          const [least, most] = [due * (1 - tolerance), due * (1 + tolerance)];
          // A session is whole: within one of what is due is as near as it gets.
          const [low, high] = [
            Math.min(Math.ceil(least), Math.floor(due)),
            Math.max(Math.floor(most), Math.ceil(due)),
          ];
          expect(counts[index]).toBeGreaterThanOrEqual(low);
          expect(counts[index]).toBeLessThanOrEqual(high);
          surplus += Math.max(0, place.pinned - high);
          lack += Math.max(0, low - place.pinned);
        }
        expect(moved(transfers)).toBe(Math.max(surplus, lack));
        for (const { from, to, sessions } of transfers) {
          const [giver, taker] = [from, to].map((id) => places.find((place) => place.id === id) as Place);
          expect(sessions).toBeGreaterThan(0);
          expect(giver?.pinned).toBeGreaterThan(dueOf(giver as Place));
          expect(taker?.pinned).toBeLessThan(dueOf(taker as Place));
        }
      }),
    );
  });
});
