import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../pool/endpoint.ts';
import { shortId, testEndpoint } from '../testing/endpoints.ts';
import { selectOf } from '../testing/selecting.ts';
import { LeastConnections } from './least-connections.ts';
import { STRANGER } from './selector.ts';

const loaded = (id: string, inFlight: number, weight = 1): Endpoint =>
  Object.assign(testEndpoint(id, weight), { inFlight });

const leastConnections = (...candidates: Endpoint[]): LeastConnections => {
  const selector = new LeastConnections();
  selector.use(candidates);
  return selector;
};

describe('least connections', () => {
  it('names the candidate with the fewest requests in flight', () => {
    expect(shortId(selectOf(leastConnections(loaded('a', 3), loaded('b', 1), loaded('c', 2))))).toBe('b');
  });

  it('counts requests in proportion to weight', () => {
    expect(shortId(selectOf(leastConnections(loaded('a', 5, 10), loaded('b', 1, 1))))).toBe('a');
  });

  it('names equals in turn, so that an idle pool is used evenly', () => {
    const selector = leastConnections(loaded('a', 0), loaded('b', 0), loaded('c', 0));
    const turns = Array.from({ length: 6 }, () => shortId(selectOf(selector)));
    expect(turns).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
  });

  it('fills endpoints in proportion to their weights', () => {
    const a = loaded('a', 0, 3);
    const b = loaded('b', 0, 1);
    const selector = leastConnections(a, b);
    for (let request = 0; request < 400; request++) (selectOf(selector) as Endpoint).inFlight++;
    expect([a.inFlight, b.inFlight]).toEqual([300, 100]);
  });

  it('passes over the excluded one, however idle it is', () => {
    const idle = loaded('a', 0);
    expect(shortId(selectOf(leastConnections(idle, loaded('b', 9)), STRANGER, idle))).toBe('b');
    expect(selectOf(leastConnections(idle), STRANGER, idle)).toBeUndefined();
  });

  it('names nobody when there is nobody, and goes on with whoever comes', () => {
    const selector = leastConnections(loaded('a', 0), loaded('b', 0), loaded('c', 0));
    selectOf(selector);
    selectOf(selector);
    selector.use([]);
    expect(selectOf(selector)).toBeUndefined();
    selector.use([loaded('d', 0)]);
    expect(shortId(selectOf(selector))).toBe('d');
  });

  it('never names a candidate while another has less to do for its weight', () => {
    const loads = fc.array(
      fc.record({ inFlight: fc.nat({ max: 50 }), weight: fc.integer({ min: 0, max: 9 }) }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(loads, fc.nat({ max: 9 }), (candidates, turnsBefore) => {
        const endpoints = candidates.map(({ inFlight, weight }, index) =>
          loaded(`e${index}`, inFlight, weight),
        );
        const selector = leastConnections(...endpoints);
        for (let turn = 0; turn < turnsBefore; turn++) selectOf(selector);
        const loadOf = ({ inFlight, weight }: Endpoint) => (inFlight + 1) / Math.max(1, weight);
        expect(loadOf(selectOf(selector) as Endpoint)).toBe(Math.min(...endpoints.map(loadOf)));
      }),
    );
  });
});
