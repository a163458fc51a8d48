import type { EndpointId, MoveReason } from '@holdfast/shared';
import type { Endpoint } from '../pool/endpoint.ts';
import { type KnownSession, type Survey, sessionsAt } from './known-sessions.ts';
import type { Pace } from './pace.ts';
import type { MayMove, SessionMover } from './session-mover.ts';

/** Which sessions leave an endpoint, for where, and how fast. */
export interface Relocation {
  readonly from: EndpointId;
  /** How many pins there are, about. */
  readonly count: number;
  readonly reason: MoveReason;
  readonly pace: Pace;
  readonly mayMove: MayMove;
  /** Asked for each session that may move; undefined: for none of them any more. */
  placeFor(session: KnownSession): Promise<Endpoint | undefined>;
  /** So many pins have moved there. */
  moved(pins: number, to: Endpoint): void;
}

/** Moves sessions away from an endpoint, the longest idle first, until there is no place for more or none that may move. */
export async function relocate(survey: Survey, mover: SessionMover, relocation: Relocation): Promise<void> {
  const { from, count, reason, pace, mayMove } = relocation;
  for await (const sessions of sessionsAt(survey, from, count)) {
    for (const session of sessions) {
      // What was seen to be in use is not worth a question to the store.
      if (![...session.pins.values()].every(mayMove)) continue;
      await pace.next();
      const to = await relocation.placeFor(session);
      if (to === undefined) return;
      const pins = await mover.move(session, to, reason, mayMove);
      if (pins > 0) relocation.moved(pins, to);
    }
  }
}
