import { type EndpointId, endpointId } from '@holdfast/shared';
import { ManualClock, settle } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { shop } from '../testing/endpoints.ts';
import { SessionCounts } from './session-counts.ts';

const a = endpointId(shop, 'a');

/** An inventory that answers, or fails, when the test says so. */
class TestInventory {
  asked = 0;
  #answer: (counts: ReadonlyMap<EndpointId, number>) => void = () => {};
  #fail: (error: Error) => void = () => {};

  countByEndpoint(): Promise<ReadonlyMap<EndpointId, number>> {
    this.asked++;
    return new Promise((resolve, reject) => {
      this.#answer = resolve;
      this.#fail = reject;
    });
  }

  async answer(count: number): Promise<void> {
    this.#answer(new Map([[a, count]]));
    await settle();
  }

  async fail(): Promise<void> {
    this.#fail(new Error('no store'));
    await settle();
  }
}

const world = (nodes = 1) => {
  const clock = new ManualClock();
  const inventory = new TestInventory();
  return { clock, inventory, counts: new SessionCounts(inventory, clock, () => nodes) };
};

describe('the counts of pinned sessions', () => {
  it('are what the store said, and what this node has placed since it was asked', async () => {
    const { inventory, counts } = world();
    counts.add(a);
    counts.keepFresh();
    counts.add(a);
    counts.add(a);
    expect(counts.of(a)).toBe(3);
    await inventory.answer(10);
    expect(counts.of(a)).toBe(12);
  });

  it('are asked for once, however many sessions are placed meanwhile, and again when they are two seconds old', async () => {
    const { clock, inventory, counts } = world();
    for (let session = 0; session < 100; session++) counts.keepFresh();
    expect(inventory.asked).toBe(1);
    await inventory.answer(1);
    await clock.advance(1_999);
    counts.keepFresh();
    expect(inventory.asked).toBe(1);
    await clock.advance(1);
    counts.keepFresh();
    expect(inventory.asked).toBe(2);
  });

  it('are asked for less often where the store takes long to count', async () => {
    const { clock, inventory, counts } = world();
    counts.keepFresh();
    await clock.advance(1_000);
    await inventory.answer(1);
    await clock.advance(18_999);
    counts.keepFresh();
    expect(inventory.asked).toBe(1);
    await clock.advance(1);
    counts.keepFresh();
    expect(inventory.asked).toBe(2);
  });

  it('are asked for by all nodes together as often as by one, where counting takes long', async () => {
    const { clock, inventory, counts } = world(20);
    counts.keepFresh();
    await clock.advance(100);
    await inventory.answer(1);
    await clock.advance(37_999);
    counts.keepFresh();
    expect(inventory.asked).toBe(1);
    await clock.advance(1);
    counts.keepFresh();
    expect(inventory.asked).toBe(2);
  });

  it('are a minute old at most, however long the store took and however many nodes there are', async () => {
    const { clock, inventory, counts } = world(100);
    counts.keepFresh();
    await clock.advance(5_000);
    await inventory.answer(1);
    await clock.advance(59_999);
    counts.keepFresh();
    expect(inventory.asked).toBe(1);
    await clock.advance(1);
    counts.keepFresh();
    expect(inventory.asked).toBe(2);
  });

  it('take other nodes to place as this one does, so that together they fill a gap once', async () => {
    const { inventory, counts } = world(3);
    counts.keepFresh();
    await inventory.answer(10);
    counts.add(a);
    counts.add(a);
    expect(counts.of(a)).toBe(16);
  });

  it('stay what they were while the store does not answer, and go on counting', async () => {
    const { clock, inventory, counts } = world();
    counts.keepFresh();
    await inventory.answer(5);
    await clock.advance(2_000);
    counts.add(a);
    counts.keepFresh();
    await inventory.fail();
    counts.add(a);
    expect(counts.of(a)).toBe(7);
    await clock.advance(2_000);
    counts.keepFresh();
    await inventory.answer(7);
    expect(counts.of(a)).toBe(7);
  });

  it('set no timer: who places nobody asks nothing', async () => {
    const { clock, inventory, counts } = world();
    counts.keepFresh();
    await inventory.answer(1);
    await clock.advance(3_600_000);
    expect([inventory.asked, clock.pendingTimers]).toEqual([1, 0]);
  });
});
