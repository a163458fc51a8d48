import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { constants } from 'node:http2';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  END_HEADERS,
  END_STREAM,
  fields,
  frame,
  numbers,
  PREFACE,
} from '../../packages/proxy/src/testing/http2-frames.ts';
import { authorityPem, certificateFiles } from '../../packages/proxy/src/testing/tls/certificates.ts';
import { curl, hasCurl } from '../support/curl.ts';
import { fieldValues, readEcho } from '../support/echo.ts';
import { H2cEndpoint } from '../support/h2c-endpoint.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { Http2Client, responseOf } from '../support/http2-client.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { visitAll, welcome } from '../support/visitor.ts';

const TLS = { protocol: 'https', server: 'node', tls: { certificates: [certificateFiles('shop')] } };

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});
const keep = <Client extends { close(): unknown }>(client: Client): Client => {
  closing.push(() => client.close());
  return client;
};
const http2Client = ({ ports: { port } }: HoldfastNode): Http2Client => keep(new Http2Client(port));
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const addressesOf = (endpoints: readonly H2cEndpoint[]) => endpoints.map(({ address }) => address);

/** What neither HTTP/2 with clients nor with endpoints may change: one app, whichever way requests come and go. */
describe.each([
  { downstream: 'h2', upstream: 'http/1.1' },
  { downstream: 'http/1.1', upstream: 'h2c' },
  { downstream: 'h2', upstream: 'h2c' },
])('$downstream from clients, $upstream to endpoints', ({ downstream, upstream }) => {
  const stage = useStage('file');
  const endpoints: H2cEndpoint[] = [];
  let node: HoldfastNode;
  const client = () => (downstream === 'h2' ? http2Client(node) : stage().client(node));

  beforeAll(async () => {
    if (upstream === 'h2c')
      endpoints.push(await H2cEndpoint.start('shop-1'), await H2cEndpoint.start('shop-2'));
    else await stage().startEndpoints(2);
    const listener = { ...(downstream === 'h2' && TLS), limits: { bodyBytes: 400_000 } };
    node = await stage().startNode({
      listener,
      ...(upstream === 'h2c' && { endpoints: addressesOf(endpoints) }),
    });
    return () => Promise.all(endpoints.splice(0).map((endpoint) => endpoint.close()));
  });

  it('keeps sessions on their endpoints, with one cookie each', async () => {
    const one = client();
    const visitors = await welcome(8, [one]);
    for (let round = 0; round < 5; round++) await visitAll(visitors, [one]);
    expect(visitors.every(({ path, cookiesSet }) => path.length === 1 && cookiesSet === 1)).toBe(true);
    expect(visitors.map(({ path }) => path[0])).toEqual(expect.arrayContaining(['shop-1', 'shop-2']));
  });

  it('serves a request elsewhere that its endpoint breaks off, and moves the session once', async () => {
    const one = client();
    const visitors = await welcome(6, [one]);
    const orphans = visitors.filter(({ path }) => path[0] === 'shop-1');
    await visitAll(visitors, [one], { path: '/reset?only=shop-1' });
    await visitAll(visitors, [one]);
    expect(visitors.flatMap(({ visits }) => visits.filter(({ status }) => status !== 200))).toEqual([]);
    expect(visitors.map(({ path }) => path.join(' > '))).toEqual(
      visitors.map((visitor) => (orphans.includes(visitor) ? 'shop-1 > shop-2' : 'shop-2')),
    );
  });

  it('keeps a hundred requests at once apart', async () => {
    const one = client();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        one.send({
          method: 'POST',
          path: `/echo?${index}`,
          headers: { 'x-nonce': `n${index}` },
          body: `b${index}`,
        }),
      ),
    );
    for (const [index, answer] of answers.entries()) {
      const echo = readEcho(answer);
      expect(echo.target).toBe(`/echo?${index}`);
      expect(fieldValues(echo.headers, 'x-nonce')).toEqual([`n${index}`]);
      expect(echo.bodySha256).toBe(sha256(Buffer.from(`b${index}`)));
    }
  });

  it('passes large bodies both ways', async () => {
    const body = Buffer.alloc(300_000, 'holdfast ');
    for (let count = 0; count < 3; count++) {
      const echo = readEcho(await client().send({ method: 'POST', path: '/echo', body }));
      expect(echo.bodySha256).toBe(sha256(body));
    }
    for (const framing of ['length', 'chunked']) {
      const { body: download } = await client().send({ path: `/bytes?count=5000000&framing=${framing}` });
      expect(download).toHaveLength(5_000_000);
    }
  });

  it('shows a truncated response as one', async () => {
    for (const framing of ['length', 'chunked'])
      await expect(client().send({ path: `/truncate?framing=${framing}` })).rejects.toThrow();
  });

  it.each([
    { name: 'HEAD', request: { method: 'HEAD', path: '/bytes?count=1234' }, status: 200 },
    { name: '204', request: { path: '/respond?status=204' }, status: 204 },
    { name: '304', request: { path: '/respond?status=304' }, status: 304 },
  ])('leaves a response without a body by rule ($name) without one', async ({ request, status }) => {
    expect(await client().send(request)).toMatchObject({ status, body: '' });
  });

  it('passes on trailers and early hints', async () => {
    expect((await client().send({ path: '/trailers' })).trailers).toMatchObject({ 'x-checksum': 'abc' });
    expect((await client().send({ path: '/early-hints' })).interim).toEqual([103]);
  });

  it('refuses a body above the limit with 413', async () => {
    const large = await client().send({ method: 'POST', path: '/echo', body: Buffer.alloc(400_001) });
    expect(large.status).toBe(413);
    expect(large.body).toContain('code: DOWNSTREAM_BODY_TOO_LARGE');
  });

  it('tells the endpoint who asks, for what host, and by which protocol', async () => {
    const { headers } = readEcho(await client().send({ path: '/echo', headers: { 'x-custom': 'kept' } }));
    const proto = downstream === 'h2' ? 'https' : 'http';
    expect(fieldValues(headers, 'x-forwarded-proto')).toEqual([proto]);
    expect(fieldValues(headers, 'x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(fieldValues(headers, 'x-custom')).toEqual(['kept']);
    const host = fieldValues(headers, upstream === 'h2c' ? ':authority' : 'host');
    expect(host).toEqual([downstream === 'h2' ? 'shop.test' : `127.0.0.1:${node.ports.port}`]);
  });
});

describe('a client that speaks HTTP/2', () => {
  const stage = useStage('file');
  let node: HoldfastNode;

  beforeAll(async () => {
    await stage().startEndpoints(1);
    node = await stage().startNode({
      listener: { ...TLS, timeouts: { stall: '500ms' } },
      top: { log: { access: true } },
    });
  });

  it.skipIf(!hasCurl)('chooses it in the handshake, or HTTP/1.1, and is logged with it', async () => {
    const { port } = node.ports;
    const name = ['--resolve', `shop.test:${port}:127.0.0.1`, '-k', `https://shop.test:${port}/`];
    expect((await curl('--http2', ...name)).output).toMatch(/^HTTP\/2 200/);
    expect((await curl('--http1.1', ...name)).output).toMatch(/^HTTP\/1\.1 200/);
    await until('both are logged', () =>
      ['HTTP/2.0', 'HTTP/1.1'].every((proto) => node.accessLog.some((line) => line.proto === proto)),
    );
  });

  it('may send its cookies in crumbs: the endpoint gets one field', async () => {
    const session = http2Client(node).session;
    const stream = session.request([
      ...[':method', 'GET', ':path', '/echo', ':scheme', 'https', ':authority', 'shop.test'],
      ...['cookie', 'a=1', 'cookie', 'b=2', 'cookie', 'c=3'],
    ]);
    const { headers } = readEcho(await responseOf(stream));
    expect(fieldValues(headers, 'cookie')).toEqual(['a=1; b=2; c=3']);
  });

  it('that leaves a request breaks it off at the endpoint, and keeps its others', async () => {
    const client = http2Client(node);
    const stream = client.open({ path: '/hang', headers: { 'x-unique-id': 'left' } });
    const [endpoint] = stage().endpoints;
    await until('it has arrived', () => endpoint?.timesSeen('left') === 1);
    stream.close(constants.NGHTTP2_CANCEL);
    await until('it is broken off', () => endpoint?.wasBrokenOff('left') === true);
    expect((await client.send()).status).toBe(200);
  });

  it('that does not read is held back, then let go, while its other requests go on', async () => {
    const client = http2Client(node);
    const stream = client.open({ path: '/bytes?count=50000000' });
    stream.end();
    await once(stream, 'response');
    const [endpoint] = stage().endpoints;
    expect((await client.send()).status).toBe(200);
    expect(await endpoint?.bytesSent()).toBeLessThan(20_000_000);
    await until('it is let go', () => stream.closed);
  });

  it('that stalls within a body is answered with 408, and its endpoint is not left waiting', async () => {
    const client = http2Client(node);
    const stream = client.open({ method: 'POST', path: '/echo', headers: { 'x-unique-id': 'stalled' } });
    stream.write('half');
    expect((await responseOf(stream)).status).toBe(408);
    const [endpoint] = stage().endpoints;
    await until('it is broken off', () => endpoint?.wasBrokenOff('stalled') === true);
  });

  it.each([
    ['a host beside another authority', { host: 'evil.test' }, 400],
    ['fields that are too large', { 'x-large': 'x'.repeat(17_000) }, 431],
    ['a target that is too long', { ':path': `/${'p'.repeat(9_000)}` }, 414],
    ['a method that opens tunnels elsewhere', { ':method': 'TRACEPATHWITHALONGNAME-AND-MORE' }, 501],
  ])('is refused with %s', async (_, headers, status) => {
    const response = await http2Client(node).send({ headers });
    expect(response.status).toBe(status);
    expect(response.body).toContain('code: DOWNSTREAM_BAD_REQUEST');
  });

  it('L3: that opens and resets requests on and on is disconnected', async () => {
    const socket = await rawHttp2(node);
    const block = fields(':method', 'GET', ':scheme', 'https', ':path', '/', ':authority', 'shop.test');
    let stream = 1;
    for (; stream < 4_000 && !socket.destroyed; stream += 2) {
      socket.write(
        frame('headers', stream, END_HEADERS | END_STREAM, block) + frame('rstStream', stream, 0, numbers(8)),
        'latin1',
      );
    }
    await until('it is disconnected', () => socket.closed);
    expect((await http2Client(node).send()).status).toBe(200);
  });

  it('L3: may have a hundred requests open, and no more', async () => {
    const client = http2Client(node);
    await client.send();
    expect(client.session.remoteSettings.maxConcurrentStreams).toBe(100);
  });

  it('L3: that floods with fields without end is disconnected', async () => {
    const socket = await rawHttp2(node);
    socket.write(frame('headers', 1, 0, fields(':method', 'GET')), 'latin1');
    const flood = fields('x-flood', 'f'.repeat(10_000));
    for (let count = 0; count < 50 && !socket.destroyed; count++)
      socket.write(frame('continuation', 1, 0, flood), 'latin1');
    await until('it is disconnected', () => socket.closed);
    expect((await http2Client(node).send()).status).toBe(200);
  });

  it('that breaks the rules of the connection ends nothing but its own', async () => {
    for (const garbage of ['GET / HTTP/1.1\r\n\r\n', `${PREFACE}\xff\xff\xff`.repeat(100)]) {
      const socket = await rawHttp2(node, garbage);
      await until('it is disconnected', () => socket.closed);
    }
    expect((await http2Client(node).send()).status).toBe(200);
  });
});

describe('a node that speaks HTTP/2 and shuts down', () => {
  const stage = useStage();

  it('finishes what is in flight, and sends clients away by GOAWAY', async () => {
    await stage().startEndpoints(1);
    const node = await stage().startNode({
      listener: TLS,
      top: { shutdown: { delay: '300ms', deadline: '5s' } },
    });
    const client = http2Client(node);
    const slow = client.send({ path: '/slow?ms=1000', headers: { 'x-unique-id': 'slow' } });
    await until('it has arrived', () => stage().endpoints[0]?.timesSeen('slow') === 1);
    const ended = node.end();
    await until('the client is sent away', () => client.dismissed === 0);
    expect((await slow).body).toBe('slow\n');
    expect((await ended).code).toBe(0);
  });
});

describe('an h2c endpoint', () => {
  const stage = useStage();
  const start = async (id: string): Promise<H2cEndpoint> => keep(await H2cEndpoint.start(id));

  it('passes its health checks over HTTP/2, and fails them when it is gone', async () => {
    const endpoints = [await start('shop-1'), await start('shop-2')];
    const healthCheck = { path: '/healthz', interval: '50ms', healthyAfter: 1, unhealthyAfter: 1 };
    const node = await stage().startNode({ endpoints: addressesOf(endpoints), pool: { healthCheck } });
    await endpoints[0]?.close();
    await until('it is down', async () => (await node.standingOf('shop-1')) === 'down');
    expect(await node.standingOf('shop-2')).toBe('serving');
  });

  it('that dies gives its sessions to another, once', async () => {
    const endpoints = [await start('shop-1'), await start('shop-2')];
    const node = await stage().startNode({ endpoints: addressesOf(endpoints) });
    const client = stage().client(node);
    const visitors = await welcome(8, [client]);
    await endpoints[0]?.close();
    for (let round = 0; round < 3; round++) await visitAll(visitors, [client]);
    expect(visitors.flatMap(({ visits }) => visits.filter(({ status }) => status !== 200))).toEqual([]);
    expect(visitors.every(({ path }) => path.at(-1) === 'shop-2' && path.length <= 2)).toBe(true);
  });

  it('gets no WebSocket: the client is told, and nothing is held against the endpoint', async () => {
    const endpoint = await start('shop-1');
    const node = await stage().startNode({ endpoints: [endpoint.address] });
    for (let count = 0; count < 5; count++) {
      const connection = await RawConnection.open(node.ports.port);
      connection.send(['GET / HTTP/1.1', 'Host: h', 'Connection: upgrade', 'Upgrade: websocket']);
      await connection.untilReceived(/^HTTP\/1\.1 501 [\s\S]*UPSTREAM_NO_UPGRADE/);
      connection.close();
    }
    expect(endpoint.sessions.size).toBe(0);
    expect((await stage().client(node).send()).status).toBe(200);
  });

  it('answers gRPC calls: pieces at once, both ways, with the outcome in trailers or in the only head', async () => {
    const endpoint = await start('shop-1');
    const node = await stage().startNode({ endpoints: [endpoint.address], listener: TLS });
    const client = http2Client(node);
    const headers = { 'content-type': 'application/grpc', te: 'trailers' };
    const call = client.open({ method: 'POST', path: '/grpc', headers });
    const answered = responseOf(call);
    let echoed = '';
    call.on('data', (chunk: Buffer) => {
      echoed += chunk.toString();
    });
    for (const message of ['one,', 'two,', 'three']) {
      const expected = echoed + message;
      call.write(message);
      await until('it comes back before the next is sent', () => echoed === expected);
    }
    call.end();
    expect((await answered).trailers).toMatchObject({ 'grpc-status': '0', 'grpc-message': 'fine' });
    const failing = client.open({ method: 'POST', path: '/grpc?fail', headers });
    let isAllInHead = false;
    failing.once('response', (_fields, flags) => {
      isAllInHead = (flags & END_STREAM) !== 0;
    });
    const failed = responseOf(failing);
    failing.end('x');
    expect((await failed).headers['grpc-status']).toBe('5');
    expect(isAllInHead).toBe(true);
  });
});

/** A TLS connection to a node on which HTTP/2 was chosen, and every byte is the test's. */
async function rawHttp2(
  { ports: { port } }: HoldfastNode,
  opening = PREFACE + frame('settings', 0),
): Promise<TLSSocket> {
  const socket = connectTls({
    port,
    host: '127.0.0.1',
    servername: 'shop.test',
    ca: authorityPem(),
    ALPNProtocols: ['h2'],
  });
  socket.on('error', () => {});
  socket.resume();
  closing.push(() => socket.destroy());
  await new Promise((resolve) => socket.once('secureConnect', resolve));
  socket.write(opening, 'latin1');
  return socket;
}
