import { silentLogger } from '@holdfast/shared';
import { seededRandom } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { testEndpoint } from '../testing/endpoints.ts';
import { type RebalancePolicy, Rebalances } from './rebalances.ts';
import { SessionMover } from './session-mover.ts';
import { LIFETIME, MovingWorld, SETTINGS } from './testing/moving-world.ts';

let world: MovingWorld;
let rebalances: Rebalances;
let policy: RebalancePolicy | undefined;
let duty: { isOnDuty: boolean; agreesOnConfig: boolean };
let heard: string[];
beforeEach(async () => {
  world = new MovingWorld('a', 'b');
  await world.begin('a', 30, 60_000);
  await world.begin('b', 30, 60_000);
  policy = { lifetime: LIFETIME, isAutomatic: true, settings: SETTINGS };
  duty = { isOnDuty: true, agreesOnConfig: true };
  const { sessions, inventory } = world.store;
  const { clock } = world;
  rebalances = new Rebalances({
    ...{ inventory, clock, random: seededRandom(1), log: silentLogger },
    mover: new SessionMover({ sessions, clock }),
    policyOf: () => policy,
    isOnDuty: () => duty.isOnDuty,
    agreesOnConfig: () => duty.agreesOnConfig,
  });
  rebalances.follow(world.pool);
  heard = [];
  rebalances.listen((pool, { state, trigger }) => heard.push(`${pool} ${state} ${trigger}`));
});

const join = (): unknown => world.pool.setEndpoints([...world.pool.endpoints, testEndpoint('c')]);
const stateNow = (): string | undefined => rebalances.of(world.pool.name)?.state;

describe('a pool that is rebalanced by itself', () => {
  it('is, a moment after an endpoint has joined, and tells when it begins and ends', async () => {
    join();
    await world.clock.advance(4_900);
    expect(stateNow()).toBeUndefined();
    await world.clock.advance(3_000);
    expect(stateNow()).toBe('balanced');
    expect((await world.counts()).c).toBe(18);
    expect(heard).toEqual(['shop running joined', 'shop balanced joined']);
  });

  interface Change {
    readonly policy?: RebalancePolicy | undefined;
    readonly isOnDuty?: boolean;
    readonly isForgotten?: boolean;
  }
  const changes: readonly (readonly [string, Change])[] = [
    ['it is not to be', { policy: { lifetime: LIFETIME, isAutomatic: false, settings: SETTINGS } }],
    ['it keeps no sessions', { policy: undefined }],
    ['another node does it', { isOnDuty: false }],
    ['the pool is no more', { isForgotten: true }],
  ];
  it.each(changes)('is not where %s', async (_, change) => {
    join();
    if ('policy' in change) policy = change.policy;
    duty.isOnDuty = change.isOnDuty ?? true;
    if (change.isForgotten === true) rebalances.forget(world.pool);
    await world.clock.advance(10_000);
    expect(stateNow()).toBeUndefined();
    expect(await world.counts()).toEqual({ a: 30, b: 30 });
  });

  it('is, where it has become so by the reload that brought the endpoint', async () => {
    policy = { lifetime: LIFETIME, isAutomatic: false, settings: SETTINGS };
    join();
    policy = { ...policy, isAutomatic: true };
    await world.clock.advance(8_000);
    expect(stateNow()).toBe('balanced');
  });

  it('is not when an endpoint leaves, comes back up, or changes', async () => {
    const [a, b] = world.pool.endpoints;
    if (a === undefined || b === undefined) return;
    world.pool.setEndpoints([a, { ...b, weight: 5 }]);
    world.pool.reported(b, 'connect-failed');
    world.pool.reported(b, 'recovered');
    world.pool.setEndpoints([a]);
    await world.clock.advance(30_000);
    expect(stateNow()).toBeUndefined();
  });

  it('waits until every node knows of the endpoint', async () => {
    duty.agreesOnConfig = false;
    join();
    await world.clock.advance(60_000);
    expect(stateNow()).toBeUndefined();
    await world.begin('a', 30, 60_000);
    duty.agreesOnConfig = true;
    await world.clock.advance(10_000);
    expect(stateNow()).toBe('balanced');
  });
});

describe('the rebalances of a node', () => {
  it('are one of a pool at a time', async () => {
    if (policy === undefined) return;
    join();
    const slow = { ...SETTINGS, rate: 1 };
    expect(rebalances.begin(world.pool, policy, slow, 'operator')).toBeDefined();
    expect(rebalances.begin(world.pool, policy, slow, 'operator')).toBeUndefined();
    await world.clock.advance(10_000);
    expect(heard).toEqual(['shop running operator']);
    rebalances.of(world.pool.name)?.end('stopped');
    expect(rebalances.begin(world.pool, policy, SETTINGS, 'operator')).toBeDefined();
    await world.clock.advance(2_000);
    expect(stateNow()).toBe('balanced');
  });

  it('end with their pool', async () => {
    if (policy === undefined) return;
    join();
    const rebalance = rebalances.begin(world.pool, policy, { ...SETTINGS, rate: 1 }, 'operator');
    rebalances.forget(world.pool);
    expect(rebalance?.state).toBe('stopped');
    expect(rebalances.of(world.pool.name)).toBeUndefined();
  });
});
