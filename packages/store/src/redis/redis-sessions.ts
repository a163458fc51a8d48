import type { EpochMs, Pin, SessionKey } from '@holdfast/shared';
import { boundedPin } from '../pin-rules.ts';
import type { PinResult, RepinResult, SessionStore, Touch, TouchResult } from '../session-store.ts';
import { type BucketKeys, bucketOf, type RedisKeys } from './keys.ts';
import { encodePin } from './pin-codec.ts';
import { arrayOf, pinOf, replyOf, unexpectedReply } from './replies.ts';
import type { ScriptRunner } from './script-runner.ts';

/** A longer batch would keep Redis from everybody else for too long. */
const TOUCHES_PER_SCRIPT = 64;

/** The session map in Redis: one script for each operation, one bucket for each session. */
export class RedisSessions implements SessionStore {
  readonly #scripts: ScriptRunner;
  readonly #keys: RedisKeys;
  #unreadable = 0;

  constructor(scripts: ScriptRunner, keys: RedisKeys) {
    this.#scripts = scripts;
    this.#keys = keys;
  }

  /** Records that were found and could not be read. */
  get unreadable(): number {
    return this.#unreadable;
  }

  async find(key: SessionKey, nowMs: EpochMs): Promise<Pin | undefined> {
    const reply = await this.#scripts.run('find', this.#bucket(key), key, nowMs);
    if (reply === 'unreadable') this.#unreadable += 1;
    return reply === null || reply === 'unreadable' ? undefined : pinOf(arrayOf(reply, 'find'));
  }

  async pin(key: SessionKey, proposed: Pin, nowMs: EpochMs): Promise<PinResult> {
    const pin = boundedPin(proposed);
    const bucket = this.#bucket(key);
    const reply = replyOf(
      await this.#scripts.run('pin', bucket, key, nowMs, encodePin(pin), pin.expiresAtMs),
    );
    if (reply.kind === 'pinned') return { kind: 'pinned', pin };
    if (reply.kind === 'already-pinned') return { kind: 'already-pinned', pin: reply.pin() };
    throw unexpectedReply('pin', reply.kind);
  }

  async repin(key: SessionKey, expectedVersion: number, proposed: Pin, nowMs: EpochMs): Promise<RepinResult> {
    const pin = boundedPin(proposed);
    const args = [key, nowMs, expectedVersion, encodePin(pin), pin.expiresAtMs, this.#keys.changesChannel];
    const reply = replyOf(await this.#scripts.run('repin', this.#bucket(key), ...args));
    if (reply.kind === 'repinned') return { kind: 'repinned', pin };
    if (reply.kind === 'lost') return { kind: 'lost', pin: reply.pin() };
    throw unexpectedReply('repin', reply.kind);
  }

  async touch(touches: readonly Touch[], nowMs: EpochMs): Promise<readonly TouchResult[]> {
    const results: TouchResult[] = [];
    const batches = batchByBucket(touches).map(async ({ bucket, indexes }) => {
      const args = indexes.flatMap((index) => touchArgs(touches[index]!));
      const replies = arrayOf(
        await this.#scripts.run('touch', this.#keys.buckets[bucket]!, nowMs, ...args),
        'touch',
      );
      for (const [position, index] of indexes.entries()) results[index] = touchResultOf(replies[position]);
    });
    await Promise.all(batches);
    return results;
  }

  async unpin(key: SessionKey, expectedVersion: number | undefined, nowMs: EpochMs): Promise<boolean> {
    const args = [key, nowMs, expectedVersion ?? '', this.#keys.changesChannel];
    return (await this.#scripts.run('unpin', this.#bucket(key), ...args)) === 1;
  }

  #bucket(key: SessionKey): BucketKeys {
    return this.#keys.buckets[bucketOf(key)]!;
  }
}

/** Touches of one bucket, by their places in the caller's order. */
interface TouchBatch {
  readonly bucket: number;
  readonly indexes: number[];
}

function batchByBucket(touches: readonly Touch[]): TouchBatch[] {
  const batches: TouchBatch[] = [];
  const open = new Map<number, TouchBatch>();
  for (const [index, { key }] of touches.entries()) {
    const bucket = bucketOf(key);
    let batch = open.get(bucket);
    if (batch === undefined || batch.indexes.length === TOUCHES_PER_SCRIPT) {
      batch = { bucket, indexes: [] };
      open.set(bucket, batch);
      batches.push(batch);
    }
    batch.indexes.push(index);
  }
  return batches;
}

const touchArgs = (touch: Touch) => [touch.key, touch.version, touch.endpoint, touch.expiresAtMs];

function touchResultOf(value: unknown): TouchResult {
  const reply = replyOf(value);
  if (reply.kind === 'touched' || reply.kind === 'absent') return { kind: reply.kind };
  if (reply.kind === 'moved') return { kind: 'moved', pin: reply.pin() };
  throw unexpectedReply('touch', reply.kind);
}
