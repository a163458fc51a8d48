import { ManualClock } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { refused, told } from '../admin/answer.ts';
import { Sampler } from './sample.ts';

/** How often a node was asked, and how long it takes to count. */
let asked: { reports: number; counts: number };
let countTakesMs: number;
let isStoreAvailable: boolean;
let drains: readonly object[];
let clock: ManualClock;
let sampler: Sampler;

beforeEach(() => {
  asked = { reports: 0, counts: 0 };
  countTakesMs = 0;
  isStoreAvailable = true;
  drains = [];
  clock = new ManualClock();
  const endpoint = { id: 'shop/a', url: 'http://a', weight: 1, standing: 'serving', inFlight: 0, waiting: 0 };
  sampler = new Sampler({
    clock,
    status: {
      readiness: () => ({ ready: true, reasons: [] }),
      report: () => {
        asked.reports += 1;
        return { pools: [{ endpoints: [endpoint] }] };
      },
    },
    async ask({ kind }) {
      if (!isStoreAvailable) return refused('STORE_UNAVAILABLE', 'the store is away');
      if (kind === 'list-drains') return told({ drains });
      asked.counts += 1;
      const number = asked.counts;
      if (countTakesMs > 0) await clock.advance(countTakesMs);
      return told({ drains: [], pinned: { 'shop/a': number } });
    },
  });
});

const pinnedNow = async (): Promise<number | undefined> => (await sampler.take()).endpoints[0]?.view.pinned;

describe('a sample', () => {
  it('is shared by all who look at the same time', async () => {
    await Promise.all([sampler.take(), sampler.take(), sampler.take()]);
    expect(asked).toEqual({ reports: 1, counts: 1 });
  });

  it('has the sessions counted once a second at most, however often somebody looks', async () => {
    for (let look = 0; look < 20; look++) {
      await sampler.take();
      await clock.advance(100);
    }
    expect(asked).toEqual({ reports: 20, counts: 2 });
  });

  it('has them counted less often where that takes long: a twentieth of the time', async () => {
    countTakesMs = 500;
    for (let look = 0; look < 95; look++) {
      await sampler.take();
      await clock.advance(100);
    }
    expect(asked.counts).toBe(1);
    await clock.advance(500);
    await sampler.take();
    expect(asked.counts).toBe(2);
  });

  it('tells of a drain at once, however long ago the sessions were counted', async () => {
    countTakesMs = 1_000;
    const standing = async (): Promise<unknown> => (await sampler.take()).endpoints[0]?.view.standing;
    expect(await standing()).toBe('serving');
    await clock.advance(200);
    drains = [{ endpoint: 'shop/a', sinceMs: 0 }];
    expect(await standing()).toBe('draining');
    await clock.advance(200);
    drains = [];
    expect(await standing()).toBe('serving');
    expect(asked.counts).toBe(1);
  });

  it('is a new one after something was changed', async () => {
    expect(await pinnedNow()).toBe(1);
    sampler.forget();
    expect(await pinnedNow()).toBe(2);
  });

  it('has endpoints without their sessions while the session map does not answer', async () => {
    isStoreAvailable = false;
    const { isCounted, endpoints } = await sampler.take();
    expect(isCounted).toBe(false);
    expect(endpoints.map(({ view }) => [view.id, view.pinned])).toEqual([['shop/a', undefined]]);
    isStoreAvailable = true;
    await clock.advance(1_000);
    expect((await sampler.take()).isCounted).toBe(true);
    isStoreAvailable = false;
    await clock.advance(200);
    expect((await sampler.take()).isCounted, 'what was counted a moment ago does not hide it').toBe(false);
  });
});
