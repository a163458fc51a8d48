import { EventEmitter, once } from 'node:events';
import { HoldfastError, type Pin, sessionKey } from '@holdfast/shared';
import { ManualClock, settle } from '@holdfast/shared/testing';
import { openMemoryStore } from '@holdfast/store/memory';
import { beforeEach, describe, expect, it } from 'vitest';
import { testEndpoint } from '../testing/endpoints.ts';
import { currentStep, Step } from './step.ts';
import { tracedStore } from './traced-store.ts';

const key = sessionKey('k3y-of-a-session-in-22');
const pin: Pin = {
  endpoint: testEndpoint('a').pinId,
  version: 1,
  pinnedAtMs: 1,
  expiresAtMs: 10_000,
  endsAtMs: 10_000,
};

let clock: ManualClock;
let step: Step;

beforeEach(() => {
  clock = new ManualClock(0);
  step = new Step('affinity.resolve', clock);
});

const names = () => step.operations.map(({ name }) => name);

describe('a traced store', () => {
  it('adds what is asked within a step to it, and answers as it would have', async () => {
    const { sessions } = tracedStore(openMemoryStore());
    await currentStep.run(step, async () => {
      expect(await sessions.find(key, 1)).toBeUndefined();
      expect(await sessions.pin(key, pin, 1)).toMatchObject({ kind: 'pinned' });
      expect(await sessions.repin(key, 1, { ...pin, version: 2 }, 1)).toMatchObject({ kind: 'repinned' });
      expect(await sessions.unpin(key, 2, 1)).toBe(true);
    });
    expect(names()).toEqual(['find', 'pin', 'repin', 'unpin']);
    for (const { error, endedAtMs } of step.operations) expect([error, endedAtMs]).toEqual([undefined, 0]);
  });

  it('keeps batches of touches out of it, and what is asked without a step', async () => {
    const { sessions } = tracedStore(openMemoryStore());
    await sessions.find(key, 1);
    await currentStep.run(step, () => sessions.touch([], 1));
    expect(names()).toEqual([]);
  });

  it('keeps parallel requests apart, each of which waits for a store of its own', async () => {
    const { sessions } = tracedStore(openMemoryStore());
    const other = new Step('affinity.resolve', clock);
    const doing = (within: Step, count: number) =>
      currentStep.run(within, async () => {
        for (let index = 0; index < count; index++) {
          await settle();
          await sessions.find(key, 1);
        }
      });
    await Promise.all([doing(step, 3), doing(other, 5)]);
    expect([step.operations.length, other.operations.length]).toEqual([3, 5]);
  });

  it('knows nothing of the step behind it: what a request starts and does not wait for is none of its', async () => {
    const { sessions } = tracedStore(openMemoryStore());
    const later = new EventEmitter();
    const behind = currentStep.run(step, async () => {
      await once(later, 'go');
      await sessions.find(key, 1);
    });
    step.end();
    later.emit('go');
    await behind;
    expect(names()).toEqual([]);
  });
});

describe('an operation of a step', () => {
  it('has the code of what it failed with, which its caller sees as well', async () => {
    const failing = () => Promise.reject(new HoldfastError('STORE_UNAVAILABLE', 'no answer'));
    await expect(step.operation('find', failing)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(step.operations).toMatchObject([{ error: 'STORE_UNAVAILABLE', endedAtMs: 0 }]);
  });

  it('lasts as long as it is waited for, and has no end if its step was over before', async () => {
    const slow = Promise.withResolvers<void>();
    const done = step.operation('find', () => slow.promise);
    await clock.advance(50);
    step.end();
    await clock.advance(500);
    slow.resolve();
    await done;
    expect(step.operations).toMatchObject([{ startedAtMs: 0, endedAtMs: undefined }]);
    expect(step.endedAtMs).toBe(50);
  });
});
