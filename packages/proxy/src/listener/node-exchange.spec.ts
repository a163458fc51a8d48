import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventually } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import type { RequestHead } from '../exchange/exchange.ts';
import { Peer } from '../exchange/peer.ts';
import { TestSocket } from '../testing/test-socket.ts';
import { TakenExchange } from '../testing/wire-world.ts';
import { NodeExchange } from './node-exchange.ts';
import { readHttp1Head } from './node-http1-head.ts';

const servers: Server[] = [];
const clients: TestSocket[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

const exchangeOf = (
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  isLeaving: boolean,
): NodeExchange => {
  const head = readHttp1Head(incoming) as RequestHead;
  if (!isLeaving) return new NodeExchange(incoming, outgoing, head);
  return new NodeExchange(incoming, outgoing, head, { peer: new Peer('10.0.0.1', 80, false), isLeaving });
};

/** Node's own server, whose requests the test takes over as exchanges. */
async function setUp(isLeaving = false) {
  const taken: TakenExchange[] = [];
  const server = createServer((incoming, outgoing) =>
    taken.push(new TakenExchange(exchangeOf(incoming, outgoing, isLeaving))),
  );
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const clientThatSends = async (text: string): Promise<TestSocket> => {
    const client = await TestSocket.connect(port);
    clients.push(client);
    client.send(text);
    return client;
  };
  const exchange = async (number: number): Promise<TakenExchange> => {
    await eventually(`request ${number}`, () => taken.length >= number);
    return taken[number - 1] as TakenExchange;
  };
  return { clientThatSends, exchange };
}

const GET = 'GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n';
const post = (framing: string, body: string): string =>
  `POST / HTTP/1.1\r\nHost: h\r\n${framing}\r\n\r\n${body}`;
const ok = (contentLength: number, status = 200) => ({
  status,
  reason: 'OK',
  lines: 'X-One: 1\r\n',
  contentLength,
});

describe("an exchange on Node's server", () => {
  it('is the request as the codec reads it', async () => {
    const { clientThatSends, exchange } = await setUp();
    await clientThatSends('GET /a?b HTTP/1.1\r\nHost: h\r\nx-Latin: caf\xe9\r\n\r\n');
    const { exchange: taken } = await exchange(1);
    expect(taken.request).toMatchObject({ method: 'GET', target: '/a?b', path: '/a', host: 'h' });
    expect(taken.request.fields.toList()).toEqual(['Host', 'h', 'x-Latin', 'caf\xe9']);
    expect(taken.peer).toMatchObject({ address: '127.0.0.1', isTls: false });
    expect(taken.hasBody).toBe(false);
  });

  it.each([
    ['Content-Length: 5', 'hello'],
    ['Transfer-Encoding: chunked', '2\r\nhe\r\n3\r\nllo\r\n0\r\nX-Sum: 5\r\n\r\n'],
  ])('brings the body when it is wanted: %s', async (framing, body) => {
    const { clientThatSends, exchange } = await setUp();
    await clientThatSends(post(framing, body));
    const taken = await exchange(1);
    expect([taken.exchange.hasBody, taken.pieces]).toEqual([true, 0]);
    taken.exchange.resumeRequest();
    taken.exchange.pauseRequest();
    taken.exchange.resumeRequest();
    await eventually('the end', () => taken.isReceived);
    expect(taken.body).toBe('hello');
    if (framing.startsWith('T')) expect(taken.trailers).toEqual(['X-Sum', '5']);
  });

  it.each([
    ['of known length', ok(5), 'Content-Length: 5\r\n', 'hello'],
    ['of unknown length', ok(-1), 'Transfer-Encoding: chunked\r\n', '5\r\nhello\r\n0\r\n\r\n'],
  ])('sends a response %s', async (_, head, framing, body) => {
    const { clientThatSends, exchange } = await setUp();
    const client = await clientThatSends(GET);
    const { exchange: taken } = await exchange(1);
    taken.respond(head);
    taken.write(Buffer.from('hello'));
    expect(taken.flush()).toBe(true);
    taken.end([]);
    const text = await client.received(body);
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\nX-One: 1\r\n/);
    expect(text).toContain(framing);
  });

  it('sends what it was given, though the buffer is overwritten at once', async () => {
    const { clientThatSends, exchange } = await setUp();
    const client = await clientThatSends(GET);
    const { exchange: taken } = await exchange(1);
    taken.respond(ok(5));
    const piece = Buffer.from('hello');
    taken.write(piece);
    piece.fill('!');
    taken.end([]);
    await client.received('hello');
  });

  it('sends early hints and trailers', async () => {
    const { clientThatSends, exchange } = await setUp();
    const client = await clientThatSends(GET);
    const { exchange: taken } = await exchange(1);
    taken.inform(103, 'Early Hints', 'Link: </a.css>; rel=preload\r\n');
    taken.respond({ ...ok(-1), lines: 'Trailer: X-Sum\r\n' });
    taken.end(['X-Sum', '0']);
    const text = await client.received('X-Sum: 0\r\n');
    expect(text).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>; rel=preload\r\n\r\nHTTP\/1\.1 200 OK/,
    );
  });

  it('asks the client to come back on another connection where the listener is leaving', async () => {
    const { clientThatSends, exchange } = await setUp(true);
    const client = await clientThatSends(GET);
    (await exchange(1)).answer('done');
    expect(await client.ended()).toMatch(/connection: close/i);
  });

  it('closes a connection on which a body is left that nobody read, and says so', async () => {
    const { clientThatSends, exchange } = await setUp();
    const client = await clientThatSends(post('Content-Length: 5', 'he'));
    (await exchange(1)).answer('no', 413);
    expect(await client.ended()).toMatch(/connection: close/i);
  });

  it('tells of a client that leaves before its answer is complete, and not of one that leaves after', async () => {
    const { clientThatSends, exchange } = await setUp();
    const impatient = await clientThatSends(GET);
    const first = await exchange(1);
    impatient.reset();
    await eventually('the news', () => first.isClientGone);
    const patient = await clientThatSends(GET);
    const second = await exchange(2);
    second.answer('done');
    await patient.received('done');
    patient.destroy();
    const third = await clientThatSends(GET);
    (await exchange(3)).answer('again');
    await third.received('again');
    expect(second.isClientGone).toBe(false);
  });

  it('tells nothing more once it is answered: neither of the rest of the body nor of the client', async () => {
    const { clientThatSends, exchange } = await setUp();
    const client = await clientThatSends(post('Content-Length: 5', 'he'));
    const taken = await exchange(1);
    taken.exchange.resumeRequest();
    await eventually('the first piece', () => taken.body === 'he');
    taken.answer('enough');
    client.send('llo');
    await client.ended();
    expect([taken.body, taken.isReceived, taken.isClientGone]).toEqual(['he', false, false]);
  });

  it('breaks off so that the client can tell', async () => {
    const { clientThatSends, exchange } = await setUp();
    const client = await clientThatSends(GET);
    const { exchange: taken } = await exchange(1);
    taken.respond(ok(-1));
    taken.write(Buffer.from('half'));
    await client.received('half');
    taken.abort();
    expect(await client.ended()).not.toContain('0\r\n\r\n');
  });

  it('holds back while the client does not read', async () => {
    const { clientThatSends, exchange } = await setUp();
    const client = await clientThatSends(GET);
    const taken = await exchange(1);
    client.pause();
    taken.exchange.respond(ok(-1));
    taken.exchange.write(Buffer.alloc(32 * 1024 * 1024));
    expect(taken.exchange.flush()).toBe(false);
    client.resume();
    await eventually('the drain', () => taken.drains > 0);
    expect(taken.exchange.flush()).toBe(true);
  });
});
