import { eventually } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { WireWorld } from '../testing/wire-world.ts';

const TIMEOUTS = { timeouts: { header: '10s', idle: '75s', stall: '30s' } };
const TICKS_MS = 300;

const opened: WireWorld[] = [];
const openWorld = async (settings: object = TIMEOUTS): Promise<WireWorld> => {
  const world = await WireWorld.open(settings);
  opened.push(world);
  return world;
};
afterEach(async () => {
  for (const world of opened.splice(0)) await world.close();
});

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';
const POST = 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n';

describe('a client that keeps the proxy waiting', () => {
  it('before its first byte is let go after the header timeout', async () => {
    const world = await openWorld();
    const client = await world.client();
    const other = await world.clientThatSends(GET);
    (await world.exchange(1)).answer('accepted');
    await other.received('accepted');
    await world.clock.advance(9_900);
    expect(client.hasEnded).toBe(false);
    await world.clock.advance(100 + TICKS_MS);
    expect(await client.ended()).toBe('');
  });

  it('in the middle of a head is answered with 408, however it drips', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(GET);
    (await world.exchange(1)).answer('one');
    await client.received('one');
    client.take();
    client.send('GET / HTTP/1.1\r\n');
    const drip = 'X-Slow: 1\r\n';
    const marker = await world.clientThatSends(GET);
    (await world.exchange(2)).answer('seen');
    await marker.received('seen');
    for (let second = 0; second < 9; second++) {
      client.send(drip);
      await world.clock.advance(1_000);
    }
    expect(client.text).toBe('');
    await world.clock.advance(1_000 + TICKS_MS);
    expect(await client.ended()).toMatch(/^HTTP\/1\.1 408 Request Timeout\r\n/);
  });

  it('between two requests is let go after the idle timeout', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(GET);
    (await world.exchange(1)).answer('done');
    await client.received('done');
    await world.clock.advance(74_900);
    expect(client.hasEnded).toBe(false);
    await world.clock.advance(100 + TICKS_MS);
    await client.ended();
  });

  it('in the middle of a body is answered with 408', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(`${POST}half`);
    const taken = await world.exchange(1);
    taken.exchange.resumeRequest();
    await eventually('the piece', () => taken.body === 'half');
    await world.clock.advance(29_900);
    expect(taken.isClientGone).toBe(false);
    await world.clock.advance(100 + TICKS_MS);
    expect(await client.ended()).toMatch(/^HTTP\/1\.1 408 /);
    expect(taken.broken).toEqual({ code: 'DOWNSTREAM_TIMEOUT', status: 408 });
    expect(taken.isReceived).toBe(false);
  });

  it('in the middle of a body may take as long as it likes in all, if each piece comes in time', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(POST);
    const taken = await world.exchange(1);
    taken.exchange.resumeRequest();
    for (const letter of '0123456789') {
      await world.clock.advance(25_000);
      client.send(letter);
      await eventually('the piece', () => taken.body.endsWith(letter));
    }
    expect(taken.isReceived).toBe(true);
  });

  it('by not taking the response is let go after two stall timeouts at most', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(GET);
    const taken = await world.exchange(1);
    client.pause();
    taken.exchange.respond({ status: 200, reason: 'OK', lines: '', contentLength: -1 });
    // More than the buffers of the system hold.
    taken.exchange.write(Buffer.alloc(32 * 1024 * 1024));
    expect(taken.exchange.flush()).toBe(false);
    await world.clock.advance(29_900);
    expect(taken.isClientGone).toBe(false);
    await world.clock.advance(30_100 + 2 * TICKS_MS);
    await eventually('the news', () => taken.isClientGone);
  });
});

describe('a client that is kept waiting', () => {
  it('by the endpoint is not let go, whatever the limits for clients', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(GET);
    const taken = await world.exchange(1);
    await world.clock.advance(600_000);
    taken.answer('at last');
    await client.received('at last');
  });

  it('with its body is not let go', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(`${POST}half`);
    const taken = await world.exchange(1);
    taken.exchange.resumeRequest();
    await eventually('the piece', () => taken.body === 'half');
    taken.exchange.pauseRequest();
    await world.clock.advance(600_000);
    taken.exchange.resumeRequest();
    client.send(' and.');
    client.send('x');
    await eventually('the end', () => taken.isReceived);
    expect(taken.body).toBe('half and.x');
  });
});
