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
const named = (name: string) => upstreamHead(`GET /${name} HTTP/1.1\r\nHost: h\r\n\r\n`);

describe('the connections to an endpoint', () => {
  it('are opened when they are needed, and kept', async () => {
    const world = await openWorld();
    expect(world.endpoint.connections).toHaveLength(0);
    for (let request = 0; request < 3; request++) {
      const { socket, log } = await world.arrive();
      socket.take();
      socket.send(NO_CONTENT);
      await log.over();
    }
    expect(world.endpoint.connections).toHaveLength(1);
  });

  it('carry one request at a time', async () => {
    const world = await openWorld();
    const one = await world.arrive(1, named('one'));
    const two = await world.arrive(2, named('two'));
    expect(one.socket.text).not.toContain('/two');
    two.socket.send(NO_CONTENT);
    one.socket.send(NO_CONTENT);
    await Promise.all([one.log.over(), two.log.over()]);
  });

  it('are used the last one first, so that the others may reach their idle timeout', async () => {
    const world = await openWorld();
    const one = await world.arrive(1);
    const two = await world.arrive(2);
    one.socket.send(NO_CONTENT);
    await one.log.over();
    two.socket.send(NO_CONTENT);
    await two.log.over();
    two.socket.take();
    world.send(named('three'));
    await two.socket.received('/three');
  });

  it.each(['Connection: close\r\nContent-Length: 0', 'Connection: Close\r\nContent-Length: 0'])(
    'are not kept where the endpoint says %j',
    async (fields) => {
      const world = await openWorld();
      const { socket, log } = await world.arrive();
      socket.send(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n`);
      await log.over();
      await socket.ended();
      await world.arrive(2);
    },
  );

  it('are not kept where an endpoint of HTTP/1.0 does not say so', async () => {
    const world = await openWorld();
    const { socket, log } = await world.arrive();
    socket.send('HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n');
    await log.over();
    await socket.ended();
  });

  it('end after four seconds without a request, before servers that wait for five end them', async () => {
    const world = await openWorld();
    const { socket, log } = await world.arrive();
    socket.send(NO_CONTENT);
    await log.over();
    await world.clock.advance(3_900);
    expect(socket.hasEnded).toBe(false);
    await world.clock.advance(400);
    await socket.ended();
  });

  it('all end when the pool closes, and the requests on them fail', async () => {
    const world = await openWorld();
    const first = await world.arrive(1);
    world.connections.close();
    await first.log.over();
    await first.socket.ended();
    const late = world.send();
    expect((await late.log.over()).error?.code).toBe('INTERNAL_SHUTDOWN');
    expect(world.clock.pendingTimers).toBe(0);
  });
});

describe('a request that is given up', () => {
  it('while it is answered is heard of no more, and its connection ends', async () => {
    const world = await openWorld();
    const { socket, log, request } = await world.arrive();
    socket.send('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
    await eventually('the piece', () => log.body === 'half');
    request.abort();
    request.abort();
    socket.send('more');
    await socket.ended();
    expect(log).toMatchObject({ body: 'half', isOver: false });
  });

  it('before its connection is there is never sent', async () => {
    const world = await openWorld();
    const { request, log } = world.send(named('given-up'));
    request.abort();
    const next = world.send(named('wanted'));
    await eventually('the other request', () =>
      world.endpoint.connections.some(({ text }) => text.includes('/wanted')),
    );
    expect(world.endpoint.connections.map(({ text }) => text).join()).not.toContain('/given-up');
    expect([log.isOver, next.log.isOver]).toEqual([false, false]);
  });
});

describe('a request body for an endpoint', () => {
  it('of known length is sent as it is', async () => {
    const world = await openWorld();
    const head = upstreamHead('PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n', { body: 'length' });
    const { socket, log, request } = await world.arrive(1, head);
    expect(log.wishes).toBe(1);
    request.write(Buffer.from('he'));
    request.write(Buffer.from('llo'));
    request.flush();
    request.end([]);
    expect(await socket.received('hello')).toBe(`${head.text}hello`);
  });

  it('of unknown length is sent in chunks, with its trailers', async () => {
    const world = await openWorld();
    const text = 'PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n';
    const { socket, request } = await world.arrive(1, upstreamHead(text, { body: 'chunked' }));
    request.write(Buffer.from('he'));
    request.write(Buffer.from('0123456789abcdef'));
    request.flush();
    request.end(['X-Sum', '1']);
    expect(await socket.received('X-Sum')).toBe(
      `${text}2\r\nhe\r\n10\r\n0123456789abcdef\r\n0\r\nX-Sum: 1\r\n\r\n`,
    );
  });

  it('is held back while the endpoint does not read, and asked for again', async () => {
    const world = await openWorld();
    const head = upstreamHead('PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 33554432\r\n\r\n', {
      body: 'length',
    });
    const { socket, log, request } = await world.arrive(1, head);
    socket.pause();
    request.write(Buffer.alloc(32 * 1024 * 1024));
    expect(request.flush()).toBe(false);
    expect(log.wishes).toBe(1);
    socket.resume();
    await eventually('the wish', () => log.wishes === 2);
    request.end([]);
    socket.send(NO_CONTENT);
    expect((await log.over()).status).toBe(204);
  });

  it('that an endpoint answers before its end costs the connection: its rest is on the way', async () => {
    const world = await openWorld();
    const head = upstreamHead('PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\n', { body: 'length' });
    const { socket, log } = await world.arrive(1, head);
    socket.send('HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n');
    expect((await log.over()).status).toBe(413);
    await socket.ended();
  });
});

describe('connections that are retired', () => {
  it('end at once where they are not in use, and with their request where they are', async () => {
    const world = await openWorld();
    const one = await world.arrive(1, named('one'));
    const two = await world.arrive(2, named('two'));
    one.socket.send(NO_CONTENT);
    await one.log.over();
    world.connections.retire();
    await one.socket.ended();
    expect(two.socket.isClosed).toBe(false);
    two.socket.send(NO_CONTENT);
    await two.log.over();
    expect(two.log.error).toBeUndefined();
    await two.socket.ended();
  });

  it('still serve a request that comes late', async () => {
    const world = await openWorld();
    world.connections.retire();
    const late = await world.arrive(1, named('late'));
    late.socket.send(NO_CONTENT);
    await late.log.over();
    await late.socket.ended();
    expect(world.clock.pendingTimers).toBe(0);
  });
});
