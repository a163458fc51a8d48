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

const HEAD_REQUEST = upstreamHead('HEAD / HTTP/1.1\r\nHost: h\r\n\r\n');
const UPGRADE = upstreamHead('GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n', {
  isUpgrade: true,
});

describe('a response from an endpoint', () => {
  it.each([
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello', undefined],
    ['length 0', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', undefined],
    [
      'chunks',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n',
      undefined,
    ],
    ['no body', 'HTTP/1.1 204 No Content\r\n\r\n', undefined],
    ['a length, to HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n', HEAD_REQUEST],
    ['a length, of a 304', 'HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n', undefined],
  ])(
    'with %s is complete, in whatever pieces it comes, and leaves the connection to the next',
    async (_, text, head) => {
      const world = await openWorld();
      const { socket, log } = await world.arrive(1, head);
      for (const letter of text) {
        socket.send(letter);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await log.over();
      expect(log.error).toBeUndefined();
      expect(log.body).toBe(text.includes('hello') || text.includes('llo') ? 'hello' : '');
      socket.take();
      const next = world.send();
      await socket.received('\r\n\r\n');
      socket.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
      expect((await next.log.over()).body).toBe('ok');
      expect(world.endpoint.connections).toHaveLength(1);
    },
  );

  it('that takes long has its request told that it is under way, and no other', async () => {
    const world = await openWorld({ heldEveryMs: 1_000 });
    const { socket, log } = await world.arrive();
    await world.clock.advance(3_500);
    expect(log.reminders).toBe(3);
    socket.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    await log.over();
    await world.clock.advance(3_500);
    expect(log.reminders).toBe(3);
  });

  it('without length or chunks is complete when the endpoint ends the connection', async () => {
    const world = await openWorld();
    const { socket, log } = await world.arrive();
    socket.send('HTTP/1.1 200 OK\r\n\r\nhello');
    await eventually('the body', () => log.body === 'hello');
    expect(log.isOver).toBe(false);
    socket.end();
    expect((await log.over()).error).toBeUndefined();
  });

  it('brings status, fields and trailers', async () => {
    const world = await openWorld();
    const { socket, log } = await world.arrive();
    socket.send('HTTP/1.1 404 \r\nX-One: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Sum: 0\r\n\r\n');
    await log.over();
    expect(log).toMatchObject({
      status: 404,
      fields: ['X-One', '1', 'Transfer-Encoding', 'chunked'],
      trailers: ['X-Sum', '0'],
    });
  });

  it('may be preceded by interim ones', async () => {
    const world = await openWorld();
    const { socket, log } = await world.arrive();
    socket.send('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n');
    await eventually('the hints', () => log.interim.length === 2);
    socket.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    expect(await log.over()).toMatchObject({ interim: [100, 103], status: 200, error: undefined });
  });

  it('that comes in one piece is told at once, and flushed only where more is awaited', async () => {
    const world = await openWorld();
    const { socket, log } = await world.arrive();
    socket.send('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
    expect(await log.over()).toMatchObject({ flushes: 0, body: 'hello' });
  });

  it('is held back while the client cannot keep up, and loses nothing', async () => {
    const world = await openWorld();
    const { socket, log, request } = await world.arrive();
    socket.send('HTTP/1.1 200 OK\r\nContent-Length: 20000000\r\n\r\n');
    await eventually('the head', () => log.status === 200);
    request.pause();
    const { flushes } = log;
    socket.send('x'.repeat(20_000_000));
    const { log: other } = world.send();
    const second = await world.endpoint.connection(2);
    second.send('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    await other.over();
    expect(log.flushes).toBe(flushes);
    request.resume();
    await log.over();
    expect(log.body).toHaveLength(20_000_000);
  });
});

describe('a response that breaks the rules', () => {
  it.each([
    ['is no HTTP', 'SSH-2.0-OpenSSH\r\n\r\n'],
    ['has two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx'],
    [
      'has a length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx',
    ],
    ['has a bare LF', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
    ['switches protocols unasked', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n'],
    ['never ends its interim responses', 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(17)],
    ['has a head beyond all limits', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
  ])('because it %s fails the request before the client sees any of it', async (_, text) => {
    const world = await openWorld();
    const { socket, log } = await world.arrive();
    socket.send(text);
    await log.over();
    expect(log.error).toMatchObject({ code: 'UPSTREAM_BAD_RESPONSE' });
    expect(log).toMatchObject({ progress: 'sent', status: undefined });
    await socket.ended();
  });

  it('in its chunks fails it in the middle of the response', async () => {
    const world = await openWorld();
    const { socket, log } = await world.arrive();
    socket.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhe\r\nxx\r\n');
    await log.over();
    expect(log).toMatchObject({ body: 'he', progress: 'responding' });
    expect(log.error?.code).toBe('UPSTREAM_BAD_RESPONSE');
  });

  it.each([
    ['one byte more than its length', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokx'],
    ['a body where there is none', 'HTTP/1.1 204 No Content\r\n\r\nx'],
    ['a second response', 'HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\n\r\n'],
  ])('by %s is answered, and its connection is not used again', async (_, text) => {
    const world = await openWorld();
    const { socket, log } = await world.arrive();
    socket.send(text);
    expect((await log.over()).error).toBeUndefined();
    await socket.ended();
    const next = await world.arrive(2);
    next.socket.send('HTTP/1.1 204 No Content\r\n\r\n');
    expect((await next.log.over()).status).toBe(204);
  });

  it('by speaking unasked loses its connection, and no request', async () => {
    const world = await openWorld();
    const { socket, log } = await world.arrive();
    socket.send('HTTP/1.1 204 No Content\r\n\r\n');
    await log.over();
    socket.send('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison');
    await socket.ended();
    const next = await world.arrive(2);
    next.socket.send('HTTP/1.1 204 No Content\r\n\r\n');
    expect((await next.log.over()).status).toBe(204);
  });
});

describe('a tunnel to an endpoint', () => {
  it('begins after its 101 and carries bytes as they are, both ways, each until its own end', async () => {
    const world = await openWorld();
    const { socket, log, request } = await world.arrive(1, UPGRADE);
    socket.send('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nearly');
    await eventually('the early bytes', () => log.body === 'early');
    expect(log.status).toBe(101);
    socket.take();
    request.write(Buffer.from('GET /'));
    request.flush();
    await socket.received('GET /');
    socket.send('\0\xff');
    await eventually('the bytes', () => log.body === 'early\0\xff');
    request.end([]);
    await socket.ended();
    expect(log.isOver).toBe(false);
    socket.send('bye');
    socket.end();
    expect(await log.over()).toMatchObject({ body: 'early\0\xffbye', error: undefined });
  });

  it('asks for more once the endpoint has taken what it could not take at once', async () => {
    const world = await openWorld();
    const { socket, log, request } = await world.arrive(1, UPGRADE);
    socket.send('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n');
    await eventually('the head', () => log.status === 101);
    socket.pause();
    request.write(Buffer.alloc(32 * 1024 * 1024));
    expect(request.flush()).toBe(false);
    expect(log.wishes).toBe(0);
    socket.resume();
    await eventually('the wish', () => log.wishes === 1);
  });

  it('lives on without traffic', async () => {
    const world = await openWorld();
    const { socket, log } = await world.arrive(1, UPGRADE);
    socket.send('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n');
    await eventually('the head', () => log.status === 101);
    await world.clock.advance(600_000);
    socket.send('still here');
    await eventually('the bytes', () => log.body === 'still here');
  });
});
