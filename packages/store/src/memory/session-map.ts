import {
  type EndpointId,
  type EpochMs,
  isAlive,
  type NodeId,
  type Pin,
  type SessionKey,
} from '@holdfast/shared';
import type { Drain } from '../drains.ts';
import type { InvalidationListener } from '../invalidations.ts';
import type { MemberRecord } from '../membership.ts';
import { livingPin } from '../pin-rules.ts';

export interface SessionMapOptions {
  /** The most sessions that the map keeps. Default: 1,000,000, which is about 250 MB. */
  readonly entriesMax?: number;
}

/** A session in the map. Serials grow in the order in which sessions began. */
export interface SessionRecord {
  readonly serial: number;
  readonly pin: Pin;
}

/** How many records a new session looks at to make room. */
const HAND_REACH = 8;

/**
 * The sessions of one process, in the order in which they began. Stores opened on the same map are nodes of one
 * cluster.
 *
 * A hand goes round the map: each new session moves it on by eight records. Expired ones are forgotten, and if
 * the map is full also the one of the eight that is nearest its deadline, which is about the idlest. So memory is
 * bounded, no operation costs more than eight steps, and an expired record is gone after one round at most.
 */
export class SessionMap {
  /** The nodes that want to hear of changes. */
  readonly listeners = new Set<InvalidationListener>();
  /** Those of the cluster. They are few, and stay until they are ended. */
  readonly drains = new Map<EndpointId, Drain>();
  /** What its nodes say of themselves, and until when that is good. */
  readonly members = new Map<NodeId, { readonly record: MemberRecord; readonly validUntilMs: EpochMs }>();
  readonly #entriesMax: number;
  readonly #records = new Map<SessionKey, SessionRecord>();
  #hand = this.#records.entries();
  #lastSerial = 0;

  constructor({ entriesMax = 1_000_000 }: SessionMapOptions = {}) {
    this.#entriesMax = entriesMax;
  }

  /** How many records there are, living or not yet forgotten. */
  get size(): number {
    return this.#records.size;
  }

  get(key: SessionKey, nowMs: EpochMs): Pin | undefined {
    return livingPin(this.#records.get(key)?.pin, nowMs);
  }

  /** Writes a session's pin. A session that had no living pin begins anew, at the end of the order. */
  set(key: SessionKey, pin: Pin, nowMs: EpochMs): void {
    const record = this.#records.get(key);
    if (record !== undefined && isAlive(record.pin, nowMs)) {
      this.#records.set(key, { serial: record.serial, pin });
      return;
    }
    this.#records.delete(key);
    this.#makeRoom(nowMs);
    this.#lastSerial += 1;
    this.#records.set(key, { serial: this.#lastSerial, pin });
  }

  delete(key: SessionKey): void {
    this.#records.delete(key);
  }

  /** Every record in order, the expired ones among them. */
  entries(): IterableIterator<[SessionKey, SessionRecord]> {
    return this.#records.entries();
  }

  announce(key: SessionKey, version: number): void {
    for (const listener of this.listeners) listener.sessionChanged(key, version);
  }

  #makeRoom(nowMs: EpochMs): void {
    let idlest: [SessionKey, SessionRecord] | undefined;
    for (let step = 0; step < HAND_REACH; step += 1) {
      const entry = this.#moveHand();
      if (entry === undefined) break;
      const [key, { pin }] = entry;
      if (!isAlive(pin, nowMs)) this.#records.delete(key);
      else if (idlest === undefined || pin.expiresAtMs < idlest[1].pin.expiresAtMs) idlest = entry;
    }
    if (idlest !== undefined && this.#records.size >= this.#entriesMax) this.#records.delete(idlest[0]);
  }

  #moveHand(): [SessionKey, SessionRecord] | undefined {
    const next = this.#hand.next();
    if (!next.done) return next.value;
    this.#hand = this.#records.entries();
    return this.#hand.next().value;
  }
}
