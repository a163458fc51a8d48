import type { EpochMs, SessionKey } from '@holdfast/shared';
import type { Store } from '@holdfast/store';
import { BenchError } from '../bench-error.ts';
import { type Effort, inParallel, measureEffort } from './effort.ts';
import { deadlineOf, endpointOf, keyOf, pinOf } from './synthetic-sessions.ts';

export interface MapSettings {
  /** Sessions in the map. */
  readonly sessions: number;
  /** Operations under way at a time. */
  readonly lanes: number;
  readonly redisPid: number;
}

/** Far apart in the order of the sessions, and in Redis. */
const STRIDE = 7_919;
/** What a node has to touch within the five milliseconds in which it gathers touches. */
const TOUCHES_TOGETHER = 16;

/**
 * A session map of many synthetic sessions, and the work of a node on it. Sessions of the lower half end and are followed
 * by new ones; those of the upper half stay. Throws a {@link BenchError} where an operation comes to anything unexpected.
 */
export class MapUnderTest {
  readonly #store: Store;
  readonly #settings: MapSettings;
  readonly #startMs: EpochMs;
  #nowMs: EpochMs;
  readonly #half: number;
  readonly #keys: readonly SessionKey[];
  readonly #versions: Uint32Array;
  #filled = 0;
  #ended = 0;
  #found = 0;
  #touched = 0;
  #moved = 0;

  constructor(store: Store, startMs: EpochMs, settings: MapSettings) {
    this.#store = store;
    this.#settings = settings;
    this.#startMs = startMs;
    this.#nowMs = startMs;
    this.#half = Math.floor(settings.sessions / 2);
    this.#keys = Array.from({ length: settings.sessions + this.#half }, (_, index) => keyOf(index));
    this.#versions = new Uint32Array(settings.sessions).fill(1);
  }

  /** The time in the life of the map: it goes on with the sessions that end. */
  get nowMs(): EpochMs {
    return this.#nowMs;
  }

  /** Pins so many sessions more. */
  fill(count: number): Promise<Effort> {
    return this.#measured(
      (done) => done < count,
      () => this.#pin(this.#filled++),
    );
  }

  find(goesOn: () => boolean): Promise<Effort> {
    return this.#measured(goesOn, async () => {
      const pin = await this.#store.sessions.find(this.#keys[this.#steady(this.#found++)]!, this.#nowMs);
      expectThat(pin !== undefined, 'found no session');
    });
  }

  /** Pins sessions, of which each is new when another has just ended. */
  succeed(goesOn: () => boolean): Promise<Effort> {
    return this.#measured(
      () => goesOn() && this.#ended < this.#half,
      () => {
        this.#nowMs = deadlineOf(this.#ended, this.#startMs);
        return this.#pin(this.#settings.sessions + this.#ended++);
      },
    );
  }

  repin(goesOn: () => boolean): Promise<Effort> {
    return this.#measured(goesOn, async () => {
      const index = this.#steady(this.#moved++);
      const version = this.#versions[index]!;
      this.#versions[index] = version + 1;
      const pin = pinOf(index, version + 1, this.#startMs);
      const result = await this.#store.sessions.repin(this.#keys[index]!, version, pin, this.#nowMs);
      expectThat(result.kind === 'repinned', 'lost a session to nobody');
    });
  }

  async touch(goesOn: () => boolean): Promise<Effort> {
    const lanes = Math.ceil(this.#settings.lanes / TOUCHES_TOGETHER);
    return measureEffort(this.#settings.redisPid, async () => {
      const batches = await inParallel(lanes, goesOn, async () => {
        const touches = Array.from({ length: TOUCHES_TOGETHER }, () => this.#nextTouch());
        const results = await this.#store.sessions.touch(touches, this.#nowMs);
        expectThat(
          results.every(({ kind }) => kind === 'touched'),
          'touched nothing',
        );
      });
      return batches * TOUCHES_TOGETHER;
    });
  }

  #nextTouch() {
    this.#touched += 1;
    const index = this.#steady(this.#touched);
    const version = this.#versions[index]!;
    const expiresAtMs = deadlineOf(index, this.#startMs) + this.#touched;
    return { key: this.#keys[index]!, endpoint: endpointOf(index + version - 1), version, expiresAtMs };
  }

  async #pin(index: number): Promise<void> {
    const pin = pinOf(index, 1, this.#startMs);
    const result = await this.#store.sessions.pin(this.#keys[index]!, pin, this.#nowMs);
    expectThat(result.kind === 'pinned', 'pinned a session twice');
  }

  #steady(turn: number): number {
    return this.#half + ((turn * STRIDE) % this.#half);
  }

  #measured(goesOn: (done: number) => boolean, operation: () => Promise<void>): Promise<Effort> {
    return measureEffort(this.#settings.redisPid, () => inParallel(this.#settings.lanes, goesOn, operation));
  }
}

function expectThat(isSo: boolean, otherwise: string): void {
  if (!isSo) throw new BenchError(`the session map ${otherwise}`);
}
