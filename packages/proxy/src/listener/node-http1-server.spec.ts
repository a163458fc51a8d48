import { createServer, type Server, type Socket } from 'node:net';
import { systemClock } from '@holdfast/shared';
import { eventually } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { Exchange } from '../exchange/exchange.ts';
import { Peer } from '../exchange/peer.ts';
import { TestSocket } from '../testing/test-socket.ts';
import { listenerConfig, TakenExchange } from '../testing/wire-world.ts';
import type { Refusal } from '../wire/refusal.ts';
import type { Http1Host } from './node-http1-connection.ts';
import { NodeHttp1Server } from './node-http1-server.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Hands every request to the test, and keeps what was refused. */
class TestHost implements Http1Host {
  isLeaving = false;
  readonly taken: TakenExchange[] = [];
  readonly refusals: Refusal[] = [];
  readonly peers: Peer[] = [];
  fault: 'before the response' | 'after its head' | undefined;

  handle(exchange: Exchange): void {
    this.taken.push(new TakenExchange(exchange));
    if (this.fault === undefined) return;
    if (this.fault === 'after its head') {
      exchange.respond({ status: 200, reason: 'OK', lines: '', contentLength: 5 });
      exchange.flush();
    }
    throw new TypeError('a defect');
  }

  refused(refusal: Refusal, peer: Peer): string {
    this.refusals.push(refusal);
    this.peers.push(peer);
    return 'refused-1';
  }

  get targets(): readonly string[] {
    return this.taken.map(({ target }) => target);
  }
}

/** The server, given connections that come in on a real socket. */
async function setUp() {
  const host = new TestHost();
  const peer = new Peer('10.0.0.1', 80, false);
  const { timeouts } = listenerConfig();
  const server = new NodeHttp1Server(timeouts, host, systemClock);
  const sockets: Socket[] = [];
  const entrance = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    server.serve(socket, peer);
  });
  const port = await listening(entrance);
  const clientThatSends = async (text: string): Promise<TestSocket> => {
    const client = await TestSocket.connect(port);
    closers.push(() => client.destroy());
    client.send(text);
    return client;
  };
  const exchange = async (number: number): Promise<TakenExchange> => {
    await eventually(`request ${number}`, () => host.taken.length >= number);
    return host.taken[number - 1] as TakenExchange;
  };
  closers.push(() => server.ended());
  return { host, peer, server, sockets, timeouts, clientThatSends, exchange };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

const get = (target: string, ...lines: readonly string[]): string =>
  `GET ${target} HTTP/1.1\r\n${['Host: h', ...lines].join('\r\n')}\r\n\r\n`;

/** Heads that Node lets pass, or of which others have made a URL before, and the codec does not. */
const UNLAWFUL: readonly (readonly [string, string])[] = [
  ['a length with a zero in front', 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 05\r\n\r\nhello'],
  [
    'a coding around chunks',
    'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  ],
  ['a host with a space', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'],
  ['a host with user information', 'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n'],
  ['a port that is none', 'GET / HTTP/1.1\r\nHost: a:99999\r\n\r\n'],
  ['a target that is none', 'GET * HTTP/1.1\r\nHost: h\r\n\r\n'],
  ['a target with a port that is none', 'GET http://a:x/ HTTP/1.1\r\nHost: h\r\n\r\n'],
];

describe("Node's HTTP/1.1 server", () => {
  it('hands over each request, and knows whose it is', async () => {
    const { host, peer, clientThatSends, exchange } = await setUp();
    const client = await clientThatSends(get('/a?b'));
    const taken = await exchange(1);
    expect(taken.exchange.peer).toBe(peer);
    taken.answer('done');
    await client.received('done');
    expect(host.targets).toEqual(['/a?b']);
  });

  it.each([
    ['OPTIONS * HTTP/1.1', 'h', '*'],
    ['GET http://a/b HTTP/1.1', 'h', '/b'],
    ['GET /%2e%2E/\\x HTTP/1.1', 'h', '/%2e%2E/\\x'],
    ['GET / HTTP/1.1', '1.2.3', '/'],
    ['GET / HTTP/1.1', 'shop_1.test:8080', '/'],
  ])('leaves it to the codec what is lawful: %s for %s', async (line, name, target) => {
    const { clientThatSends, exchange } = await setUp();
    await clientThatSends(`${line}\r\nHost: ${name}\r\n\r\n`);
    expect((await exchange(1)).target).toBe(target);
  });

  it.each(UNLAWFUL)(
    'refuses %s: says why, tells of it, closes, and serves nothing behind it',
    async (_, text) => {
      const { host, peer, clientThatSends } = await setUp();
      const client = await clientThatSends(text + get('/smuggled') + get('/smuggled'));
      const answer = await client.ended();
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
      expect(answer).toMatch(/\r\nConnection: close\r\n/);
      expect(answer).toContain('X-Request-Id: refused-1\r\n');
      expect(answer).toContain('\ncode: DOWNSTREAM_BAD_REQUEST\nrequest: refused-1\n');
      expect(answer.match(/HTTP\/1\.1 \d/g)).toHaveLength(1);
      expect(host.refusals).toMatchObject([{ status: 400, code: 'DOWNSTREAM_BAD_REQUEST' }]);
      expect(host.peers).toEqual([peer]);
      expect(host.targets).toEqual([]);
    },
  );

  it('answers what came before a request that it refuses, and nothing after it', async () => {
    const { host, clientThatSends, exchange } = await setUp();
    const unlawful = 'POST /bad HTTP/1.1\r\nHost: h\r\nContent-Length: 05\r\n\r\nhello';
    const client = await clientThatSends(get('/first') + unlawful + get('/smuggled'));
    const first = await exchange(1);
    expect(host.refusals).toEqual([]);
    first.answer('first');
    const answer = await client.ended();
    expect(answer.match(/HTTP\/1\.1 \d{3}/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 400']);
    expect(host.targets).toEqual(['/first']);
  });

  it('has one request answered before it takes the next', async () => {
    const { host, clientThatSends, exchange } = await setUp();
    const client = await clientThatSends(get('/1') + get('/2') + get('/3'));
    for (const number of [1, 2, 3]) {
      const taken = await exchange(number);
      expect(host.targets).toHaveLength(number);
      taken.answer(`answer ${number}`);
      await client.received(`answer ${number}`);
    }
  });

  it('reads nothing more while many requests wait, and loses none of them', async () => {
    const { sockets, clientThatSends, exchange } = await setUp();
    const client = await clientThatSends(get('/').repeat(40));
    await eventually('the client is held back', () => sockets[0]?.isPaused() === true);
    client.send(get('/last'));
    for (let number = 1; number <= 40; number++) (await exchange(number)).answer();
    const last = await exchange(41);
    last.answer('last');
    await client.received('last');
    expect([last.target, sockets[0]?.isPaused()]).toEqual(['/last', false]);
  });

  it('takes no request behind one whose answer ends the connection', async () => {
    const { host, clientThatSends, exchange } = await setUp();
    const client = await clientThatSends(get('/1') + get('/2'));
    const taken = await exchange(1);
    host.isLeaving = true;
    taken.answer('done');
    expect(await client.ended()).toMatch(/connection: close/i);
    expect(host.targets).toEqual(['/1']);
  });

  it('takes no request behind a body that was not wanted', async () => {
    const { host, clientThatSends, exchange } = await setUp();
    const client = await clientThatSends('POST /1 HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\n');
    (await exchange(1)).answer('no', 413);
    client.send(`some body${get('/2')}`);
    expect(await client.ended()).toMatch(/connection: close/i);
    expect(host.targets).toEqual(['/1']);
  });

  it('takes no request of a client that is gone by its turn', async () => {
    const { host, clientThatSends, exchange } = await setUp();
    const client = await clientThatSends(get('/1') + get('/2'));
    const taken = await exchange(1);
    client.reset();
    await eventually('the news', () => taken.isClientGone);
    const next = await clientThatSends(get('/3'));
    (await exchange(2)).answer('three');
    await next.received('three');
    expect(host.targets).toEqual(['/1', '/3']);
  });

  it.each([
    ['answers with the code of a fault, and serves nothing behind it', 'before the response'],
    ['breaks off a response that has begun', 'after its head'],
  ] as const)('%s', async (_, fault) => {
    const { host, clientThatSends } = await setUp();
    host.fault = fault;
    const client = await clientThatSends(get('/1') + get('/2'));
    const answer = await client.ended();
    if (fault === 'before the response') {
      expect(answer).toMatch(/^HTTP\/1\.1 500 .*\r\nConnection: close\r\n.*code: INTERNAL\n/s);
      expect(host.refusals).toMatchObject([{ reason: 'internal' }]);
    } else expect(answer).not.toContain('500');
    expect(host.targets).toEqual(['/1']);
  });

  it('tells the requests that are on its connections of their end at once', async () => {
    const { server, clientThatSends, exchange } = await setUp();
    const client = await clientThatSends(get('/1'));
    (await exchange(1)).answer('done');
    await client.received('done');
    client.send(get('/2'));
    const open = await exchange(2);
    server.ended();
    expect(open.isClientGone).toBe(true);
    expect((await exchange(1)).isClientGone).toBe(false);
  });

  it('ends connections on which nothing is, and only those', async () => {
    const { server, clientThatSends, exchange } = await setUp();
    const idle = await clientThatSends(get('/1'));
    (await exchange(1)).answer('one');
    await idle.received('one');
    const busy = await clientThatSends(get('/2'));
    const taken = await exchange(2);
    server.endIdle();
    await idle.ended();
    taken.answer('two');
    await busy.received('two');
  });

  it('gives connections up whose head does not come, by the time last told', async () => {
    const { server, timeouts, clientThatSends } = await setUp();
    server.reconfigure({ ...timeouts, header: 50 });
    const client = await clientThatSends('GET / HTTP/1.1\r\nHo');
    expect(await client.ended()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('takes 100 fields and no more', async () => {
    const { host, clientThatSends, exchange } = await setUp();
    const lines = Array.from({ length: 99 }, (_, index) => `X-${index}: 1`);
    const client = await clientThatSends(get('/all', ...lines));
    (await exchange(1)).answer('done');
    await client.received('done');
    expect(await (await clientThatSends(get('/more', ...lines, 'X-More: 1'))).ended()).toMatch(/ 431 /);
    expect(host.targets).toEqual(['/all']);
  });
});
