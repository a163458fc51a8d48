import type { EndpointId } from '@holdfast/shared';

/** An endpoint that sessions may come to. */
export interface Place {
  readonly id: EndpointId;
  /** Above 0. */
  readonly weight: number;
  /** How many pins it has. */
  readonly pinned: number;
}

/** That so many pins are to move from one endpoint to another. */
export interface Transfer {
  readonly from: EndpointId;
  readonly to: EndpointId;
  readonly sessions: number;
}

/** An endpoint that has to give, or to take, so many at least and at most. */
interface Side {
  readonly id: EndpointId;
  readonly atLeast: number;
  readonly atMost: number;
}

/**
 * The fewest transfers of sessions after which every endpoint has what its weight is worth, give or take `tolerance` of it
 * and the part of a session. None comes from an endpoint that has no more than that already, and none goes to one that has
 * no less.
 *
 * @param tolerance as a fraction: 0.1 is a tenth
 */
export function planTransfers(places: readonly Place[], tolerance: number): readonly Transfer[] {
  const pinned = sum(places.map((place) => place.pinned));
  const weights = sum(places.map(({ weight }) => weight));
  const givers: Side[] = [];
  const takers: Side[] = [];
  for (const { id, weight, pinned: has } of places) {
    const due = (pinned * weight) / weights;
    const least = Math.min(Math.floor(due), Math.ceil(due * (1 - tolerance)));
    const most = Math.max(Math.ceil(due), Math.floor(due * (1 + tolerance)));
    if (has > due) givers.push({ id, atLeast: Math.max(0, has - most), atMost: has - Math.floor(due) });
    if (has < due) takers.push({ id, atLeast: Math.max(0, least - has), atMost: Math.ceil(due) - has });
  }
  // Whatever must leave has to come somewhere, and whatever must come has to come from somewhere.
  const sessions = Math.max(leastOf(givers), leastOf(takers));
  return paired(apportioned(givers, sessions), apportioned(takers, sessions));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);

const leastOf = (sides: readonly Side[]): number => sum(sides.map(({ atLeast }) => atLeast));

/** Shares a number out, so that each has at least what it must, and of the rest what it has room for by comparison. */
function apportioned(sides: readonly Side[], total: number): Map<EndpointId, number> {
  const rest = total - leastOf(sides);
  const room = sum(sides.map(({ atLeast, atMost }) => atMost - atLeast));
  const shares = sides.map(({ atLeast, atMost }) =>
    room === 0 ? atLeast : atLeast + Math.floor((rest * (atMost - atLeast)) / room),
  );
  let left = total - sum(shares);
  return new Map(
    sides.map(({ id, atMost }, index) => {
      const share = shares[index] as number;
      const more = Math.min(left, atMost - share);
      left -= more;
      return [id, share + more];
    }),
  );
}

/** Has the first take from the first until one of them is done. */
function paired(
  giving: ReadonlyMap<EndpointId, number>,
  taking: ReadonlyMap<EndpointId, number>,
): readonly Transfer[] {
  const transfers: Transfer[] = [];
  const takers = [...taking].map(([to, wanted]) => ({ to, wanted }));
  for (const [from, given] of giving) {
    let left = given;
    for (const taker of takers) {
      const sessions = Math.min(left, taker.wanted);
      if (sessions === 0) continue;
      transfers.push({ from, to: taker.to, sessions });
      left -= sessions;
      taker.wanted -= sessions;
    }
  }
  return transfers;
}
