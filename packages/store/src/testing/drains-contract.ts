import type { EndpointId } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import type { Drain, Drains } from '../drains.ts';
import { type ArrangeWorld, endpointOf, keyOf, pinWith, START_MS, useNodes } from './store-world.ts';

const drainOf = (endpoint: EndpointId, more: Partial<Drain> = {}): Drain => ({
  endpoint,
  sinceMs: START_MS,
  ...more,
});

/** The guarantees of `Drains`. */
export function drainsContract(arrange: ArrangeWorld): void {
  const nodes = useNodes(arrange);
  const a = (): Drains => nodes().a.drains;
  const b = (): Drains => nodes().b.drains;
  const first = endpointOf(1);
  const drain = drainOf(first);
  const hurried = drainOf(first, { deadlineMs: START_MS + 60_000 });

  describe('drains', () => {
    it('are none at first', async () => {
      expect(await a().list()).toEqual([]);
    });

    it('are known to every node, in the order of their endpoints', async () => {
      const second = drainOf(endpointOf(2), { deadlineMs: START_MS + 1 });
      expect(await a().change(endpointOf(2), undefined, second)).toEqual({ kind: 'changed' });
      expect(await b().change(first, undefined, drain)).toEqual({ kind: 'changed' });
      expect(await a().list()).toEqual([drain, second]);
      expect(await b().list()).toEqual([drain, second]);
    });

    it('are ended for every node, also of those that open later', async () => {
      await a().change(first, undefined, drain);
      expect(await b().change(first, drain, undefined)).toEqual({ kind: 'changed' });
      expect(await a().list()).toEqual([]);
      expect(await (await nodes().open()).drains.list()).toEqual([]);
    });

    it('are changed only by who knows what is recorded', async () => {
      await a().change(first, undefined, drain);
      const other = drainOf(first, { sinceMs: START_MS + 5 });
      expect(await b().change(first, undefined, other)).toEqual({ kind: 'lost', drain });
      expect(await b().change(first, other, undefined)).toEqual({ kind: 'lost', drain });
      expect(await b().change(first, hurried, other)).toEqual({ kind: 'lost', drain });
      expect(await b().list()).toEqual([drain]);
      expect(await b().change(first, drain, hurried)).toEqual({ kind: 'changed' });
      expect(await a().change(first, drain, undefined)).toEqual({ kind: 'lost', drain: hurried });
    });

    it('are lost to who expects one where there is none', async () => {
      expect(await a().change(first, drain, hurried)).toEqual({ kind: 'lost', drain: undefined });
      expect(await a().list()).toEqual([]);
    });

    it('answer a change that is repeated as they did before', async () => {
      for (let turn = 0; turn < 2; turn++)
        expect(await a().change(first, undefined, drain)).toEqual({ kind: 'changed' });
      for (let turn = 0; turn < 2; turn++)
        expect(await a().change(first, drain, undefined)).toEqual({ kind: 'changed' });
    });

    it('let one of many that begin at one moment win', async () => {
      const drains = Array.from({ length: 8 }, (_, index) => drainOf(first, { sinceMs: START_MS + index }));
      const results = await Promise.all(
        drains.map((each, index) => (index % 2 === 0 ? a() : b()).change(first, undefined, each)),
      );
      expect(results.filter(({ kind }) => kind === 'changed')).toHaveLength(1);
      expect(await a().list()).toEqual([drains[results.findIndex(({ kind }) => kind === 'changed')]]);
    });

    it('are no sessions', async () => {
      await a().change(first, undefined, drain);
      await nodes().a.sessions.pin(keyOf(1), pinWith(), START_MS);
      expect(await nodes().a.inventory.countByEndpoint(START_MS)).toEqual(new Map([[first, 1]]));
      expect((await nodes().a.inventory.list({ limit: 10 }, START_MS)).sessions).toHaveLength(1);
    });
  });
}
