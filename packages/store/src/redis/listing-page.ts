import { isSessionKey } from '@holdfast/shared';
import type { SessionEntry, SessionPage, SessionQuery } from '../session-inventory.ts';
import { BUCKETS } from './keys.ts';

/** Where a listing goes on: a bucket, and a place in it. */
interface Position {
  readonly bucket: number;
  readonly place: string;
}

/** What is asked in one round trip: some buckets in a row, of which the first one goes on at its place. */
export interface Trip {
  readonly start: Position;
  readonly buckets: number;
  /** The most sessions that one bucket may list. */
  readonly room: number;
}

/** What one bucket has listed. */
export interface BucketListing {
  readonly sessions: readonly SessionEntry[];
  /** The place where the bucket goes on; absent at its end. */
  readonly next?: string;
}

/** The place where a bucket begins. All others come from `scripts/list.lua`. */
export const BUCKET_START = '0:';

const CURSOR = /^(\d{1,3}):(\d{1,19}:(.*))$/s;

/** A page of the inventory while it fills, and what to ask next for it. Its cursor is a position. */
export class ListingPage {
  readonly #limit: number;
  readonly #bucketsMax: number;
  readonly #sessions: SessionEntry[] = [];
  #position: Position;
  #buckets = 1;
  #isFull = false;

  /** @param bucketsMax the most buckets of one trip */
  constructor({ limit, cursor }: SessionQuery, bucketsMax: number) {
    this.#limit = limit;
    this.#bucketsMax = bucketsMax;
    this.#position = parseCursor(cursor);
  }

  get isComplete(): boolean {
    return this.#isFull || this.#position.bucket === BUCKETS;
  }

  get nextTrip(): Trip {
    const buckets = Math.min(this.#buckets, BUCKETS - this.#position.bucket);
    return { start: this.#position, buckets, room: this.#room };
  }

  get result(): SessionPage {
    const { bucket, place } = this.#position;
    const sessions = this.#sessions;
    return bucket === BUCKETS ? { sessions } : { sessions, next: `${bucket}:${place}` };
  }

  /** Takes what the buckets of a trip have listed, in their order, as far as it fits. */
  take(listings: readonly BucketListing[]): void {
    const isFromStart = this.#position.place === BUCKET_START;
    const isAllTaken = listings.every((listing) => this.#takeBucket(listing));
    this.#buckets = isFromStart && isAllTaken ? this.#bucketsThatFit(listings) : 1;
  }

  /** Answers whether the bucket is at its end and there is room for the next one. */
  #takeBucket({ sessions, next }: BucketListing): boolean {
    // Buckets list in steps that cannot be divided. One that does not fit is the next page's first, which takes it anyway.
    if (sessions.length > this.#room && this.#sessions.length > 0) {
      this.#isFull = true;
      return false;
    }
    this.#sessions.push(...sessions);
    this.#isFull = this.#room <= 0;
    const { bucket } = this.#position;
    this.#position =
      next === undefined ? { bucket: bucket + 1, place: BUCKET_START } : { bucket, place: next };
    return next === undefined && !this.#isFull;
  }

  /** A full bucket fills a page by itself; where buckets are nearly empty, more and more are asked at once. */
  #bucketsThatFit(listings: readonly BucketListing[]): number {
    const most = Math.max(...listings.map(({ sessions }) => sessions.length));
    const fitting = most === 0 ? this.#bucketsMax : Math.floor(this.#room / most);
    return Math.max(1, Math.min(2 * this.#buckets, this.#bucketsMax, fitting));
  }

  get #room(): number {
    return this.#limit - this.#sessions.length;
  }
}

function parseCursor(cursor = ''): Position {
  const [, bucket, place, afterKey] = CURSOR.exec(cursor) ?? [];
  const isOurs = Number(bucket) < BUCKETS && (afterKey === '' || isSessionKey(afterKey ?? ''));
  return isOurs ? { bucket: Number(bucket), place: place! } : { bucket: 0, place: BUCKET_START };
}
