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

const GET = 'GET / HTTP/1.1\r\nHost: h\r\n\r\n';
const post = (framing: string, body = ''): string =>
  `POST / HTTP/1.1\r\nHost: h\r\n${framing}\r\n\r\n${body}`;

describe('a request on the wire', () => {
  it('is handed over as the codec reads it, with who sent it', async () => {
    const world = await openWorld();
    await world.clientThatSends('GET /a?b HTTP/1.1\r\nHost: h\r\nX-One: 1\r\n\r\n');
    const { exchange } = await world.exchange(1);
    expect(exchange.request).toMatchObject({ method: 'GET', target: '/a?b', host: 'h' });
    expect(exchange.peer).toMatchObject({ address: '127.0.0.1', isTls: false });
    expect(exchange.hasBody).toBe(false);
  });

  it('is found in whatever pieces it arrives', async () => {
    const world = await openWorld();
    const client = await world.client();
    for (const letter of 'POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nhi') {
      client.send(letter);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const taken = await world.exchange(1);
    taken.exchange.resumeRequest();
    await eventually('the body', () => taken.isReceived);
    expect([taken.target, taken.body]).toEqual(['/a', 'hi']);
  });

  it('follows the one before on the same connection', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(GET);
    (await world.exchange(1)).answer('one');
    await client.received('one');
    client.send('GET /two HTTP/1.1\r\nHost: h\r\n\r\n');
    expect((await world.exchange(2)).target).toBe('/two');
  });

  it('that comes with others is answered before the next is handed over', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(`${GET}${post('Content-Length: 3', 'abc')}${GET}`);
    const first = await world.exchange(1);
    expect(world.taken).toHaveLength(1);
    first.answer('one;');
    const second = await world.exchange(2);
    second.exchange.resumeRequest();
    expect(second.body).toBe('abc');
    expect(world.taken).toHaveLength(2);
    second.answer('two;');
    (await world.exchange(3)).answer('three;');
    expect(await client.received('three;')).toMatch(/one;.*two;.*three;/s);
  });

  it.each([
    ['GET / HTTP/1.1\nHost: h\n\n', 400],
    ['GET / HTTP/1.1\r\n\r\n', 400],
    ['GET / HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n', 400],
    [post('Content-Length: 3\r\nContent-Length: 3', 'abc'), 400],
    [post('Content-Length: 3\r\nTransfer-Encoding: chunked', 'abc'), 400],
    [`GET /${'x'.repeat(9_000)} HTTP/1.1\r\nHost: h\r\n\r\n`, 414],
    [`GET / HTTP/1.1\r\nHost: h\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`, 431],
    ['CONNECT h:443 HTTP/1.1\r\nHost: h:443\r\n\r\n', 501],
    ['GET / HTTP/2.0\r\nHost: h\r\n\r\n', 505],
  ])('that breaks the rules is refused, and nothing behind it is read: %j', async (text, status) => {
    const world = await openWorld();
    const client = await world.clientThatSends(`${text}${GET}`);
    const answer = await client.ended();
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(answer).toContain('Connection: close\r\n');
    expect(answer.match(/HTTP\/1\.1/g)).toHaveLength(1);
    expect(world.taken).toEqual([]);
    expect(world.refusals).toMatchObject([{ status }]);
  });
});

describe('a request that the proxy fails on by a defect', () => {
  it('is answered with 500, and no other connection hears of it', async () => {
    const world = await openWorld();
    const bystander = await world.clientThatSends(GET);
    const taken = await world.exchange(1);
    world.failOnNext();
    const client = await world.clientThatSends(GET);
    expect(await client.ended()).toMatch(/^HTTP\/1\.1 500 /);
    taken.answer('unharmed');
    await bystander.received('unharmed');
  });
});

describe('a request body on the wire', () => {
  it.each([
    ['Content-Length: 11', 'hello world'],
    ['Transfer-Encoding: chunked', '6\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n'],
  ])('is not read before it is wanted, then read to its end: %s', async (framing, body) => {
    const world = await openWorld();
    await world.clientThatSends(post(framing, body));
    const taken = await world.exchange(1);
    expect(taken.exchange.hasBody).toBe(true);
    expect(taken.pieces).toBe(0);
    taken.exchange.resumeRequest();
    await eventually('the end', () => taken.isReceived);
    expect(taken.body).toBe('hello world');
  });

  it('that waits is not touched by what arrives on other connections, which share a buffer with it', async () => {
    const world = await openWorld();
    await world.clientThatSends(post('Content-Length: 5', 'hello'));
    const taken = await world.exchange(1);
    await world.clientThatSends(`GET /${'x'.repeat(200)} HTTP/1.1\r\nHost: h\r\n\r\n`);
    await world.exchange(2);
    taken.exchange.resumeRequest();
    await eventually('the end', () => taken.isReceived);
    expect(taken.body).toBe('hello');
  });

  it('of length 0 is none, and the connection goes on', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(post('Content-Length: 0'));
    const taken = await world.exchange(1);
    expect(taken.exchange.hasBody).toBe(false);
    taken.exchange.resumeRequest();
    taken.answer('one');
    expect(await client.received('one')).not.toContain('Connection: close');
    client.send(GET);
    expect((await world.exchange(2)).method).toBe('GET');
  });

  it('brings its trailers', async () => {
    const world = await openWorld();
    await world.clientThatSends(post('Transfer-Encoding: chunked', '1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n'));
    const taken = await world.exchange(1);
    taken.exchange.resumeRequest();
    await eventually('the end', () => taken.isReceived);
    expect(taken.trailers).toEqual(['X-Sum', '1']);
  });

  it('stops while it is not wanted, and loses nothing', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(post('Content-Length: 3000000'));
    const taken = await world.exchange(1);
    const pauseAtFirst = taken.onRequestBody.bind(taken);
    taken.onRequestBody = (chunk) => {
      pauseAtFirst(chunk);
      taken.exchange.pauseRequest();
    };
    taken.exchange.resumeRequest();
    client.send('abcdefghij'.repeat(300_000));
    while (!taken.isReceived) {
      const { pieces } = taken;
      await eventually('a piece', () => taken.pieces > pieces || taken.isReceived);
      expect(taken.pieces).toBeLessThanOrEqual(pieces + 1);
      taken.exchange.resumeRequest();
    }
    expect(taken.body).toBe('abcdefghij'.repeat(300_000));
  });

  it('that breaks the rules is never taken for complete, and the client is told', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(post('Transfer-Encoding: chunked', '3\r\nabc\r\nx\r\n'));
    const taken = await world.exchange(1);
    taken.exchange.resumeRequest();
    expect(await client.ended()).toMatch(/^HTTP\/1\.1 400 /);
    expect(taken).toMatchObject({ body: 'abc', isReceived: false });
    expect(taken.broken).toEqual({ code: 'DOWNSTREAM_BAD_REQUEST', status: 400 });
    expect(client.text).toContain('request: request-1\n');
  });

  it('that breaks the rules during the response ends the connection', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(post('Transfer-Encoding: chunked', '3\r\nabc\r\n'));
    const taken = await world.exchange(1);
    taken.exchange.resumeRequest();
    taken.exchange.respond({ status: 200, reason: 'OK', lines: '', contentLength: 9 });
    taken.exchange.flush();
    client.send('x\r\n');
    expect(await client.ended()).not.toContain('400');
    expect(taken.broken).toBeDefined();
  });

  it.each([
    ['ends', 'end'],
    ['is reset', 'reset'],
  ] as const)('that is cut off because the connection %s is never taken for complete', async (_, leave) => {
    const world = await openWorld();
    const client = await world.clientThatSends(post('Content-Length: 10', 'half'));
    const taken = await world.exchange(1);
    taken.exchange.resumeRequest();
    await eventually('the piece', () => taken.body === 'half');
    client[leave]();
    await eventually('the news', () => taken.isClientGone);
    expect(taken.isReceived).toBe(false);
  });
});

describe('a client that expects 100 Continue', () => {
  const expecting = post('Content-Length: 2\r\nExpect: 100-continue');

  it('is told to continue when the body is wanted, once, and not before', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(expecting);
    const { exchange } = await world.exchange(1);
    expect(client.text).toBe('');
    exchange.resumeRequest();
    exchange.pauseRequest();
    exchange.resumeRequest();
    expect(await client.received('\r\n\r\n')).toBe('HTTP/1.1 100 Continue\r\n\r\n');
  });

  it('is told nothing more where the body is there already', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(`${expecting}hi`);
    const taken = await world.exchange(1);
    taken.exchange.resumeRequest();
    await eventually('the body', () => taken.isReceived);
    taken.answer('done');
    expect(await client.received('done')).not.toContain('100');
  });

  it('is spared its body by a final answer', async () => {
    const world = await openWorld();
    const client = await world.clientThatSends(expecting);
    (await world.exchange(1)).answer('no', 413);
    expect(await client.ended()).toMatch(/^HTTP\/1\.1 413 /);
  });
});
