import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { readEcho } from '../support/echo.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { rawRequest } from '../support/raw-request.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { visitAll, welcome } from '../support/visitor.ts';

/** What a server must not change: one app, whichever server a listener is on. */
describe.each(['wire', 'node'])('a listener on server %s', (server) => {
  const stage = useStage('file');
  let node: HoldfastNode;
  let client: HttpClient;

  beforeAll(async () => {
    await stage().startEndpoints(2);
    node = await stage().startNode({ listener: { server, limits: { bodyBytes: 400_000 } } });
    client = stage().client(node);
  });

  it('keeps sessions on their endpoints, with one cookie each', async () => {
    const visitors = await welcome(8, [client]);
    for (let round = 0; round < 5; round++) await visitAll(visitors, [client]);
    expect(visitors.every(({ path, cookiesSet }) => path.length === 1 && cookiesSet === 1)).toBe(true);
    expect(visitors.map(({ path }) => path[0])).toEqual(expect.arrayContaining(['shop-1', 'shop-2']));
  });

  it('serves a request elsewhere that its endpoint breaks off, and moves the session once', async () => {
    const visitors = await welcome(6, [client]);
    const orphans = visitors.filter(({ path }) => path[0] === 'shop-1');
    expect(orphans.length).toBeGreaterThan(0);
    await visitAll(visitors, [client], { path: '/reset?only=shop-1' });
    await visitAll(visitors, [client]);
    expect(visitors.flatMap(({ visits }) => visits.filter(({ status }) => status !== 200))).toEqual([]);
    expect(visitors.map(({ path }) => path.join(' > '))).toEqual(
      visitors.map((visitor) => (orphans.includes(visitor) ? 'shop-1 > shop-2' : 'shop-2')),
    );
  });

  it('forwards a body of announced length, and one in chunks', async () => {
    const body = Buffer.alloc(300_000, 'holdfast ');
    for (let count = 0; count < 3; count++) {
      const echo = readEcho(await client.send({ method: 'POST', path: '/echo', body }));
      expect(echo.bodySha256).toBe(createHash('sha256').update(body).digest('hex'));
    }
    const head = ['POST /echo HTTP/1.1', 'Host: h', 'Transfer-Encoding: chunked', 'Connection: close'];
    const chunks = '4\r\nWiki\r\n5\r\npedia\r\n0\r\nX-Sum: 9\r\n\r\n';
    const { body: answer } = await rawRequest(node.ports.port, head, chunks);
    expect(answer).toContain(createHash('sha256').update('Wikipedia').digest('hex'));
    expect(readEcho(await client.send({ method: 'POST', path: '/echo', body: '' })).bodyLength).toBe(0);
  });

  it.each(['length', 'chunked'])('streams a response of 20 MB (%s)', async (framing) => {
    const { body } = await client.send({ path: `/bytes?count=20000000&framing=${framing}` });
    expect(body).toHaveLength(20_000_000);
  });

  it('passes on what has come before the rest is there', async () => {
    const connection = await RawConnection.open(node.ports.port);
    connection.send(['GET /stall HTTP/1.1', 'Host: shop.test', 'X-Unique-Id: stall']);
    await until('half of it has come', () => connection.received.length > 64 * 1024);
    connection.close();
    await until('the endpoint hears that the client has left', () =>
      stage().endpoints.some((endpoint) => endpoint.wasBrokenOff('stall')),
    );
  });

  it('shows a truncated response as one', async () => {
    for (const framing of ['length', 'chunked']) {
      await expect(client.send({ path: `/truncate?framing=${framing}` })).rejects.toThrow();
    }
  });

  it.each([
    { name: 'HEAD', request: { method: 'HEAD', path: '/bytes?count=1234' }, status: 200, length: '1234' },
    { name: '204', request: { path: '/respond?status=204' }, status: 204, length: undefined },
    { name: '304', request: { path: '/respond?status=304' }, status: 304, length: undefined },
  ])('leaves a response without a body by rule ($name) without one', async ({ request, status, length }) => {
    const response = await client.send(request);
    expect(response).toMatchObject({ status, body: '' });
    expect(response.headers['content-length']).toBe(length);
  });

  it('passes on trailers and early hints', async () => {
    expect((await client.send({ path: '/trailers' })).trailers).toEqual({ 'x-checksum': 'abc' });
    expect((await client.send({ path: '/early-hints' })).interim).toEqual([103]);
  });

  it('keeps repeated fields apart and in order, and the case of their names', async () => {
    const query = 'header=X-Twice:1&header=X-Twice:2&header=Set-Cookie:a=1&header=Set-Cookie:b=2';
    const head = [`GET /respond?${query} HTTP/1.1`, 'Host: shop.test', 'Connection: close'];
    const { fields } = await rawRequest(node.ports.port, head);
    const own = fields.filter((field) => /^(?:x-twice|set-cookie: [ab]=)/i.test(field));
    expect(own).toEqual(['X-Twice: 1', 'X-Twice: 2', 'Set-Cookie: a=1', 'Set-Cookie: b=2']);
  });

  it('refuses a body above the limit with 413, announced or not', async () => {
    const announced = await client.send({ method: 'POST', path: '/echo', body: Buffer.alloc(400_001) });
    expect(announced.status).toBe(413);
    expect(announced.body).toContain('code: DOWNSTREAM_BODY_TOO_LARGE');
    const connection = await RawConnection.open(node.ports.port);
    connection.send(['POST /echo HTTP/1.1', 'Host: shop.test', 'Transfer-Encoding: chunked']);
    connection.socket.write(`61a81\r\n${'x'.repeat(400_001)}\r\n`);
    await connection.untilReceived(/^HTTP\/1\.1 413 /);
    connection.close();
  });

  it.each([
    { name: 'two lengths', head: ['GET / HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Content-Length: 2'] },
    { name: 'a host that is none', head: ['GET / HTTP/1.1', 'Host: a b'] },
  ])('refuses a malformed head ($name) with 400', async ({ head }) => {
    const response = await rawRequest(node.ports.port, [...head, 'Connection: close']);
    expect(response.status).toBe(400);
  });
});
