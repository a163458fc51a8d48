import { eventually } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { WireWorld } from '../testing/wire-world.ts';

const opened: WireWorld[] = [];
const openWorld = async (settings?: object): Promise<WireWorld> => {
  const world = await WireWorld.open(settings);
  opened.push(world);
  return world;
};
afterEach(async () => {
  for (const world of opened.splice(0)) await world.close();
});

const get = (fields = '', version = '1.1', method = 'GET'): string =>
  `${method} / HTTP/${version}\r\nHost: h\r\n${fields}\r\n`;

const ok = (contentLength: number, status = 200) => ({
  status,
  reason: 'OK',
  lines: 'X-One: 1\r\n',
  contentLength,
});

describe('a response on the wire', () => {
  it('of known length says so', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(get());
    const { exchange } = await world.exchange(1);
    exchange.respond(ok(5));
    exchange.write(Buffer.from('hello'));
    exchange.end([]);
    expect(await client.received('hello')).toBe(
      'HTTP/1.1 200 OK\r\nX-One: 1\r\nContent-Length: 5\r\n\r\nhello',
    );
  });

  it('of unknown length comes in chunks', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(get());
    const { exchange } = await world.exchange(1);
    exchange.respond(ok(-1));
    exchange.write(Buffer.from('hello '));
    exchange.write(Buffer.from('wonderful world'));
    exchange.end([]);
    expect(await client.received('0\r\n\r\n')).toBe(
      'HTTP/1.1 200 OK\r\nX-One: 1\r\nTransfer-Encoding: chunked\r\n\r\n' +
        '6\r\nhello \r\nf\r\nwonderful world\r\n0\r\n\r\n',
    );
  });

  it('of unknown length ends with the connection for a client of HTTP/1.0', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(get('Connection: keep-alive\r\n', '1.0'));
    const { exchange } = await world.exchange(1);
    exchange.respond(ok(-1));
    exchange.write(Buffer.from('hello'));
    exchange.end(['X-Sum', '1']);
    expect(await client.ended()).toBe('HTTP/1.1 200 OK\r\nX-One: 1\r\nConnection: close\r\n\r\nhello');
  });

  it.each([
    ['to HEAD', 'HEAD', ok(5), 'Content-Length: 5\r\n'],
    ['to HEAD, of unknown length', 'HEAD', ok(-1), ''],
    ['204', 'GET', ok(0, 204), ''],
    ['304', 'GET', ok(5, 304), 'Content-Length: 5\r\n'],
    ['304 of unknown length', 'GET', ok(-1, 304), ''],
  ])('%s has no body, and the next one follows it', async (_, method, head, framing) => {
    const world = await openWorld();
    const client = await world.clientThatSends(get('', '1.1', method) + get());
    const { exchange } = await world.exchange(1);
    exchange.respond(head);
    exchange.write(Buffer.from('hello'));
    exchange.end([]);
    (await world.exchange(2)).answer('next');
    expect(await client.received('next')).toBe(
      `HTTP/1.1 ${head.status} OK\r\nX-One: 1\r\n${framing}\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnext`,
    );
  });

  it('brings its trailers', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(get());
    const { exchange } = await world.exchange(1);
    exchange.respond(ok(-1));
    exchange.end(['X-Sum', '1']);
    expect(await client.received('X-Sum: 1\r\n\r\n')).toMatch(/chunked\r\n\r\n0\r\nX-Sum: 1\r\n\r\n$/);
  });

  it('is preceded by interim responses for clients of HTTP/1.1 only', async () => {
    const world = await openWorld();
    for (const version of ['1.1', '1.0']) {
      const client = await world.clientThatSends(get('', version));
      const taken = await world.exchange(world.taken.length + 1);
      taken.exchange.inform(103, 'Early Hints', 'Link: </a.css>\r\n');
      taken.answer('done');
      const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n';
      expect((await client.received('done')).startsWith(hints)).toBe(version === '1.1');
    }
  });

  it('that is broken off ends before it is complete', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(get());
    const taken = await world.exchange(1);
    taken.exchange.respond(ok(-1));
    taken.exchange.write(Buffer.from('half'));
    taken.exchange.flush();
    await client.received('half');
    taken.exchange.abort();
    expect(await client.ended()).not.toContain('0\r\n\r\n');
    expect(taken.isClientGone).toBe(false);
  });

  it('that is broken off ends by a reset for a client that would take any other end for complete', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(get('', '1.0'));
    const taken = await world.exchange(1);
    taken.exchange.respond(ok(-1));
    taken.exchange.write(Buffer.from('half'));
    taken.exchange.flush();
    await client.received('half');
    taken.exchange.abort();
    await client.ended();
    expect([client.hasEnded, client.error]).toEqual([false, 'ECONNRESET']);
  });

  it('waits while the client does not read, and loses nothing', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(get());
    const taken = await world.exchange(1);
    client.pause();
    taken.exchange.respond(ok(-1));
    // More than the buffers of the system hold.
    const piece = Buffer.alloc(1024 * 1024, 'x');
    for (let count = 0; count < 32; count++) taken.exchange.write(piece);
    expect(taken.exchange.flush()).toBe(false);
    expect(taken.drains).toBe(0);
    client.resume();
    await eventually('the drain', () => taken.drains > 0);
    taken.exchange.end([]);
    const text = await client.received('\r\n0\r\n\r\n');
    expect(text.replaceAll(/[^x]/g, '')).toHaveLength(32 * piece.length);
  });

  it('that nobody may add to any more is not added to', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(get() + get());
    const taken = await world.exchange(1);
    taken.answer('one');
    taken.exchange.write(Buffer.from('late'));
    taken.exchange.end([]);
    (await world.exchange(2)).answer('two');
    expect(await client.received('two')).not.toContain('late');
  });
});

describe('the connection after a response', () => {
  it.each([
    ['1.1', '', 'goes on', ''],
    ['1.1', 'Connection: close\r\n', 'ends', 'Connection: close'],
    ['1.1', 'Connection: x, Close\r\n', 'ends', 'Connection: close'],
    ['1.0', '', 'ends', 'Connection: close'],
    ['1.0', 'Connection: keep-alive\r\n', 'goes on', 'Connection: keep-alive'],
  ])('in HTTP/%s with %j %s', async (version, fields, what, said) => {
    const world = await openWorld();
    const client = await world.clientThatSends(get(fields, version));
    (await world.exchange(1)).answer('done');
    expect(await client.received('done')).toContain(`Content-Length: 4\r\n${said}`);
    if (what === 'ends') {
      await client.ended();
      return;
    }
    client.send(get(fields, version));
    (await world.exchange(2)).answer('again');
    await client.received('again');
  });

  it('ends where the listener is leaving, which the response says', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(get());
    const taken = await world.exchange(1);
    world.listener.leave();
    taken.answer('done');
    expect(await client.ended()).toContain('Connection: close\r\n\r\ndone');
  });

  it('ends only when a slow client has read all of the response', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(get('Connection: close\r\n'));
    const taken = await world.exchange(1);
    client.pause();
    // More than the buffers of the system hold.
    taken.answer('x'.repeat(32 * 1024 * 1024));
    await world.clock.advance(10_000);
    client.resume();
    expect((await client.ended()).replaceAll(/[^x]/g, '')).toHaveLength(32 * 1024 * 1024);
    expect(client.error).toBeUndefined();
  });

  it('ends where the request body was not read to its end, which the response says', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(
      'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nhalf',
    );
    (await world.exchange(1)).answer('done');
    expect(await client.ended()).toContain('Connection: close\r\n\r\ndone');
    expect(world.taken).toHaveLength(1);
  });
});

describe('a client that leaves', () => {
  it('while its answer is awaited, by a reset, is noticed at once', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(get());
    const taken = await world.exchange(1);
    client.reset();
    await eventually('the news', () => taken.isClientGone);
  });

  it('while its answer is awaited, by sending no more, is believed gone after half a second', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(get());
    const taken = await world.exchange(1);
    client.end();
    await eventually('the news', async () => {
      await world.clock.advance(100);
      return taken.isClientGone;
    });
    expect(world.clock.elapsed()).toBeGreaterThanOrEqual(500);
  });

  it('only with its own half of the connection still gets its answer, if that comes soon', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(get());
    client.end();
    (await world.exchange(1)).answer('done');
    expect(await client.ended()).toContain('done');
  });

  it('after its answer is no news', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(get());
    const taken = await world.exchange(1);
    taken.answer('done');
    await client.received('done');
    client.destroy();
    const other = await world.clientThatSends(get());
    (await world.exchange(2)).answer('other');
    await other.received('other');
    expect(taken.isClientGone).toBe(false);
  });
});

describe('a tunnel', () => {
  const upgrade = get('Connection: Upgrade\r\nUpgrade: websocket\r\n');
  const switching = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';

  it('carries bytes as they are, both ways, also those that came with the request', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(`${upgrade}early`);
    const taken = await world.exchange(1);
    expect(taken.body).toBe('');
    taken.exchange.switchProtocols('Switching Protocols', switching);
    await eventually('the early bytes', () => taken.body === 'early');
    client.send('GET / HTTP/1.1\r\n\r\n');
    await eventually('the bytes', () => taken.body === 'earlyGET / HTTP/1.1\r\n\r\n');
    taken.exchange.write(Buffer.from('\0\xff', 'latin1'));
    taken.exchange.flush();
    expect(await client.received('\0\xff')).toBe(
      `HTTP/1.1 101 Switching Protocols\r\n${switching}\r\n\0\xff`,
    );
    expect(world.taken).toHaveLength(1);
  });

  it('ends in each direction by itself', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(upgrade);
    const taken = await world.exchange(1);
    taken.exchange.switchProtocols('Switching Protocols', switching);
    client.send('bye');
    client.end();
    await eventually('the end', () => taken.isReceived);
    expect([taken.body, taken.isClientGone]).toEqual(['bye', false]);
    taken.exchange.write(Buffer.from('goodbye'));
    taken.exchange.end([]);
    expect(await client.ended()).toContain('goodbye');
  });

  it('lives on after a time in which the endpoint could not keep up', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(upgrade);
    const taken = await world.exchange(1);
    taken.exchange.switchProtocols('Switching Protocols', switching);
    await client.received('101');
    taken.exchange.pauseRequest();
    taken.exchange.resumeRequest();
    await world.clock.advance(600_000);
    client.send('still here');
    await eventually('the bytes', () => taken.body === 'still here');
  });

  it('lives on without traffic', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(upgrade);
    const taken = await world.exchange(1);
    taken.exchange.switchProtocols('Switching Protocols', switching);
    await client.received('101');
    await world.clock.advance(600_000);
    client.send('still here');
    await eventually('the bytes', () => taken.body === 'still here');
  });
});
