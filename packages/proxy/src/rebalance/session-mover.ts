import {
  type Clock,
  type EndpointId,
  type EpochMs,
  endpointOfPin,
  isEndpointId,
  type MoveReason,
  type Pin,
  type SessionKey,
} from '@holdfast/shared';
import type { SessionStore } from '@holdfast/store';
import type { SessionRecorder } from '../affinity/session-recorder.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { KnownSession } from './known-sessions.ts';

/** Whether a pin may be moved, by what stands at the moment at which it would be. */
export type MayMove = (pin: Pin) => boolean;

/** What came of moving the pin of one key. */
export type KeyMove =
  | { readonly kind: 'moved'; readonly pin: Pin }
  /** It is there already. */
  | { readonly kind: 'there'; readonly pin: Pin }
  /** It may not be moved, or others move it all the time. */
  | { readonly kind: 'kept'; readonly pin: Pin };

export interface SessionMoverParts {
  readonly sessions: Pick<SessionStore, 'find' | 'repin'>;
  /** Default: nobody wants to know. */
  readonly recorder?: Pick<SessionRecorder, 'sessionMoved'> | undefined;
  readonly clock: Clock;
}

/** How often a move is tried again that another one has overtaken. */
const ATTEMPTS_MAX = 5;

/**
 * Moves sessions between their requests. Each move is a compare-and-set, so that no session moves twice however many processes
 * move it, and every node follows. The endpoint that gets a session is told with its next request.
 */
export class SessionMover {
  readonly #parts: SessionMoverParts;
  readonly #moved = new Map<MoveReason, number>();

  constructor(parts: SessionMoverParts) {
    this.#parts = parts;
  }

  /** How many pins this process has moved, by reason. */
  get moved(): Readonly<Partial<Record<MoveReason, number>>> {
    return Object.fromEntries(this.#moved);
  }

  /** How many pins this process has moved, whatever the reason. */
  get movedInAll(): number {
    return [...this.#moved.values()].reduce((sum, count) => sum + count, 0);
  }

  /**
   * Moves a session with all of its keys that are known, its first one before the others: unless one of them may not be
   * moved, which leaves all where they are. Answers how many pins have moved.
   */
  async move({ pins }: KnownSession, to: Endpoint, reason: MoveReason, mayMove: MayMove): Promise<number> {
    const standing = await this.#living([...pins.keys()]);
    if (![...standing.values()].every(mayMove)) return 0;
    let moved = 0;
    for (const [key, pin] of standing) {
      const result = await this.moveKey(key, pin, to, reason, mayMove);
      if (result.kind === 'moved') moved++;
    }
    return moved;
  }

  /** Moves the pin of one key, which was found to be `known`. */
  async moveKey(
    key: SessionKey,
    known: Pin,
    to: Endpoint,
    reason: MoveReason,
    mayMove: MayMove,
  ): Promise<KeyMove> {
    const { sessions, recorder, clock } = this.#parts;
    let pin = known;
    for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
      if (pin.endpoint === to.pinId) return { kind: 'there', pin };
      if (!mayMove(pin)) return { kind: 'kept', pin };
      const nowMs = clock.now();
      const result = await sessions.repin(key, pin.version, movedPin(pin, to, reason, nowMs), nowMs);
      pin = result.pin;
      if (result.kind === 'lost') continue;
      this.#moved.set(reason, (this.#moved.get(reason) ?? 0) + 1);
      recorder?.sessionMoved(to.id, reason);
      return { kind: 'moved', pin };
    }
    return { kind: 'kept', pin };
  }

  async #living(keys: readonly SessionKey[]): Promise<ReadonlyMap<SessionKey, Pin>> {
    const { sessions, clock } = this.#parts;
    const nowMs = clock.now();
    const found = await Promise.all(keys.map(async (key) => [key, await sessions.find(key, nowMs)] as const));
    return new Map(found.flatMap(([key, pin]) => (pin === undefined ? [] : [[key, pin] as const])));
  }
}

/** The pin of a session that is moved between its requests: it stays as idle as it was. */
function movedPin(
  { arrival, ...pin }: Pin,
  { id, pinId }: Pick<Endpoint, 'id' | 'pinId'>,
  reason: MoveReason,
  nowMs: EpochMs,
): Pin {
  // Where nobody has been told of the last move, its state is still where it was before.
  const from: EndpointId = arrival?.from ?? endpointOfPin(pin.endpoint);
  const moved = { ...pin, endpoint: pinId, version: pin.version + 1, pinnedAtMs: nowMs };
  return from === id || !isEndpointId(from) ? moved : { ...moved, arrival: { from, reason } };
}
