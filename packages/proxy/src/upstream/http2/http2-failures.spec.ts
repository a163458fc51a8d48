import { constants } from 'node:http2';
import { eventually } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { END_HEADERS, END_STREAM, fields, frame, numbers } from '../../testing/http2-frames.ts';
import { HostileHttp2World, Http2World, responseHead } from '../../testing/http2-world.ts';
import { upstreamHead } from '../../testing/upstream-log.ts';

const {
  NGHTTP2_CANCEL,
  NGHTTP2_ENHANCE_YOUR_CALM,
  NGHTTP2_INTERNAL_ERROR,
  NGHTTP2_NO_ERROR,
  NGHTTP2_REFUSED_STREAM,
} = constants;

const opened: { close(): Promise<void> }[] = [];
const keep = <World extends { close(): Promise<void> }>(world: World): World => {
  opened.push(world);
  return world;
};
const openWorld = async (...options: Parameters<typeof Http2World.open>): Promise<Http2World> =>
  keep(await Http2World.open(...options));
const openHostile = async (): Promise<HostileHttp2World> => keep(await HostileHttp2World.open());
afterEach(async () => {
  for (const world of opened.splice(0)) await world.close();
});

const POST = 'POST / HTTP/1.1\r\nHost: h\r\n\r\n';
const post = upstreamHead(POST);
const upload = upstreamHead(POST, { body: 'length' });
const replayable = upstreamHead(undefined, { isReplayable: true });
const OK = fields(':status', '200');
const TICKS_MS = 300;

describe('an endpoint that cannot be reached over HTTP/2', () => {
  it('because nobody listens has had nothing sent to it', async () => {
    const world = await openWorld();
    await world.endpoint.close();
    const sent = [world.send(post), world.send()];
    for (const { log } of sent)
      expect(await log.over()).toMatchObject({
        error: { code: 'UPSTREAM_CONNECT_FAILED' },
        progress: 'nothing-sent',
      });
  });

  it('because its name is unknown has had nothing sent to it', async () => {
    const world = await openWorld({ origin: 'h2c://no-such-name.invalid' });
    const { log } = world.send(post);
    expect(await log.over()).toMatchObject({
      error: { code: 'UPSTREAM_CONNECT_FAILED' },
      progress: 'nothing-sent',
    });
  });

  it('because it accepts and says nothing has had nothing sent to it, when the time to connect is over', async () => {
    const world = await openHostile();
    const { log } = world.send(post);
    await world.endpoint.connection(1);
    await world.clock.advance(900);
    expect(log.isOver).toBe(false);
    await world.clock.advance(100 + TICKS_MS);
    expect(await log.over()).toMatchObject({
      error: { code: 'UPSTREAM_CONNECT_TIMEOUT' },
      progress: 'nothing-sent',
    });
  });

  it.each([
    ['speaks HTTP/1.1', 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n'],
    ['begins without its settings', frame('headers', 1, END_HEADERS, OK)],
    ['takes no request at all', frame('settings', 0, 0, '\x00\x03\x00\x00\x00\x00')],
  ])('because it %s has had nothing sent to it', async (_, bytes) => {
    const world = await openHostile();
    const { log } = world.send(post);
    (await world.endpoint.connection(1)).send(bytes);
    expect(await log.over()).toMatchObject({
      error: { code: 'UPSTREAM_CONNECT_FAILED' },
      progress: 'nothing-sent',
    });
  });

  it('now, but could before, has had nothing sent to it', async () => {
    const world = await openWorld();
    const { arrived, log } = await world.arrive();
    arrived.answer();
    await log.over();
    await world.endpoint.close();
    const { log: next } = world.send(post);
    expect(await next.over()).toMatchObject({ progress: 'nothing-sent' });
  });
});

describe('a request that the endpoint has not looked at', () => {
  it('because it refused the stream goes there again, whatever its method', async () => {
    const world = await openWorld();
    const { arrived, log } = await world.arrive(1, post);
    arrived.stream.close(NGHTTP2_REFUSED_STREAM);
    (await world.endpoint.request(2)).answer();
    expect((await log.over()).body).toBe('done');
  });

  it('goes there again only once; then it may go elsewhere', async () => {
    const world = await openWorld();
    const { log } = await world.arrive(1, post);
    for (const number of [1, 2]) (await world.endpoint.request(number)).stream.close(NGHTTP2_REFUSED_STREAM);
    expect(await log.over()).toMatchObject({ error: { code: 'UPSTREAM_RESET' }, progress: 'nothing-sent' });
    expect(world.endpoint.requests).toHaveLength(2);
  });

  it('with a body that was asked for is not sent again, but nothing of it was seen', async () => {
    const world = await openWorld();
    const { arrived, log } = await world.arrive(1, upload);
    arrived.stream.close(NGHTTP2_REFUSED_STREAM);
    expect(await log.over()).toMatchObject({ progress: 'nothing-sent' });
  });

  it('because it is about to leave goes there again, on another connection; what it has seen is answered', async () => {
    const world = await openHostile();
    const seen = await world.arrive();
    const unseen = world.send(post);
    const { socket } = seen;
    await socket.received('\x05\x00\x00\x00\x03');
    socket.send(frame('goaway', 0, 0, numbers(1, NGHTTP2_NO_ERROR)));
    const second = await world.endpoint.connection(2);
    second.send(frame('settings', 0));
    await second.received('\x05\x00\x00\x00\x01');
    second.send(responseHead(OK, END_STREAM));
    socket.send(responseHead(OK, END_STREAM));
    expect(await seen.log.over()).toMatchObject({ status: 200, error: undefined });
    expect(await unseen.log.over()).toMatchObject({ status: 200, error: undefined });
  });

  it('because it leaves in anger is known by the last request that was seen', async () => {
    const world = await openHostile();
    const seen = await world.arrive(post);
    const unseen = world.send(upload);
    await seen.socket.received('\x04\x00\x00\x00\x03');
    seen.socket.send(frame('goaway', 0, 0, numbers(1, NGHTTP2_ENHANCE_YOUR_CALM)));
    expect(await seen.log.over()).toMatchObject({ progress: 'sent' });
    expect(await unseen.log.over()).toMatchObject({ progress: 'nothing-sent' });
  });

  it('because a kept connection had been closed goes there again, if that can do no harm', async () => {
    for (const [head, isServed] of [
      [replayable, true],
      [post, false],
    ] as const) {
      const world = await openHostile();
      const { socket, log } = await world.arrive();
      socket.send(responseHead(OK, END_STREAM));
      await log.over();
      const next = world.send(head);
      await socket.received('\x05\x00\x00\x00\x03');
      socket.reset();
      if (isServed) {
        const second = await world.endpoint.connection(2);
        second.send(frame('settings', 0));
        await second.received('\x05\x00\x00\x00\x01');
        second.send(responseHead(OK, END_STREAM));
      }
      expect((await next.log.over()).status).toBe(isServed ? 200 : undefined);
      if (!isServed) expect(next.log).toMatchObject({ error: { code: 'UPSTREAM_RESET' }, progress: 'sent' });
    }
  });
});

describe('an endpoint that breaks off over HTTP/2', () => {
  const resetBy = (code: number) => frame('rstStream', 1, 0, numbers(code));

  it.each([
    ['resets the stream', resetBy(NGHTTP2_INTERNAL_ERROR)],
    ['cancels the stream', resetBy(NGHTTP2_CANCEL)],
    ['ends the stream without a word', resetBy(NGHTTP2_NO_ERROR)],
    ['ends the connection', undefined],
  ])('(%s) is never taken to have answered', async (_, bytes) => {
    for (const begun of ['', responseHead(OK) + frame('data', 1, 0, 'half')]) {
      const world = await openHostile();
      const { socket, log } = await world.arrive(post);
      socket.send(begun);
      if (begun !== '') await eventually('the piece', () => log.body === 'half');
      if (bytes === undefined) socket.end();
      else socket.send(bytes);
      expect(await log.over()).toMatchObject({
        error: { code: 'UPSTREAM_RESET' },
        progress: begun === '' ? 'sent' : 'responding',
      });
    }
  });

  it('in one stream leaves the others alone', async () => {
    const world = await openWorld();
    const broken = await world.arrive();
    const other = await world.arrive(2);
    broken.arrived.stream.close(NGHTTP2_INTERNAL_ERROR);
    await broken.log.over();
    other.arrived.answer();
    expect((await other.log.over()).body).toBe('done');
    expect(world.endpoint.sessions).toHaveLength(1);
  });
});

describe('an endpoint that sends no valid HTTP/2', () => {
  const many = Array.from({ length: 120 }, (_, index) => [`x-${index}`, '1']).flat();

  it.each([
    ['a name in upper case', responseHead(OK + fields('X-Upper', '1'))],
    ['a field of the connection', responseHead(OK + fields('transfer-encoding', 'chunked'))],
    ['another field of the connection', responseHead(OK + fields('connection', 'close'))],
    ['no status', responseHead(fields('x-a', '1'))],
    ['two statuses', responseHead(OK + OK)],
    ['a status that is none', responseHead(fields(':status', '2x0'))],
    ['a 101', responseHead(fields(':status', '101'))],
    ['a body before its head', frame('data', 1, 0, 'body')],
    [
      'more bytes than announced',
      responseHead(OK + fields('content-length', '2')) + frame('data', 1, 1, 'abc'),
    ],
    [
      'fewer bytes than announced',
      responseHead(OK + fields('content-length', '9')) + frame('data', 1, 1, 'abc'),
    ],
    ['two lengths', responseHead(OK + fields('content-length', '2', 'content-length', '3'))],
    ['more fields than are read', responseHead(OK + fields(...many), END_STREAM)],
    [
      'larger fields than are read',
      responseHead(OK + fields('x-a', 'a'.repeat(16_000), 'x-b', 'b'.repeat(400)), END_STREAM),
    ],
    ['interim responses without end', responseHead(fields(':status', '103')).repeat(17)],
    ['an odd frame', frame('settings', 1)],
  ])('(%s) has answered nothing that a client could see', async (_, bytes) => {
    const world = await openHostile();
    const { socket, log } = await world.arrive(replayable);
    socket.send(bytes);
    await log.over();
    expect(log.error?.code).toMatch(/^UPSTREAM_(?:BAD_RESPONSE|RESET)$/);
    expect(log.fields.join()).not.toContain('evil');
    expect(world.endpoint.connections).toHaveLength(1);
  });

  it.each(['1\r\nSet-Cookie: evil=1', '1\nSet-Cookie: evil=1', '1\x002'])(
    'a value that would end its line (%j) is never one on a line of HTTP/1.1',
    async (value) => {
      const world = await openHostile();
      const { socket, log } = await world.arrive();
      socket.send(responseHead(OK + fields('x-a', value), END_STREAM));
      await log.over();
      expect(log.fields).toEqual([]);
    },
  );

  it('a flood of fields, in frames without end, ends the connection while little is held', async () => {
    const world = await openHostile();
    const { socket, log } = await world.arrive();
    const flood = fields('x-flood', 'f'.repeat(10_000));
    socket.send(frame('headers', 1, 0, OK));
    for (let count = 0; count < 20; count++) socket.send(frame('continuation', 1, 0, flood));
    await log.over();
    expect(log.status).toBeUndefined();
  });
});
