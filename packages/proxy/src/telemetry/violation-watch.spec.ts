import { ManualClock } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Pool } from '../pool/pool.ts';
import { testEndpoint } from '../testing/endpoints.ts';
import { testPool } from '../testing/test-pool.ts';
import type { ViolationReason } from './violation.ts';
import { MIND_MADE_UP_MS, ViolationWatch } from './violation-watch.ts';

let clock: ManualClock;
let pool: Pool;
let counted: Partial<Record<ViolationReason, number>>;
let watch: ViolationWatch;

beforeEach(() => {
  clock = new ManualClock();
  counted = {};
  pool = testPool({ clock, endpoints: [testEndpoint('a'), testEndpoint('b')] });
  watch = new ViolationWatch(clock, (name, reason, count) => {
    expect(name).toBe('shop');
    counted[reason] = (counted[reason] ?? 0) + count;
  });
  watch.follow(pool);
});

const endpoint = (id = 'a') => pool.endpoints.find((one) => one.id === `shop/${id}`)!;
const suspect = (reason: ViolationReason = 'endpoint-suspect', id = 'a') =>
  watch.suspected('shop', { reason, endpoint: endpoint(id).id });

/** This node holds the endpoint down, and most of the others do not. */
function holdDownAlone(): void {
  pool.agreed(endpoint(), 'up');
  pool.reported(endpoint(), 'connect-failed');
  expect(endpoint().standing).toBe('suspect');
}

describe('requests that leave an endpoint', () => {
  it('have failed over, where the others find it down as well', async () => {
    holdDownAlone();
    suspect();
    suspect();
    pool.agreed(endpoint(), 'down');
    await clock.advance(2 * MIND_MADE_UP_MS);
    expect(counted).toEqual({});
  });

  it('have failed over, where the endpoint is found down after its first failures', async () => {
    suspect('request-failed');
    suspect('request-failed');
    pool.reported(endpoint(), 'connect-failed');
    expect(endpoint().standing).toBe('down');
    suspect('request-failed');
    await clock.advance(2 * MIND_MADE_UP_MS);
    expect(counted).toEqual({});
  });

  it('are violations as soon as it serves again', () => {
    holdDownAlone();
    suspect();
    suspect('request-failed');
    expect(counted).toEqual({});
    pool.reported(endpoint(), 'recovered');
    expect(endpoint().standing).toBe('serving');
    expect(counted).toEqual({ 'endpoint-suspect': 1, 'request-failed': 1 });
  });

  it('are violations where nothing has come of it after ten seconds, and so are those that come later', async () => {
    holdDownAlone();
    suspect();
    await clock.advance(MIND_MADE_UP_MS - 1);
    expect(counted).toEqual({});
    await clock.advance(1);
    expect(counted).toEqual({ 'endpoint-suspect': 1 });
    suspect();
    await clock.advance(MIND_MADE_UP_MS);
    expect(counted).toEqual({ 'endpoint-suspect': 2 });
  });

  it('are violations where an endpoint fails one of them and goes on to serve', async () => {
    suspect('request-failed');
    await clock.advance(MIND_MADE_UP_MS);
    expect(counted).toEqual({ 'request-failed': 1 });
  });

  it('are held for each endpoint by itself', async () => {
    suspect('request-failed', 'a');
    suspect('request-failed', 'b');
    pool.reported(endpoint('b'), 'connect-failed');
    await clock.advance(MIND_MADE_UP_MS);
    expect(counted).toEqual({ 'request-failed': 1 });
  });

  it('are violations at once where this node does not know the endpoint', () => {
    watch.suspected('shop', { reason: 'endpoint-removed', endpoint: testEndpoint('gone').id });
    watch.suspected('shop', { reason: 'endpoint-suspect', endpoint: undefined });
    expect(counted).toEqual({ 'endpoint-removed': 1, 'endpoint-suspect': 1 });
  });
});
