import { type EndpointId, type EpochMs, isSessionKey } from '@holdfast/shared';
import type { SessionEntry, SessionInventory, SessionPage, SessionQuery } from '../session-inventory.ts';
import { BUCKETS, type RedisKeys } from './keys.ts';
import { decodePin } from './pin-codec.ts';
import { arrayOf, unexpectedReply } from './replies.ts';
import type { ScriptRunner } from './script-runner.ts';

/** Buckets asked in one round trip: few enough to keep Redis from others for milliseconds only. */
const BUCKETS_PER_TRIP = 16;

/** Expired pins that one call may clear away: about half a millisecond of Redis' time, and 16 calls share a trip. */
const REAPED_PER_COUNT = 64;

/** Where a listing goes on: a bucket, and the last session key that was listed of it. */
interface Position {
  readonly bucket: number;
  readonly afterKey: string;
}

const START: Position = { bucket: 0, afterKey: '' };

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
    const sessions: SessionEntry[] = [];
    let { bucket, afterKey } = parseCursor(query.cursor);
    // A full bucket fills a page by itself; where buckets are nearly empty, more and more are asked at once.
    for (let buckets = 1; bucket < BUCKETS; buckets = Math.min(buckets * 2, BUCKETS_PER_TRIP)) {
      const end = Math.min(bucket + buckets, BUCKETS);
      const room = query.limit - sessions.length;
      const trip: Promise<SessionEntry[]>[] = [];
      for (let next = bucket; next < end; next += 1) {
        trip.push(this.#listBucket(next, next === bucket ? afterKey : '', room, query.endpoint, nowMs));
      }
      for (const entries of await Promise.all(trip)) {
        const taken = entries.slice(0, query.limit - sessions.length);
        sessions.push(...taken);
        const last = taken.at(-1);
        if (last !== undefined && sessions.length === query.limit) {
          return { sessions, next: formatCursor({ bucket, afterKey: last.key }) };
        }
        bucket += 1;
      }
      afterKey = '';
    }
    return { sessions };
  }

  async #count(bucket: number, nowMs: EpochMs): Promise<[EndpointId, number][]> {
    for (;;) {
      const reply = await this.#scripts.run('count', this.#keys.buckets[bucket]!, nowMs, REAPED_PER_COUNT);
      const [kind, ...counts] = arrayOf(reply, 'count');
      if (kind === 'counted') return pairsOf(counts);
      if (kind !== 'more') throw unexpectedReply('count', reply);
    }
  }

  async #listBucket(
    bucket: number,
    afterKey: string,
    limit: number,
    endpoint: EndpointId | undefined,
    nowMs: EpochMs,
  ): Promise<SessionEntry[]> {
    const reply = await this.#scripts.run(
      'list',
      this.#keys.buckets[bucket]!,
      nowMs,
      afterKey,
      limit,
      endpoint ?? '',
    );
    return entriesOf(arrayOf(reply, 'list'));
  }
}

function pairsOf(reply: readonly unknown[]): [EndpointId, number][] {
  const pairs: [EndpointId, number][] = [];
  for (let index = 0; index < reply.length; index += 2) {
    pairs.push([reply[index] as EndpointId, Number(reply[index + 1])]);
  }
  return pairs;
}

function entriesOf(reply: readonly unknown[]): SessionEntry[] {
  const entries: SessionEntry[] = [];
  for (let index = 0; index < reply.length; index += 3) {
    const key = String(reply[index]);
    const pin = decodePin(reply[index + 1], reply[index + 2]);
    if (!isSessionKey(key) || pin === undefined) throw unexpectedReply('list', key);
    entries.push({ key, pin });
  }
  return entries;
}

const formatCursor = ({ bucket, afterKey }: Position): string => `${bucket}:${afterKey}`;

function parseCursor(cursor: string | undefined): Position {
  const [bucket = '', afterKey = ''] = cursor?.split(':') ?? [];
  if (!/^\d{1,3}$/.test(bucket) || Number(bucket) >= BUCKETS || !isSessionKey(afterKey)) return START;
  return { bucket: Number(bucket), afterKey };
}
