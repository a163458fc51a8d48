import { type SessionKey, sessionKey } from '@holdfast/shared';
import { seededRandom } from '@holdfast/shared/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../pool/endpoint.ts';
import { shortId, testEndpoint } from '../testing/endpoints.ts';
import { selectOf } from '../testing/selecting.ts';
import { BoundedRendezvous } from './bounded-rendezvous.ts';
import { rendezvous } from './rendezvous.ts';
import type { Newcomer } from './selector.ts';

const random = seededRandom(11);
const keys: readonly SessionKey[] = Array.from({ length: 2_000 }, () =>
  sessionKey(random.bytes(16).toString('base64url')),
);
const session = (key: SessionKey): Newcomer => ({ sessionKey: key, clientAddress: '192.0.2.1' });

const bounded = (loadFactor: number, candidates: readonly Endpoint[]): BoundedRendezvous => {
  const selector = new BoundedRendezvous(loadFactor);
  selector.use(candidates);
  return selector;
};

describe('the rendezvous policy', () => {
  it('places a new session where degraded mode and a re-pin would look for it', () => {
    const endpoints = [1, 2, 3].map((weight) => testEndpoint(`e${weight}`, weight));
    const selector = bounded(Number.POSITIVE_INFINITY, endpoints);
    for (const key of keys) expect(selectOf(selector, session(key))).toBe(rendezvous(key, endpoints));
  });

  it('goes by the client address where there is no session', () => {
    const endpoints = ['a', 'b', 'c'].map((id) => testEndpoint(id));
    const newcomer = { sessionKey: undefined, clientAddress: '192.0.2.1' };
    const selector = bounded(Number.POSITIVE_INFINITY, endpoints);
    expect(selectOf(selector, newcomer)).toBe(rendezvous('192.0.2.1', endpoints));
  });

  it('never lets an endpoint have more than its bound of the requests under way', () => {
    const weights = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 8 });
    const loadFactors = fc.constantFrom(1.01, 1.25, 2);
    const ends = fc.array(fc.nat({ max: 7 }), { maxLength: 40 });
    fc.assert(
      fc.property(
        weights,
        loadFactors,
        ends,
        fc.integer({ min: 1, max: 300 }),
        (shares, factor, over, count) => {
          const endpoints = shares.map((weight, index) => testEndpoint(`e${index}`, weight));
          const total = shares.reduce((sum, share) => sum + share, 0);
          const selector = bounded(factor, endpoints);
          let inFlight = 0;
          for (const [index, key] of keys.slice(0, count).entries()) {
            const chosen = selectOf(selector, session(key)) as Endpoint;
            chosen.inFlight++;
            inFlight++;
            expect(chosen.inFlight).toBeLessThanOrEqual(
              Math.ceil((factor * inFlight * chosen.share) / total),
            );
            const ended = endpoints[over[index] ?? -1];
            if (ended !== undefined && ended.inFlight > 0) {
              ended.inFlight--;
              inFlight--;
            }
          }
        },
      ),
    );
  });

  it('comes back to the first choice of a key as soon as the load allows it', () => {
    const endpoints = ['a', 'b', 'c'].map((id) => testEndpoint(id));
    const key = keys.find((candidate) => shortId(rendezvous(candidate, endpoints)) === 'a') as SessionKey;
    const selector = bounded(1.25, endpoints);
    const [a] = endpoints as [Endpoint];
    a.inFlight = 10;
    expect(shortId(selectOf(selector, session(key)))).not.toBe('a');
    a.inFlight = 0;
    expect(selectOf(selector, session(key))).toBe(a);
  });

  it('gives the bound up, and not the request, where all that are below it are not admitted', () => {
    const [busy, full] = [Object.assign(testEndpoint('busy'), { inFlight: 9 }), testEndpoint('full')];
    expect(selectOf(bounded(1.25, [busy, full]), session(keys[0] as SessionKey), full)).toBe(busy);
    expect(selectOf(bounded(1.25, []), session(keys[0] as SessionKey))).toBeUndefined();
  });
});
