import { eventually } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { upstreamHead } from '../testing/upstream-log.ts';
import { UpstreamWorld } from '../testing/upstream-world.ts';

const opened: UpstreamWorld[] = [];
const openWorld = async (...options: Parameters<typeof UpstreamWorld.open>): Promise<UpstreamWorld> => {
  const world = await UpstreamWorld.open(...options);
  opened.push(world);
  return world;
};
afterEach(async () => {
  for (const world of opened.splice(0)) await world.close();
});

const NO_CONTENT = 'HTTP/1.1 204 No Content\r\n\r\n';
const TICKS_MS = 300;
const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';
const replayable = upstreamHead(GET, { isReplayable: true });
const upload = upstreamHead('POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n', { body: 'length' });

describe('an endpoint that cannot be reached', () => {
  it('has had nothing sent to it', async () => {
    const world = await openWorld();
    await world.endpoint.close();
    const { log } = world.send();
    await log.over();
    expect(log.error?.code).toBe('UPSTREAM_CONNECT_FAILED');
    expect(log.progress).toBe('nothing-sent');
  });

  it('because its name is unknown has had nothing sent to it', async () => {
    const world = await openWorld({ origin: 'http://no-such-name.invalid' });
    const { log } = world.send();
    await log.over();
    expect(log.error?.code).toBe('UPSTREAM_CONNECT_FAILED');
    expect(log.progress).toBe('nothing-sent');
  });
});

describe('an endpoint that takes too long to connect', () => {
  it('has had nothing sent to it', async () => {
    const world = await openWorld();
    // A peer that never answers the handshake holds the connection in its making for as long as the test likes.
    const silent = await openWorld({ origin: world.endpoint.origin.replace('http:', 'https:') });
    const { log } = silent.send();
    await (await world.endpoint.connection(1)).received('\x16');
    await silent.clock.advance(900);
    expect(log.isOver).toBe(false);
    await silent.clock.advance(100 + TICKS_MS);
    await log.over();
    expect(log.error?.code).toBe('UPSTREAM_CONNECT_TIMEOUT');
    expect(log.progress).toBe('nothing-sent');
  });
});

describe('an endpoint that breaks off', () => {
  it.each(['end', 'reset'] as const)('before its answer (%s) may have seen the request', async (leave) => {
    const world = await openWorld();
    const { socket, log } = await world.arrive();
    socket[leave]();
    await log.over();
    expect(log.error?.code).toBe('UPSTREAM_RESET');
    expect(log.progress).toBe('sent');
  });

  it.each([
    ['a head', 'HTTP/1.1 200 OK\r\nContent-', 'sent'],
    ['a body of known length', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf', 'responding'],
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n', 'responding'],
  ])('in the middle of %s is never taken for complete', async (_, text, progress) => {
    for (const leave of ['end', 'reset'] as const) {
      const world = await openWorld();
      const { socket, log } = await world.arrive();
      socket.send(text);
      if (progress === 'responding') await eventually('the piece', () => log.body === 'half');
      socket[leave]();
      await log.over();
      expect(log.error?.code).toBe('UPSTREAM_RESET');
      expect(log.progress).toBe(progress);
    }
  });

  it('a body without length by a reset is not taken for complete either', async () => {
    const world = await openWorld();
    const { socket, log } = await world.arrive();
    socket.send('HTTP/1.1 200 OK\r\n\r\nhalf');
    await eventually('the piece', () => log.body === 'half');
    socket.reset();
    await log.over();
    expect(log.error?.code).toBe('UPSTREAM_RESET');
  });
});

/** What a test does next, the event loop finds out about before it sends anything. */
const afterPolling = () => new Promise((resolve) => setImmediate(resolve));

describe('a kept connection that the endpoint closes as a request comes', () => {
  /** A world in which one connection has served a request and is kept. */
  async function keptConnection() {
    const world = await openWorld();
    const first = await world.arrive();
    first.socket.send(NO_CONTENT);
    await first.log.over();
    first.socket.take();
    return { world, socket: first.socket };
  }

  it('is replaced by a new one for a request that may be sent again: nobody hears of it', async () => {
    const { world, socket } = await keptConnection();
    const { log } = world.send(replayable);
    await socket.received('\r\n\r\n');
    socket.reset();
    const next = await world.endpoint.connection(2);
    await next.received('\r\n\r\n');
    next.send(NO_CONTENT);
    expect(await log.over()).toMatchObject({ status: 204, error: undefined });
  });

  it('fails a request that may not be sent again', async () => {
    const { world, socket } = await keptConnection();
    const { log } = world.send();
    await socket.received('\r\n\r\n');
    socket.reset();
    await log.over();
    expect(log.error?.code).toBe('UPSTREAM_RESET');
    expect(log.progress).toBe('sent');
  });

  it('is replaced once: the new connection is not stale', async () => {
    const { world, socket } = await keptConnection();
    const { log } = world.send(replayable);
    await socket.received('\r\n\r\n');
    socket.reset();
    const next = await world.endpoint.connection(2);
    await next.received('\r\n\r\n');
    next.reset();
    await log.over();
    expect(log.error?.code).toBe('UPSTREAM_RESET');
    expect(world.endpoint.connections).toHaveLength(2);
  });

  it('is not replaced once a response has begun', async () => {
    const { world, socket } = await keptConnection();
    const { log } = world.send(replayable);
    await socket.received('\r\n\r\n');
    socket.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf');
    await eventually('the piece', () => log.body === 'half');
    socket.reset();
    await log.over();
    expect(log.progress).toBe('responding');
  });

  it('is replaced for any request of which nothing has been sent', async () => {
    const { world, socket } = await keptConnection();
    await afterPolling();
    socket.reset();
    const { log } = world.send();
    const next = await world.endpoint.connection(2);
    await next.received('\r\n\r\n');
    next.send(NO_CONTENT);
    expect(await log.over()).toMatchObject({ status: 204, error: undefined });
    expect(socket.text).toBe('');
  });

  it('is replaced if what came before the request was sent pretends to be its response', async () => {
    const { world, socket } = await keptConnection();
    await afterPolling();
    socket.send('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison');
    const { log } = world.send();
    const next = await world.endpoint.connection(2);
    await next.received('\r\n\r\n');
    next.send(NO_CONTENT);
    expect(await log.over()).toMatchObject({ status: 204, body: '', error: undefined });
  });

  it('between two requests is no failure of any', async () => {
    const { world, socket } = await keptConnection();
    socket.end();
    await socket.ended();
    const { log, socket: next } = await world.arrive(2);
    next.send(NO_CONTENT);
    expect((await log.over()).status).toBe(204);
  });
});

describe('an endpoint that takes too long', () => {
  it('to answer has failed, by the response timeout from the end of the request', async () => {
    const world = await openWorld();
    const { log } = await world.arrive();
    await world.clock.advance(59_900);
    expect(log.isOver).toBe(false);
    await world.clock.advance(100 + TICKS_MS);
    await log.over();
    expect(log.error?.code).toBe('UPSTREAM_TIMEOUT');
    expect(log.progress).toBe('sent');
  });

  it('is not blamed for the time that the client takes for its body', async () => {
    const world = await openWorld();
    const { log, request, socket } = await world.arrive(1, upload);
    await world.clock.advance(600_000);
    request.write(Buffer.from('body'));
    request.flush();
    request.end([]);
    await socket.received('body');
    await world.clock.advance(59_900);
    expect(log.isOver).toBe(false);
    await world.clock.advance(100 + TICKS_MS);
    expect((await log.over()).error?.code).toBe('UPSTREAM_TIMEOUT');
  });

  it('to take a request body has failed, by the idle timeout', async () => {
    const world = await openWorld();
    const { log, request, socket } = await world.arrive(1, upload);
    socket.pause();
    request.write(Buffer.alloc(32 * 1024 * 1024));
    expect(request.flush()).toBe(false);
    await world.clock.advance(29_900);
    expect(log.isOver).toBe(false);
    await world.clock.advance(100 + TICKS_MS);
    expect((await log.over()).error?.code).toBe('UPSTREAM_TIMEOUT');
  });

  it('between two pieces of its response has failed, by the idle timeout', async () => {
    const world = await openWorld();
    const { log, socket } = await world.arrive();
    socket.send('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n');
    await eventually('the head', () => log.status === 200);
    for (let piece = 1; piece <= 3; piece++) {
      await world.clock.advance(29_900);
      socket.send('x');
      await eventually('the piece', () => log.body.length === piece);
    }
    await world.clock.advance(30_000 + TICKS_MS);
    await log.over();
    expect(log.error?.code).toBe('UPSTREAM_TIMEOUT');
    expect(log.progress).toBe('responding');
  });

  it('is not blamed for a client that is slow to take the response', async () => {
    const world = await openWorld();
    const { log, request, socket } = await world.arrive();
    socket.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n');
    await eventually('the head', () => log.status === 200);
    request.pause();
    await world.clock.advance(600_000);
    request.resume();
    socket.send('ok');
    expect((await log.over()).body).toBe('ok');
  });
});
