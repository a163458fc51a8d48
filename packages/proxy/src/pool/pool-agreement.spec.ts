import { endpointId } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { shop, shortId } from '../testing/endpoints.ts';
import { LogBook } from '../testing/log-book.ts';
import { testPool } from '../testing/test-pool.ts';
import type { Agreement, Endpoint, EndpointStanding } from './endpoint.ts';
import type { Pool } from './pool.ts';

const endpointOf = (pool: Pool, id: string): Endpoint => pool.find(endpointId(shop, id)) as Endpoint;

describe('an endpoint of a pool whose cluster agrees on endpoints', () => {
  it.each<[boolean, Agreement, EndpointStanding, boolean]>([
    [false, 'none', 'serving', true],
    [false, 'up', 'serving', true],
    [false, 'down', 'serving', false],
    [true, 'none', 'down', false],
    [true, 'up', 'suspect', false],
    [true, 'down', 'down', false],
  ])(
    'is held down here: %s, agreement "%s": it is %s, new sessions: %s',
    (isHeldDown, agreement, standing, takes) => {
      const pool = testPool();
      const endpoint = endpointOf(pool, 'a');
      pool.agreed(endpoint, agreement);
      if (isHeldDown) pool.reported(endpoint, 'connect-failed');
      expect(endpoint.standing).toBe(standing);
      expect(pool.candidates.includes(endpoint)).toBe(takes);
      expect(pool.usable.includes(endpoint)).toBe(!isHeldDown);
    },
  );

  it('takes new sessions where nobody else does, though most hold it down', () => {
    const pool = testPool();
    for (const endpoint of pool.endpoints) pool.agreed(endpoint, 'down');
    expect(pool.candidates.map(shortId)).toEqual(['a', 'b', 'c']);
  });

  it('is told of in the log when it becomes suspect, when most agree, and when it is back', () => {
    const log = new LogBook();
    const pool = testPool({ log });
    const endpoint = endpointOf(pool, 'a');
    pool.agreed(endpoint, 'up');
    pool.reported(endpoint, 'connect-failed');
    pool.agreed(endpoint, 'down');
    pool.agreed(endpoint, 'down');
    pool.reported(endpoint, 'recovered');
    pool.agreed(endpoint, 'up');
    expect(
      log.entries.map(({ level, message, fields: { from, to, cause } }) => [level, message, from, to, cause]),
    ).toEqual([
      ['warn', 'endpoint is suspect', 'serving', 'suspect', 'connect-failed'],
      ['warn', 'endpoint is down', 'suspect', 'down', 'agreement'],
      ['info', 'endpoint is back', 'down', 'serving', 'recovered'],
    ]);
  });

  it('is told of to watchers when this node finds something out, and not when the others agree', () => {
    const pool = testPool();
    const told: string[] = [];
    pool.watch({
      endpointsChanged() {},
      standingChanged: ({ standing }) => told.push(`found ${standing}`),
      standingLearnt: ({ standing }) => told.push(`learnt ${standing}`),
    });
    const endpoint = endpointOf(pool, 'a');
    pool.agreed(endpoint, 'up');
    pool.reported(endpoint, 'connect-failed');
    pool.agreed(endpoint, 'down');
    pool.learn(endpoint, { ...endpoint, outlier: { kind: 'on-trial' } });
    expect(told).toEqual(['found suspect', 'learnt serving']);
  });
});
