import { freePort } from '@holdfast/store/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Child } from '../support/child.ts';
import { readEcho } from '../support/echo.ts';
import { START_DEADLINE_MS, startGuideExample } from '../support/guide-example.ts';
import type { HttpClient } from '../support/http-client.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { rawRequest } from '../support/raw-request.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { Visitor } from '../support/visitor.ts';

describe("the guide's example of an app with an embedded proxy", () => {
  const stage = useStage();
  let app: Child;
  let client: HttpClient;
  let port: number;

  beforeEach(async () => {
    const [one, two] = await stage().startEndpoints(2);
    port = await freePort();
    const ports = { '3001': one?.port ?? 0, '3002': two?.port ?? 0, '8080': port };
    app = await startGuideExample('embedding.md', ports);
    client = stage().client(`http://127.0.0.1:${port}`);
    await until(
      'the app answers',
      async () => {
        if (app.hasExited) throw new Error(app.lines.join('\n'));
        return (await client.send({ path: '/hello' }).catch(() => undefined))?.status === 200;
      },
      START_DEADLINE_MS,
    );
  });

  afterEach(async () => {
    await app.end();
  });

  const untilLogged = (pattern: RegExp): Promise<unknown> =>
    until(`${pattern} is logged`, () => app.lines.some((line) => pattern.test(line)));

  it('keeps sessions on their endpoints, and moves them once where one dies', async () => {
    const visitors = Array.from({ length: 6 }, (_, index) => new Visitor(`visitor ${index}`));
    for (let round = 0; round < 3; round++) for (const visitor of visitors) await visitor.visit(client);
    expect(visitors.every(({ path, cookiesSet }) => path.length === 1 && cookiesSet === 1)).toBe(true);
    expect(new Set(visitors.map(({ path }) => path[0]))).toEqual(new Set(['shop-1', 'shop-2']));

    await stage().endpoints[0]?.kill();
    for (let round = 0; round < 2; round++) for (const visitor of visitors) await visitor.visit(client);
    expect(visitors.flatMap(({ visits }) => visits).every(({ status }) => status === 200)).toBe(true);
    expect(visitors.every(({ path }) => path.at(-1) === 'shop-2' && path.length <= 2)).toBe(true);
  });

  it('answers by itself what is its own, and asks for a password where it says so', async () => {
    expect((await client.send({ path: '/hello' })).body).toBe('answered by the app\n');
    const headers = { 'x-unique-id': 'secret' };
    expect((await client.send({ path: '/admin/echo', headers })).status).toBe(401);
    expect(stage().endpoints.every((endpoint) => endpoint.timesSeen('secret') === 0)).toBe(true);
  });

  it('puts the fields of its middleware on proxied responses, and logs the status that was sent', async () => {
    const headers = { origin: 'https://www.example.com' };
    const theirs = 'Access-Control-Allow-Origin:*';
    const response = await client.send({ path: `/respond?status=418&header=${theirs}`, headers });
    expect(response.status).toBe(418);
    expect(response.headers).toMatchObject({
      'access-control-allow-origin': 'https://www.example.com',
      'access-control-allow-credentials': 'true',
    });
    expect(response.setCookies).toHaveLength(1);
    await untilLogged(/--> GET \/respond.* .*418/);
  });

  it('forwards bodies, streams, trailers, and responses that have no body by rule', async () => {
    const body = Buffer.alloc(300_000, 'holdfast ');
    const echo = readEcho(await client.send({ method: 'POST', path: '/echo', body }));
    expect(echo).toMatchObject({ method: 'POST', target: '/echo', bodyLength: body.length });
    const large = await client.send({ path: '/bytes?count=5000000&framing=chunked' });
    expect(large.body).toHaveLength(5_000_000);
    expect((await client.send({ path: '/trailers' })).trailers).toEqual({ 'x-checksum': 'abc' });
    for (const status of [204, 304]) {
      expect(await client.send({ path: `/respond?status=${status}` })).toMatchObject({ status, body: '' });
    }
    const head = await client.send({ method: 'HEAD', path: '/bytes?count=1234' });
    expect(head).toMatchObject({ status: 200, body: '' });
    expect(head.headers['content-length']).toBe('1234');
  });

  it('refuses a body above its limit, and says so in its log', async () => {
    const body = Buffer.alloc(1_000_001);
    expect((await client.send({ method: 'POST', path: '/echo', body })).status).toBe(413);
    await untilLogged(/--> POST \/echo .*413/);
    expect((await client.send({ path: '/hello' })).status).toBe(200);
  });

  it('refuses what Node lets pass and the proxy does not: two hosts', async () => {
    const head = ['GET / HTTP/1.1', 'Host: a', 'Host: b', 'X-Unique-Id: twice', 'Connection: close'];
    expect((await rawRequest(port, head)).status).toBe(400);
    expect(stage().endpoints.every((endpoint) => endpoint.timesSeen('twice') === 0)).toBe(true);
  });

  it('ends the request at the endpoint, and logs 499, where the client leaves before an answer', async () => {
    const connection = await RawConnection.open(port);
    connection.send(['GET /hang HTTP/1.1', 'Host: shop.test', 'X-Unique-Id: left']);
    const endpoint = await until('the request is at an endpoint', () =>
      stage().endpoints.find((candidate) => candidate.timesSeen('left') === 1),
    );
    connection.close();
    await until('the endpoint hears of it', () => endpoint.wasBrokenOff('left'));
    await untilLogged(/--> GET \/hang .*499/);
  });

  it('ends by itself, with all requests answered, when it is told to', async () => {
    const head = ['GET /slow?ms=300 HTTP/1.1', 'Host: a', 'Connection: close', 'X-Unique-Id: slow'];
    const slow = rawRequest(port, head);
    await until('the request is at an endpoint', () =>
      stage().endpoints.some((endpoint) => endpoint.timesSeen('slow') === 1),
    );
    app.signal('SIGTERM');
    expect((await slow).status).toBe(200);
    expect(await app.exit).toEqual({ code: 0, signal: null });
  });
});
