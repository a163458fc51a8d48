import { createHash } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { fieldNames, readEcho } from '../support/echo.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { rawRequest } from '../support/raw-request.ts';
import { useStage } from '../support/stage.ts';

describe('a forwarded message', () => {
  const stage = useStage('file');
  let node: HoldfastNode;
  let client: HttpClient;

  beforeAll(async () => {
    await stage().startEndpoints(1);
    node = await stage().startNode();
    client = stage().client(node, 1);
  });

  it('keeps method, target and body', async () => {
    const body = Buffer.alloc(300_000, 'holdfast ');
    const target = "/echo?a=%2F..%2f&b=%E2%82%AC&c='~!*()&d";
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
      const echo = readEcho(await client.send({ method, path: target, body }));
      expect(echo).toMatchObject({ method, target, bodyLength: body.length });
      expect(echo.bodySha256).toBe(createHash('sha256').update(body).digest('hex'));
    }
  });

  it('42: in chunks is framed anew, without its extensions', async () => {
    const head = [
      'POST /echo HTTP/1.1',
      'Host: shop.test',
      'Transfer-Encoding: chunked',
      'Connection: close',
    ];
    const echo = readEcho(
      await rawRequest(node.ports.port, head, '4;ext=1\r\nWiki\r\n5\r\npedia\r\n0\r\n\r\n'),
    );
    expect(echo.bodySha256).toBe(createHash('sha256').update('Wikipedia').digest('hex'));
  });

  it('without a body has none at the endpoint, not even an empty one', async () => {
    const names = fieldNames(readEcho(await client.send({ path: '/echo' })).headers);
    expect(names.filter((name) => name === 'content-length' || name === 'transfer-encoding')).toEqual([]);
  });

  it.each([
    { name: 'HEAD', request: { method: 'HEAD', path: '/bytes?count=1234' }, status: 200, length: '1234' },
    { name: '204', request: { path: '/respond?status=204' }, status: 204, length: undefined },
    { name: '304', request: { path: '/respond?status=304&header=ETag:abc' }, status: 304, length: undefined },
  ])(
    '25: that has no body by rule ($name) is complete, and its connection serves the next',
    async ({ request, status, length }) => {
      const response = await client.send(request);
      expect(response).toMatchObject({ status, body: '' });
      expect(response.headers['content-length']).toBe(length);
      expect(await client.send()).toMatchObject({ status: 200, body: 'ok\n' });
    },
  );

  it('25: brings its trailers to a client that takes them (RFC 9110 section 6.5.1)', async () => {
    const taken = await client.send({ path: '/trailers', headers: { te: 'trailers' } });
    expect(taken).toMatchObject({ body: 'body\n', trailers: { 'x-checksum': 'abc' } });
    const untold = await client.send({ path: '/trailers' });
    expect(untold).toMatchObject({ body: 'body\n', trailers: {} });
  });

  it('25: is preceded by early hints', async () => {
    const { interim, body } = await client.send({ path: '/early-hints' });
    expect({ interim, body }).toEqual({ interim: [103], body: 'hinted\n' });
  });

  it('S3: may be answered before it is complete', async () => {
    const connection = await RawConnection.open(node.ports.port);
    connection.send(['POST /early HTTP/1.1', 'Host: shop.test', 'Content-Length: 1000000'], 'the beginning');
    await connection.untilReceived(/^HTTP\/1\.1 401 [\s\S]*early\n/);
    connection.close();
  });

  it('25: with Expect: 100-continue is waited for, and only it reaches the endpoint', async () => {
    const connection = await RawConnection.open(node.ports.port);
    connection.send([
      'POST /echo HTTP/1.1',
      'Host: shop.test',
      'Content-Length: 4',
      'Expect: 100-continue',
      'Connection: close',
    ]);
    await connection.untilReceived(/^HTTP\/1\.1 100 Continue\r\n\r\n/);
    connection.socket.write('body');
    await connection.untilEnded();
    connection.close();
    const [, head, body] = connection.received.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 200 /);
    const echo = readEcho({ body: body ?? '' });
    expect(echo.bodyLength).toBe(4);
    expect(fieldNames(echo.headers)).not.toContain('expect');
  });

  it('keeps repeated fields apart and in order, with the case of their names', async () => {
    const repeated = ['Set-Cookie: a=1', 'X-MiXed: one', 'X-MiXed: two', 'Set-Cookie: b=2'];
    const raw = ['HTTP/1.1 200 OK', 'Connection: close', 'Content-Length: 0', ...repeated, '', ''].join(
      '\r\n',
    );
    const { fields } = await rawRequest(node.ports.port, [
      `GET /raw?text=${encodeURIComponent(raw)} HTTP/1.1`,
      'Host: shop.test',
      'Connection: close',
    ]);
    const ours = /^Set-Cookie: _srv_id=/;
    const kept = fields.filter((field) => /^(?:Set-Cookie|X-MiXed):/.test(field) && !ours.test(field));
    expect(kept).toEqual(repeated);
  });
});
