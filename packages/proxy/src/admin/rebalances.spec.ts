import { settle } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { rebalanceView } from './rebalance-view.ts';
import { AdminWorld } from './testing/admin-world.ts';

const REBALANCE = 'POST /pools/shop/rebalance';
const PROGRESS = 'GET /pools/shop/rebalance';
const STOP = 'DELETE /pools/shop/rebalance';
const IDLE_TIMEOUT_MS = 1_200_000;

let world: AdminWorld;
beforeEach(async () => {
  world = new AdminWorld();
  const expiresAtMs = world.clock.now() + IDLE_TIMEOUT_MS / 4;
  for (let number = 1; number <= 30; number++) await world.pin(number, 'a', { expiresAtMs });
});

describe('a rebalance of the admin API', () => {
  it('tells its plan, runs, and tells how it ended', async () => {
    expect((await world.ask(PROGRESS)).body).toEqual({ pool: 'shop', state: 'none', moved: 0, plan: [] });
    const begun = await world.ask(REBALANCE, { tolerance: '0%' });
    expect(begun.status).toBe(200);
    expect(rebalanceView.parse(begun.body)).toMatchObject({
      ...{ state: 'running', trigger: 'operator', rate: '50/s', idleFor: '30s', tolerance: '0%' },
      plan: ['shop/b', 'shop/c'].map((to) => ({ from: 'shop/a', to, sessions: 10 })),
    });
    await settle();
    await world.clock.advance(1_000);
    const { body } = await world.ask(PROGRESS);
    expect(rebalanceView.parse(body)).toMatchObject({ state: 'balanced', moved: 20, plan: [] });
    expect((await world.ask('GET /status')).body.pinned).toEqual({
      ...{ 'shop/a': 10, 'shop/b': 10, 'shop/c': 10 },
    });
  });

  it('is only told of by a dry run', async () => {
    const { body } = await world.ask(REBALANCE, { dryRun: true });
    expect(body).toMatchObject({ state: 'planned', moved: 0 });
    await world.clock.advance(5_000);
    expect((await world.ask(PROGRESS)).body.state).toBe('none');
    expect((await world.ask('GET /status')).body.pinned).toEqual({ 'shop/a': 30 });
  });

  it('is stopped, and one is enough at a time', async () => {
    await world.ask(REBALANCE, { rate: '1/s' });
    const second = await world.ask(REBALANCE);
    expect([second.status, second.body.error.code]).toEqual([412, 'DOWNSTREAM_PRECONDITION_FAILED']);
    await world.clock.advance(5_000);
    const stopped = await world.ask(STOP);
    expect(stopped.body).toMatchObject({ state: 'stopped' });
    expect(stopped.body.moved).toBeLessThan(10);
    expect((await world.ask(STOP)).body).toEqual(stopped.body);
    expect((await world.ask(REBALANCE)).status).toBe(200);
  });

  it.each([
    { rate: '0/s' },
    { rate: '1001/s' },
    { rate: 50 },
    { idleFor: '2h' },
    { idleFor: '11m' },
    { tolerance: '101%' },
    { dryRun: 'yes' },
  ])('is refused, and nothing moves, by the body %j', async (body) => {
    expect((await world.ask(REBALANCE, body)).status).toBe(400);
    await world.clock.advance(5_000);
    expect((await world.ask('GET /status')).body.pinned).toEqual({ 'shop/a': 30 });
  });

  it('is refused to web pages, for pools that there are not, and where no sessions are kept', async () => {
    expect((await world.ask(REBALANCE, undefined, { origin: 'http://evil.test' })).status).toBe(403);
    for (const line of [REBALANCE, PROGRESS, STOP])
      expect((await world.ask(line.replace('/shop/', '/other/'))).status).toBe(404);
    const bare = new AdminWorld({ type: 'none' });
    expect((await bare.ask(REBALANCE)).status).toBe(400);
  });

  it('says so where the store does not answer', async () => {
    await world.store.close();
    const { status, body } = await world.ask(REBALANCE);
    expect([status, body.error.code]).toEqual([503, 'STORE_CLOSED']);
  });
});
