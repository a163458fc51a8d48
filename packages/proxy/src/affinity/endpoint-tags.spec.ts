import { endpointId, incarnatedId } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { shop, testEndpoint } from '../testing/endpoints.ts';
import { testPool } from '../testing/test-pool.ts';
import { endpointTagOf } from './cookie-seal.ts';
import { EndpointTags } from './endpoint-tags.ts';

const [a, d] = [endpointId(shop, 'a'), endpointId(shop, 'd')];

describe('the tags of endpoints', () => {
  it('lead from an endpoint of the pool to what stands in cookies, and back', () => {
    const tags = new EndpointTags(testPool());
    expect(tags.of(a)).toBe(endpointTagOf(a));
    expect(tags.find(endpointTagOf(a))).toBe(a);
  });

  it('are the same whichever process serves there: what a cookie says is good before and after a node has asked', () => {
    const pool = testPool();
    const tags = new EndpointTags(pool);
    const endpoint = pool.find(a)!;
    for (const incarnation of ['first', 'second']) {
      pool.identified(endpoint, incarnation);
      expect(tags.of(endpoint.pinId)).toBe(endpointTagOf(a));
      expect(tags.find(endpointTagOf(a))).toBe(a);
    }
    expect(tags.of(incarnatedId(a, 'unheard-of'))).toBe(endpointTagOf(a));
  });

  it('follow the pool: an endpoint that has come can be vouched for, one that has left cannot', () => {
    const pool = testPool();
    const tags = new EndpointTags(pool);
    pool.setEndpoints([testEndpoint('d')]);
    expect([tags.of(d), tags.find(endpointTagOf(d))]).toEqual([endpointTagOf(d), d]);
    expect([tags.of(a), tags.find(endpointTagOf(a))]).toEqual([undefined, undefined]);
  });
});
