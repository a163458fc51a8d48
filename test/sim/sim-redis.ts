import { HoldfastError, type Pin, type SessionKey } from '@holdfast/shared';
import type { InvalidationListener, SessionStore, Store } from '@holdfast/store';
import { openMemoryStore, SessionMap } from '@holdfast/store/memory';
import type { Dice } from './dice.ts';
import type { SimClock } from './sim-clock.ts';

/** A write that a replica may not have yet. */
interface Write {
  readonly atMs: number;
  readonly key: SessionKey;
  readonly before: Pin | undefined;
}

const REMEMBERED_WRITES = 200;
/** Whatever the deadline of a pin: it is read as it stands. */
const ALWAYS = Number.NEGATIVE_INFINITY;

/**
 * A Redis server with a replica that is behind: the memory adapter says what each operation does, this class when it is
 * done, whether at all, and what is left of it when the replica takes over.
 */
export class SimRedis implements InvalidationListener {
  readonly map = new SessionMap();
  /** Frozen: commands wait for the thaw, and are then carried out, however late. */
  isFrozen = false;
  /** Commands find nobody. */
  isDown = false;
  /** Commands that write are refused. */
  isFull = false;
  /** How many of its commands fail for no reason that anybody could see. */
  errorRate = 0;
  readonly store: Store;
  readonly #clock: SimClock;
  readonly #dice: Dice;
  readonly #subscribers = new Set<InvalidationListener>();
  #waiting: (() => void)[] = [];
  #writes: Write[] = [];

  constructor(clock: SimClock, dice: Dice, decorate: (store: Store, map: SessionMap) => Store) {
    this.#clock = clock;
    this.#dice = dice;
    this.store = decorate(openMemoryStore({ map: this.map }), this.map);
    this.map.listeners.add(this);
  }

  /** Has the server do something when its turn has come. */
  take(command: () => void): void {
    if (this.isFrozen) this.#waiting.push(command);
    else command();
  }

  thaw(): void {
    this.isFrozen = false;
    for (const command of this.#waiting.splice(0)) command();
  }

  subscribe(listener: InvalidationListener): () => void {
    this.#subscribers.add(listener);
    return () => this.#subscribers.delete(listener);
  }

  sessionChanged(key: SessionKey, version: number): void {
    for (const subscriber of [...this.#subscribers]) subscriber.sessionChanged(key, version);
  }

  changesMissed(): void {}

  /** The operations, as the server carries them out. */
  readonly sessions: SessionStore = {
    find: (key, nowMs) => this.#read(() => this.store.sessions.find(key, nowMs)),
    pin: (key, proposed, nowMs) => this.#write([key], () => this.store.sessions.pin(key, proposed, nowMs)),
    repin: (key, expectedVersion, proposed, nowMs) =>
      this.#write([key], () => this.store.sessions.repin(key, expectedVersion, proposed, nowMs)),
    touch: (touches, nowMs) =>
      this.#write(
        touches.map(({ key }) => key),
        () => this.store.sessions.touch(touches, nowMs),
      ),
    unpin: (key, expectedVersion, nowMs) =>
      this.#write([key], () => this.store.sessions.unpin(key, expectedVersion, nowMs)),
  };

  /** The replica takes over, and has nothing of what was written since then. */
  loseSince(atMs: number): void {
    for (const { atMs: writtenAtMs, key, before } of this.#writes.toReversed()) {
      if (writtenAtMs < atMs) break;
      if (before === undefined) this.map.delete(key);
      else this.map.set(key, before, ALWAYS);
    }
    this.#writes = [];
  }

  async #read<T>(work: () => Promise<T>): Promise<T> {
    this.#refuseIf(this.isDown, 'nobody listens');
    this.#refuseIf(this.#dice.isLucky(this.errorRate), 'ERR');
    return work();
  }

  async #write<T>(keys: readonly SessionKey[], work: () => Promise<T>): Promise<T> {
    this.#refuseIf(this.isFull, 'OOM command not allowed');
    const before = keys.map((key) => this.map.get(key, ALWAYS));
    const result = await this.#read(work);
    for (const [index, key] of keys.entries())
      if (this.map.get(key, ALWAYS) !== before[index])
        this.#writes.push({ atMs: this.#clock.nowMs, key, before: before[index] });
    if (this.#writes.length > REMEMBERED_WRITES) this.#writes.shift();
    return result;
  }

  #refuseIf(isSo: boolean, reason: string): void {
    if (isSo) throw new HoldfastError('STORE_UNAVAILABLE', `simulated Redis: ${reason}`);
  }
}
