import { eventually } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { Http2World } from '../../testing/http2-world.ts';
import { type UpstreamLog, upstreamHead } from '../../testing/upstream-log.ts';

const opened: Http2World[] = [];
const openWorld = async (...options: Parameters<typeof Http2World.open>): Promise<Http2World> => {
  const world = await Http2World.open(...options);
  opened.push(world);
  return world;
};
afterEach(async () => {
  for (const world of opened.splice(0)) await world.close();
});

const post = (body: 'length' | 'chunked') =>
  upstreamHead('POST /a?b HTTP/1.1\r\nHost: shop.test\r\n\r\n', { body });
const TICKS_MS = 300;

describe('a request to an endpoint over HTTP/2', () => {
  it('has pseudo fields, names in lower case, and nothing of the connection', async () => {
    const world = await openWorld();
    const text =
      'GET /a?b HTTP/1.1\r\nHost: shop.test\r\nX-Latin: caf\xe9\r\nCookie: a=1\r\nTE: trailers\r\n' +
      'Connection: TE\r\nTransfer-Encoding: chunked\r\nUpgrade: other\r\nKeep-Alive: 5\r\n\r\n';
    const { arrived } = await world.arrive(1, upstreamHead(text));
    expect(arrived.list).toEqual([
      ...[':method', 'GET', ':scheme', 'http', ':path', '/a?b', ':authority', 'shop.test'],
      ...['x-latin', 'caf\xe9', 'cookie', 'a=1', 'te', 'trailers'],
    ]);
  });

  it('brings back status, fields and body, as HTTP/1.1 would have them', async () => {
    const world = await openWorld();
    const { arrived, log } = await world.arrive();
    arrived.answer('hello', ['x-twice', '1', 'x-twice', '2', 'etag', 'a', 'etag', 'b', 'x-latin', 'caf\xe9']);
    await log.over();
    expect(log).toMatchObject({ status: 200, body: 'hello', trailers: [] });
    expect(log.fields).toEqual([
      'x-twice',
      '1',
      'x-twice',
      '2',
      'etag',
      'a',
      'etag',
      'b',
      'x-latin',
      'caf\xe9',
    ]);
  });

  it.each(['length', 'chunked'] as const)('takes a body with it (%s)', async (body) => {
    const world = await openWorld();
    const { request, log } = world.send(post(body));
    await eventually('the body is wanted', () => log.wishes === 1);
    request.write(Buffer.from('he'));
    request.write(Buffer.from('llo'));
    request.flush();
    request.end(body === 'chunked' ? ['X-Sum', '5'] : []);
    const arrived = await world.endpoint.request();
    await eventually('the end', () => arrived.hasEnded);
    expect(arrived.body).toBe('hello');
    expect(arrived.trailers).toEqual(body === 'chunked' ? ['x-sum', '5'] : []);
    arrived.answer();
    expect((await log.over()).body).toBe('done');
  });

  it('sends what it was given, though the buffer is overwritten at once', async () => {
    const world = await openWorld();
    const { request, log } = world.send(post('length'));
    await eventually('the body is wanted', () => log.wishes === 1);
    const piece = Buffer.from('hello');
    request.write(piece);
    request.flush();
    piece.fill('!');
    request.end([]);
    const arrived = await world.endpoint.request();
    await eventually('the end', () => arrived.hasEnded);
    expect(arrived.body).toBe('hello');
  });

  it('brings back early hints and trailers, without those that must not come after a body', async () => {
    const world = await openWorld();
    const { arrived, log } = await world.arrive();
    arrived.stream.additionalHeaders({ ':status': 103, link: '</a.css>' });
    arrived.stream.respond({ ':status': 200 }, { waitForTrailers: true });
    arrived.stream.on('wantTrailers', () =>
      arrived.stream.sendTrailers({ 'grpc-status': '0', via: '1.0 evil', 'set-cookie': 'a=b' }),
    );
    arrived.stream.end('x');
    await log.over();
    expect(log).toMatchObject({ interim: [103], body: 'x', trailers: ['grpc-status', '0'] });
  });

  it('tells of a response that is nothing but a head in one go, so that it can be passed on as one', async () => {
    const world = await openWorld();
    const { arrived, log } = await world.arrive();
    arrived.stream.respond({ ':status': 200, 'grpc-status': '5' }, { endStream: true });
    await log.over();
    expect(log).toMatchObject({ body: '', trailers: [], flushes: 0 });
  });

  it.each([
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ])('knows a response that has no body by rule: %s, %i', async (method, status) => {
    const world = await openWorld();
    const { arrived, log } = await world.arrive(1, upstreamHead(`${method} / HTTP/1.1\r\nHost: h\r\n\r\n`));
    const fields = status === 204 ? {} : { 'content-length': '1234' };
    arrived.stream.respond({ ':status': status, ...fields }, { endStream: true });
    expect(await log.over()).toMatchObject({ status, body: '', error: undefined });
  });

  it('tells of the head before the body is there', async () => {
    const world = await openWorld();
    const { arrived, log } = await world.arrive();
    arrived.stream.respond({ ':status': 200 });
    await eventually('the head is told, and to be passed on', () => log.status === 200 && log.flushes === 1);
    arrived.stream.write('first');
    await eventually('the first piece', () => log.body === 'first' && log.flushes === 2);
    arrived.stream.end();
    await log.over();
  });

  it('that is answered early is not written to its end', async () => {
    const world = await openWorld();
    const { request, log } = world.send(post('length'));
    const arrived = await world.endpoint.request();
    request.write(Buffer.from('half'));
    request.flush();
    arrived.answer('no');
    expect((await log.over()).body).toBe('no');
    await eventually('the stream is over', () => arrived.isClosed);
  });

  it('that is given up ends its stream, and no other', async () => {
    const world = await openWorld();
    const { arrived, request, log } = await world.arrive();
    const other = await world.arrive(2);
    request.abort();
    await eventually('the stream is over', () => arrived.isClosed);
    other.arrived.answer();
    expect((await other.log.over()).body).toBe('done');
    expect(log.isOver).toBe(false);
    expect(world.endpoint.sessions).toHaveLength(1);
  });

  it('holds the endpoint back while it is paused', async () => {
    const world = await openWorld();
    const { arrived, request, log } = await world.arrive();
    arrived.stream.respond({ ':status': 200 });
    await eventually('the head', () => log.status === 200);
    request.pause();
    const before = log.body.length;
    let isTaken = false;
    arrived.stream.write(Buffer.alloc(1024 * 1024), () => {
      isTaken = true;
    });
    const other = await world.arrive(2);
    other.arrived.answer('x'.repeat(500_000));
    expect((await other.log.over()).body).toHaveLength(500_000);
    expect({ isTaken, more: log.body.length - before }).toEqual({ isTaken: false, more: 0 });
    request.resume();
    arrived.stream.end();
    expect((await log.over()).body).toHaveLength(1024 * 1024);
  });

  it('is held back while the endpoint does not read', async () => {
    const world = await openWorld();
    const { request, log } = world.send(post('length'));
    const arrived = await world.endpoint.request();
    arrived.stream.pause();
    let isReady = true;
    for (let piece = 0; piece < 20 && isReady; piece++) {
      request.write(Buffer.alloc(64 * 1024));
      isReady = request.flush();
    }
    expect(isReady).toBe(false);
    arrived.stream.resume();
    await eventually('more is wanted', () => log.wishes === 2);
  });
});

describe('the connections to an endpoint over HTTP/2', () => {
  it('are one for many requests at once, which are kept apart', async () => {
    const world = await openWorld();
    const sent = Array.from({ length: 100 }, (_, index) =>
      world.send(upstreamHead(`GET /${index} HTTP/1.1\r\nHost: h\r\n\r\n`)),
    );
    await world.endpoint.request(100);
    for (const arrived of [...world.endpoint.requests].reverse()) arrived.answer(arrived.list[5]);
    const bodies = await Promise.all(sent.map(async ({ log }) => (await log.over()).body));
    expect(bodies).toEqual(sent.map((_, index) => `/${index}`));
    expect(world.endpoint.sessions).toHaveLength(1);
  });

  it('are as few as the endpoint allows: another is opened only when all are full', async () => {
    const world = await openWorld({}, { settings: { maxConcurrentStreams: 3 } });
    const logs: UpstreamLog[] = Array.from({ length: 8 }, () => world.send().log);
    await world.endpoint.request(8);
    const sizes = () => world.endpoint.requests.length;
    for (let number = 1; number <= 8; number++) {
      (await world.endpoint.request(number)).answer(String(number));
      await eventually('one more', () => logs.filter(({ isOver }) => isOver).length === number);
    }
    expect(sizes()).toBe(8);
    expect(world.endpoint.sessions).toHaveLength(3);
    expect(logs.every(({ status }) => status === 200)).toBe(true);
  });

  it('skip a waiting request that was given up', async () => {
    const world = await openWorld();
    const givenUp = world.send();
    const last = world.send();
    givenUp.request.abort();
    (await world.endpoint.request(1)).answer('last');
    expect((await last.log.over()).body).toBe('last');
    expect(world.endpoint.requests).toHaveLength(1);
  });

  it('end after half a minute without a request', async () => {
    const world = await openWorld();
    const { arrived, log } = await world.arrive();
    arrived.answer();
    await log.over();
    await eventually('the stream is over', () => arrived.isClosed);
    await world.clock.advance(29_000);
    expect(world.endpoint.sessions[0]?.closed).toBe(false);
    await eventually('it ends', async () => {
      await world.clock.advance(1_000);
      return world.endpoint.sessions[0]?.closed === true;
    });
    await eventually('nothing is left to look at', () => world.clock.pendingTimers === 0);
  });

  it('end with the last request on them once the endpoint is retired, and a late one is served', async () => {
    const world = await openWorld();
    const { arrived, log } = await world.arrive();
    world.connections.retire();
    const late = await world.arrive(2);
    arrived.answer();
    await log.over();
    late.arrived.answer();
    await late.log.over();
    await eventually('the connection ends', () => world.endpoint.sessions[0]?.closed === true);
    await eventually('nothing is left to look at', () => world.clock.pendingTimers === 0);
  });

  it('take their requests with them when they are closed', async () => {
    const world = await openWorld();
    const { log } = await world.arrive();
    const waiting = await openWorld();
    const { log: notSent } = waiting.send();
    world.connections.close();
    waiting.connections.close();
    expect(await log.over()).toMatchObject({ progress: 'sent' });
    expect(await notSent.over()).toMatchObject({ progress: 'nothing-sent' });
    expect(world.connections.request(upstreamHead(), log)).toBeDefined();
    expect(await world.send().log.over()).toMatchObject({ progress: 'nothing-sent' });
  });

  it.each([
    ['does not answer', undefined],
    ['pauses in its answer', 'half'],
  ])('are given up for further requests where the endpoint %s', async (_, piece) => {
    const world = await openWorld({ responseTimeoutMs: 2_000, idleTimeoutMs: 2_000 });
    const { arrived, log } = await world.arrive();
    const other = await world.arrive(2);
    other.arrived.stream.respond({ ':status': 200 });
    if (piece !== undefined) {
      arrived.stream.respond({ ':status': 200 });
      arrived.stream.write(piece);
      await eventually('the piece', () => log.body === piece);
    }
    await world.clock.advance(1_500);
    other.arrived.stream.write('alive');
    await eventually('the other is alive', () => other.log.body === 'alive');
    await world.clock.advance(500 + TICKS_MS);
    expect(await log.over()).toMatchObject({
      error: { code: 'UPSTREAM_TIMEOUT' },
      progress: piece === undefined ? 'sent' : 'responding',
    });
    const next = await world.arrive(3);
    expect(world.endpoint.sessions).toHaveLength(2);
    next.arrived.answer();
    other.arrived.stream.end();
    expect((await next.log.over()).body).toBe('done');
    expect((await other.log.over()).body).toBe('alive');
  });
});
