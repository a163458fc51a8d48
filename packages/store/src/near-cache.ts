import type { EpochMs, Pin, SessionKey } from '@holdfast/shared';
import { isAlive } from '@holdfast/shared';
import { LRUCache } from 'lru-cache';
import type { InvalidationListener, Invalidations } from './invalidations.ts';

/** A pin that this node remembers. */
export interface NearEntry {
  readonly pin: Pin;
  /** When the store last confirmed the pin to this node; never, if this node only assumes it. */
  readonly confirmedAtMs: EpochMs;
}

interface KeptEntry extends NearEntry {
  /** How many gaps in the news there had been by then: before the next one it may be believed. */
  readonly gaps: number;
}

export interface NearCacheOptions {
  /** Pins that are remembered; the least recently used goes first. 0 remembers none. */
  readonly entriesMax: number;
  /** How long an entry is believed while no news of changes arrives. */
  readonly staleAfterMs: number;
}

const NEWS_SLOTS = 1024;
const NEVER = Number.NEGATIVE_INFINITY;
/** Of what the store has not confirmed. */
const UNCONFIRMED = -1;

/** Session keys are uniform, so their first characters spread them over the slots. */
const newsSlot = (key: SessionKey): number =>
  ((key.charCodeAt(0) << 5) ^ key.charCodeAt(1)) & (NEWS_SLOTS - 1);

/**
 * The pins that this node has seen lately, so that a warm session costs no store traffic.
 *
 * Correctness never depends on it. While news of other nodes' changes flows, an entry is as good as the store;
 * while it does not, an entry is believed for `staleAfterMs` and no longer.
 */
export class NearCache implements InvalidationListener {
  readonly #entries: LRUCache<SessionKey, KeptEntry> | undefined;
  readonly #staleAfterMs: number;
  readonly #invalidations: Invalidations;
  /** How often news came in, by slot of the key: see {@link mark}. */
  readonly #news = new Uint32Array(NEWS_SLOTS);
  /** Gaps in the news so far: what was confirmed before the last one is in doubt. */
  #gaps = 0;

  constructor(options: NearCacheOptions, invalidations: Invalidations) {
    this.#entries = options.entriesMax > 0 ? new LRUCache({ max: options.entriesMax }) : undefined;
    this.#staleAfterMs = options.staleAfterMs;
    this.#invalidations = invalidations;
    invalidations.subscribe(this);
  }

  /** The entry, if it may be believed at `nowMs`. */
  get(key: SessionKey, nowMs: EpochMs): NearEntry | undefined {
    const entry = this.#entries?.get(key);
    if (entry === undefined || entry.gaps !== this.#gaps || !isAlive(entry.pin, nowMs)) return undefined;
    const isFresh = nowMs - entry.confirmedAtMs < this.#staleAfterMs || this.#invalidations.isLive();
    return isFresh ? entry : undefined;
  }

  /** The pin, however old: what there is to go by when the store does not answer, or has lost it. */
  recall(key: SessionKey, nowMs: EpochMs): Pin | undefined {
    const pin = this.#entries?.get(key)?.pin;
    return pin !== undefined && isAlive(pin, nowMs) ? pin : undefined;
  }

  /**
   * Marks the moment before a question to the store about a session. If news of it comes in before the answer
   * does, the answer may be out of date, and {@link put} leaves it out.
   */
  mark(key: SessionKey): number {
    return this.#news[newsSlot(key)] as number;
  }

  /**
   * Remembers what the store said, in answer to a question asked at `mark`. A pin with an arrival is not remembered: the store
   * is to say which request tells of it.
   */
  put(key: SessionKey, pin: Pin, nowMs: EpochMs, mark: number): void {
    if (mark !== this.mark(key)) return;
    if (pin.arrival === undefined) this.#entries?.set(key, { pin, confirmedAtMs: nowMs, gaps: this.#gaps });
    else this.drop(key);
  }

  /** Remembers what this node goes by without the store: to be recalled, and not to be believed once the store answers. */
  assume(key: SessionKey, pin: Pin): void {
    this.#entries?.set(key, { pin, confirmedAtMs: NEVER, gaps: UNCONFIRMED });
  }

  drop(key: SessionKey): void {
    this.#entries?.delete(key);
  }

  get size(): number {
    return this.#entries?.size ?? 0;
  }

  sessionChanged(key: SessionKey, version: number): void {
    const entry = this.#entries?.peek(key);
    // This node's own write comes back as news; it knows that version already. What it has only assumed, it has not written.
    if (entry?.pin.version === version && entry.gaps === this.#gaps) return;
    const slot = newsSlot(key);
    this.#news[slot] = (this.#news[slot] as number) + 1;
    this.drop(key);
  }

  changesMissed(): void {
    for (let slot = 0; slot < NEWS_SLOTS; slot++) this.#news[slot] = (this.#news[slot] as number) + 1;
    this.#gaps += 1;
  }
}
