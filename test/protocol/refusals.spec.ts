import { describe, expect, it } from 'vitest';
import { RawConnection } from '../support/raw-connection.ts';
import { rawRequest } from '../support/raw-request.ts';
import { useStage } from '../support/stage.ts';

describe('a request that is refused', () => {
  const stage = useStage();

  it('L1: for the length of its body is 413, whether or not the length was announced', async () => {
    await stage().startEndpoints(1);
    const node = await stage().startNode({ listener: { limits: { bodyBytes: 1_000 } } });
    const client = stage().client(node);
    const headers = { 'x-unique-id': 'large' };
    expect(await client.send({ method: 'POST', path: '/echo', body: 'x'.repeat(1_000) })).toMatchObject({
      status: 200,
    });
    const declared = await client.send({ method: 'POST', path: '/echo', headers, body: 'x'.repeat(1_001) });
    expect(declared.status).toBe(413);
    expect(declared.body).toContain('code: DOWNSTREAM_BODY_TOO_LARGE');
    expect(stage().endpoints[0]?.timesSeen('large')).toBe(0);

    const connection = await RawConnection.open(node.ports.port);
    connection.send(['POST /echo HTTP/1.1', 'Host: shop.test', 'Transfer-Encoding: chunked']);
    for (let sent = 0; sent < 3; sent++) connection.socket.write(`200\r\n${'x'.repeat(512)}\r\n`);
    await connection.untilReceived(/^HTTP\/1\.1 413 /);
    connection.close();
    expect((await node.status()).pools[0]?.endpoints[0]).toMatchObject({ outlier: 'trusted', inFlight: 0 });
  });

  it.each([
    {
      name: 'two lengths',
      head: ['GET / HTTP/1.1', 'Host: a', 'Content-Length: 1', 'Content-Length: 2'],
      status: 400,
    },
    { name: 'no Host', head: ['GET / HTTP/1.1', 'Accept: */*'], status: 400 },
    {
      name: 'header fields of 20 KiB',
      head: ['GET / HTTP/1.1', 'Host: a', `X: ${'x'.repeat(20_480)}`],
      status: 431,
    },
    { name: 'a target of 10 KiB', head: [`GET /${'x'.repeat(10_240)} HTTP/1.1`, 'Host: a'], status: 414 },
    { name: 'HTTP/2.0', head: ['GET / HTTP/2.0', 'Host: a'], status: 505 },
  ])(
    'S1, S4, L1: for its head ($name) has a code, an id, and a closed connection',
    async ({ head, status }) => {
      await stage().startEndpoints(1);
      const node = await stage().startNode();
      const response = await rawRequest(node.ports.port, [...head, 'X-Unique-Id: refused']);
      expect(response.status).toBe(status);
      expect(response.fields).toContainEqual('Connection: close');
      const id = response.fields.find((field) => field.startsWith('X-Request-Id: '))?.slice(14);
      expect(response.body).toContain(`code: DOWNSTREAM_BAD_REQUEST\nrequest: ${id}\n`);
      expect(stage().endpoints[0]?.timesSeen('refused')).toBe(0);
    },
  );

  it('for want of a route is 404, with its code', async () => {
    await stage().startEndpoints(1);
    const routes = [{ match: { host: 'shop.test', path: '/api' }, pool: 'shop' }];
    const node = await stage().startNode({ listener: { pool: undefined, routes } });
    const client = stage().client(node);
    expect(await client.send({ path: '/api/x', headers: { host: 'SHOP.test:80' } })).toMatchObject({
      status: 200,
    });
    for (const [host, path] of [
      ['shop.test', '/apis'],
      ['other.test', '/api'],
      ['shop.test', '/'],
    ] as const) {
      const response = await client.send({ path, headers: { host } });
      expect(response.status, `${host}${path}`).toBe(404);
      expect(response.body).toContain('code: DOWNSTREAM_NO_ROUTE');
    }
  });
});
