import { type EndpointId, type EpochMs, isSessionKey } from '@holdfast/shared';
import type { SessionEntry, SessionInventory, SessionPage, SessionQuery } from '../session-inventory.ts';
import { BUCKETS, type RedisKeys } from './keys.ts';
import { BUCKET_START, type BucketListing, ListingPage, type Trip } from './listing-page.ts';
import { decodePin } from './pin-codec.ts';
import { arrayOf, pairsOf, unexpectedReply } from './replies.ts';
import type { ScriptRunner } from './script-runner.ts';

/** Buckets asked in one round trip: few enough to keep Redis from others for milliseconds only. */
const BUCKETS_PER_TRIP = 16;

/** Expired pins that one call may clear away: about half a millisecond of Redis' time, and 16 calls share a trip. */
const REAPED_PER_COUNT = 64;

/** Sessions that one trip of a listing looks at, in all of its buckets together. */
const LOOKS_PER_TRIP = 512;

/** Round trips for one page. One that finds few sessions among many ends after them, with what it has. */
const TRIPS_PER_PAGE = 128;

/** Who is where, bucket by bucket. */
export class RedisInventory implements SessionInventory {
  readonly #scripts: ScriptRunner;
  readonly #keys: RedisKeys;

  constructor(scripts: ScriptRunner, keys: RedisKeys) {
    this.#scripts = scripts;
    this.#keys = keys;
  }

  async countByEndpoint(nowMs: EpochMs): Promise<ReadonlyMap<EndpointId, number>> {
    const totals = new Map<EndpointId, number>();
    for (let first = 0; first < BUCKETS; first += BUCKETS_PER_TRIP) {
      const trip = Array.from({ length: BUCKETS_PER_TRIP }, (_, offset) =>
        this.#count(first + offset, nowMs),
      );
      for (const [endpoint, count] of (await Promise.all(trip)).flat()) {
        totals.set(endpoint, (totals.get(endpoint) ?? 0) + count);
      }
    }
    return totals;
  }

  async list(query: SessionQuery, nowMs: EpochMs): Promise<SessionPage> {
    const page = new ListingPage(query, BUCKETS_PER_TRIP);
    for (let trips = 0; trips < TRIPS_PER_PAGE && !page.isComplete; trips += 1) {
      page.take(await this.#listTrip(page.nextTrip, query.endpoint, nowMs));
    }
    return page.result;
  }

  async #count(bucket: number, nowMs: EpochMs): Promise<[EndpointId, number][]> {
    for (;;) {
      const reply = await this.#scripts.run('count', this.#keys.buckets[bucket]!, nowMs, REAPED_PER_COUNT);
      const [kind, ...counts] = arrayOf(reply, 'count');
      if (kind === 'counted') return pairsOf(counts).map(([id, count]) => [id as EndpointId, Number(count)]);
      if (kind !== 'more') throw unexpectedReply('count', reply);
    }
  }

  #listTrip(
    { start, buckets, room }: Trip,
    endpoint: EndpointId | undefined,
    nowMs: EpochMs,
  ): Promise<readonly BucketListing[]> {
    const looks = Math.ceil(LOOKS_PER_TRIP / buckets);
    const trip = Array.from({ length: buckets }, async (_, offset) => {
      const place = offset === 0 ? start.place : BUCKET_START;
      const bucket = this.#keys.buckets[start.bucket + offset]!;
      const reply = await this.#scripts.run('list', bucket, nowMs, place, room, looks, endpoint ?? '');
      return listingOf(arrayOf(reply, 'list'));
    });
    return Promise.all(trip);
  }
}

function listingOf([place, ...reply]: readonly unknown[]): BucketListing {
  const sessions: SessionEntry[] = [];
  for (let index = 0; index < reply.length; index += 3) {
    const key = String(reply[index]);
    const pin = decodePin(reply[index + 1], reply[index + 2]);
    if (!isSessionKey(key) || pin === undefined) throw unexpectedReply('list', key);
    sessions.push({ key, pin });
  }
  return place === '' ? { sessions } : { sessions, next: String(place) };
}
