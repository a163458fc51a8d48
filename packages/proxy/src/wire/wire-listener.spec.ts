import { Ticker } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import { eventually } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { TestSocket } from '../testing/test-socket.ts';
import { listenerConfig, WireWorld } from '../testing/wire-world.ts';
import { WireListener } from './wire-listener.ts';

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';

const opened: WireWorld[] = [];
const openWorld = async (settings?: object): Promise<WireWorld> => {
  const world = await WireWorld.open(settings);
  opened.push(world);
  return world;
};
afterEach(async () => {
  for (const world of opened.splice(0)) await world.close();
});

/** Moves time on until the promise is settled. */
async function whileTimePasses(world: WireWorld, work: Promise<void>): Promise<number> {
  const startedAtMs = world.clock.elapsed();
  let isOver = false;
  void work.then(() => {
    isOver = true;
  });
  await eventually('the work ends', async () => {
    await world.clock.advance(50);
    return isOver;
  });
  return world.clock.elapsed() - startedAtMs;
}

describe('a listener', () => {
  it('tells the port that the system chose', async () => {
    const clock = new ManualClock();
    const handle = (): void => {};
    const refused = (): string => 'refused-1';
    const config = listenerConfig();
    const listener = new WireListener({ config, handle, refused, ticker: new Ticker(clock, 100), clock });
    const { host, port } = await listener.open();
    expect(host).toBe('127.0.0.1');
    expect(port).toBeGreaterThan(0);
    const taken = new WireListener({
      config: { ...config, listen: { host, port } },
      handle,
      refused,
      ticker: new Ticker(clock, 100),
      clock,
    });
    await expect(taken.open()).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await listener.close(0);
    await expect(TestSocket.connect(port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('keeps no timer once it is closed', async () => {
    const world = await openWorld();
    await world.listener.close(0);
    expect(world.clock.pendingTimers).toBe(0);
  });

  it('turns away connections beyond its limit', async () => {
    const world = await openWorld({ limits: { connections: 1 } });
    const first = await world.clientThatSends(GET);
    await world.exchange(1);
    const second = await world.client();
    await second.ended();
    world.taken[0]?.answer('one');
    await first.received('one');
  });
});

describe('a listener that closes', () => {
  it('waits for what is in flight, and not for connections without a request', async () => {
    const world = await openWorld();
    const idle = await world.clientThatSends(GET);
    (await world.exchange(1)).answer('idle now');
    await idle.received('idle now');
    const busy = await world.clientThatSends(GET);
    const taken = await world.exchange(2);
    const closed = world.listener.close(30_000);
    await eventually('the idle connection ends', async () => {
      await world.clock.advance(50);
      return idle.hasEnded;
    });
    expect(world.clock.elapsed()).toBeLessThan(2_000);
    expect(busy.hasEnded).toBe(false);
    taken.answer('finished');
    expect(await busy.ended()).toContain('Connection: close\r\n\r\nfinished');
    busy.end();
    expect(await whileTimePasses(world, closed)).toBeLessThan(30_000);
  });

  it('still answers a request that was on its way when it closed', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(GET);
    (await world.exchange(1)).answer('one');
    await client.received('one');
    const closed = world.listener.close(30_000);
    client.send(GET);
    (await world.exchange(2)).answer('two');
    expect(await client.received('two')).toContain('Connection: close');
    client.end();
    await whileTimePasses(world, closed);
  });

  it('ends what is in flight at the deadline', async () => {
    const world = await openWorld();
    await world.clientThatSends(GET);
    const taken = await world.exchange(1);
    const closed = world.listener.close(5_000);
    const tookMs = await whileTimePasses(world, closed);
    expect(tookMs).toBeGreaterThanOrEqual(5_000);
    await eventually('the news', () => taken.isClientGone);
  });

  it('ends everything at once where it is told to abort', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(GET);
    const taken = await world.exchange(1);
    world.listener.abort();
    await client.ended();
    await eventually('the news', () => taken.isClientGone);
  });
});
