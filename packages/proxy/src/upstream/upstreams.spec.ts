import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../pool/endpoint.ts';
import { shortId, testEndpoint } from '../testing/endpoints.ts';
import { testPool } from '../testing/test-pool.ts';
import { TestUpstream } from '../testing/test-upstream.ts';
import { Upstreams } from './upstreams.ts';

/** The upstreams of a pool of `a`, `b` and `c`, and those that were made, by their endpoint. */
function setUp() {
  const pool = testPool();
  const made: [string | undefined, TestUpstream][] = [];
  const open = (endpoint: Endpoint): TestUpstream => {
    const upstream = new TestUpstream();
    made.push([shortId(endpoint), upstream]);
    return upstream;
  };
  const upstreams = new Upstreams(pool, open);
  const [a, b] = pool.endpoints as readonly [Endpoint, Endpoint];
  return { pool, made, open, upstreams, a, b };
}

describe('the connections of a pool', () => {
  it('are made when the first request comes, once for each endpoint', () => {
    const { made, upstreams, a } = setUp();
    expect(made).toEqual([]);
    expect(upstreams.of(a)).toBe(upstreams.of(a));
    expect(made.map(([id]) => id)).toEqual(['a']);
  });

  it('are retired with their endpoint, and the others are not', () => {
    const { pool, made, upstreams, a, b } = setUp();
    upstreams.of(a);
    upstreams.of(b);
    pool.setEndpoints([testEndpoint('b')]);
    expect(made.map(([id, { isRetired }]) => [id, isRetired])).toEqual([
      ['a', true],
      ['b', false],
    ]);
  });

  it('serve a request that comes late to an endpoint that has left, and are not kept for another', () => {
    const { pool, made, upstreams, a } = setUp();
    pool.setEndpoints([testEndpoint('b')]);
    const late = upstreams.of(a);
    expect(made).toEqual([['a', late]]);
    expect(made[0]?.[1].isRetired).toBe(true);
    expect(upstreams.of(a)).not.toBe(late);
  });

  it('are made anew where they must be made in another way', () => {
    const { made, open, upstreams, a } = setUp();
    const before = upstreams.of(a);
    upstreams.replace(open);
    expect(upstreams.of(a)).not.toBe(before);
    expect(made.map(([, { isRetired }]) => isRetired)).toEqual([true, false]);
  });

  it('are all retired with the pool, those too that are made for a late request', () => {
    const { made, upstreams, a, b } = setUp();
    upstreams.of(a);
    upstreams.retire();
    upstreams.of(b);
    expect(made.map(([, { isRetired }]) => isRetired)).toEqual([true, true]);
  });
});
