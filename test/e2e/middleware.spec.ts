import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@holdfast/store/testing';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket, WebSocketServer } from 'ws';
import type { Child } from '../support/child.ts';
import { readEcho } from '../support/echo.ts';
import { START_DEADLINE_MS, startGuideExample } from '../support/guide-example.ts';
import { HoldfastNode } from '../support/holdfast-node.ts';
import type { ClientResponse, HttpClient } from '../support/http-client.ts';
import { nodeConfig } from '../support/node-config.ts';
import { RawConnection } from '../support/raw-connection.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { Visitor } from '../support/visitor.ts';

const PROGRAM = fileURLToPath(new URL('../support/middleware-program.ts', import.meta.url));
const password = (text: string) => ({ authorization: `Basic ${Buffer.from(text).toString('base64')}` });
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** What middleware does must not depend on the server that a listener is on. */
describe.each(['wire', 'node'])('middleware in front of a listener on server %s', (server) => {
  const stage = useStage('file');
  let node: HoldfastNode;
  let client: HttpClient;

  beforeAll(async () => {
    const [one, two] = await stage().startEndpoints(2);
    const endpoints = [one, two].flatMap((endpoint) =>
      endpoint ? [{ id: endpoint.id, url: endpoint.url }] : [],
    );
    const wishes = { endpoints, listener: { server }, top: { log: { access: true } } };
    node = await HoldfastNode.create('node-1', stage().dir, wishes, PROGRAM);
    stage().nodes.push(node);
    await node.start();
    client = stage().client(node, 1);
  });

  const timesSeen = (id: string): number =>
    stage().endpoints.reduce((sum, endpoint) => sum + endpoint.timesSeen(id), 0);
  const logged = (path: string): Promise<Readonly<Record<string, unknown>>> =>
    until(`${path} is in the access log`, () => node.accessLog.findLast((line) => line.path === path));

  it.each([
    { what: 'a redirect', request: { path: '/old' }, status: 301, headers: { location: '/new' }, body: '' },
    {
      what: 'a page of its own',
      request: { path: '/own' },
      status: 200,
      headers: {},
      body: 'answered by the app',
    },
    {
      what: 'a question for a password',
      request: { path: '/admin/x' },
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="Secure Area"' },
      body: 'Unauthorized',
    },
    {
      what: 'the same for a path that only looks different',
      request: { path: '/x/%2e%2e/%61dmin/x' },
      status: 401,
      headers: {},
      body: 'Unauthorized',
    },
    {
      what: 'what a form held',
      request: {
        method: 'POST',
        path: '/own',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: 'name=kelp',
      },
      status: 200,
      headers: { 'content-type': 'application/json' },
      body: '{"received":"kelp"}',
    },
    {
      what: 'the answer to a preflight',
      request: {
        method: 'OPTIONS',
        path: '/respond',
        headers: { origin: 'https://www.example.com', 'access-control-request-method': 'PUT' },
      },
      status: 204,
      headers: { 'access-control-allow-origin': 'https://www.example.com' },
      body: '',
    },
    { what: 'a stream', request: { path: '/stream' }, status: 200, headers: {}, body: 'one two three' },
  ])('answers by itself with $what, and keeps the connection', async ({ request, status, headers, body }) => {
    for (let count = 0; count < 3; count++) {
      const response = await client.send({
        ...request,
        headers: { ...request.headers, 'x-unique-id': request.path },
      });
      expect(response).toMatchObject({ status, body, headers });
      expect(response.headers['x-content-type-options']).toBe('nosniff');
      expect(response.headers.connection).not.toBe('close');
    }
    expect(timesSeen(request.path)).toBe(0);
    expect(await logged(request.path)).toMatchObject({ status, pool: '', bytes_out: body.length });
  });

  it('lets through whom it knows', async () => {
    expect((await client.send({ path: '/admin/x', headers: password('admin:secret') })).body).toBe('ok\n');
    expect((await client.send({ path: '/admin/x', headers: password('admin:wrong') })).status).toBe(401);
  });

  it('limits the rate by the client', async () => {
    const statuses: number[] = [];
    for (let count = 0; count < 4; count++) statuses.push((await client.send({ path: '/limited' })).status);
    expect(statuses).toEqual([200, 200, 429, 429]);
  });

  it('puts its fields on proxied responses, set before or after', async () => {
    const path = '/respond?status=418&header=Access-Control-Allow-Origin:*&header=X-Twice:1&header=X-Twice:2';
    const { status, headers } = await client.send({ path, headers: { origin: 'https://www.example.com' } });
    expect(status).toBe(418);
    expect(headers).toMatchObject({
      'access-control-allow-origin': 'https://www.example.com',
      'access-control-allow-credentials': 'true',
      'x-frame-options': 'SAMEORIGIN',
      'x-twice': '1, 2',
    });
    expect(headers.vary).toContain('Origin');
    expect(headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
  });

  it("sends its own cookies beside the session's, which stays on its endpoint", async () => {
    const visitor = new Visitor('visitor');
    const { response } = await visitor.visit(client, { path: '/cookies' });
    const names = response.setCookies.map((cookie) => cookie.split('=')[0]);
    expect(names.toSorted()).toEqual(['_srv_id', 'early', 'late']);
    for (let count = 0; count < 3; count++) await visitor.visit(client);
    expect(visitor.path).toHaveLength(1);
    expect(visitor.cookiesSet).toBe(1);
  });

  it('may read a body, which reaches the endpoint all the same', async () => {
    const body = Buffer.concat([Buffer.from('signed '), Buffer.alloc(300_000, 'kelp')]);
    for (let count = 0; count < 3; count++) {
      const echo = readEcho(await client.send({ method: 'POST', path: '/echo?signed', body }));
      expect(echo).toMatchObject({ bodyLength: body.length, bodySha256: sha256(body) });
    }
    const refused = await client.send({
      method: 'POST',
      path: '/echo?signed',
      body: 'forged',
      headers: { 'x-unique-id': 'forged' },
    });
    expect(refused).toMatchObject({ status: 403, body: 'no' });
    expect(timesSeen('forged')).toBe(0);
  });

  it('lets bodies flow past that it does not read, however long', async () => {
    const body = Buffer.alloc(3_000_000, 'holdfast ');
    const echo = readEcho(await client.send({ method: 'POST', path: '/echo', body }));
    expect(echo).toMatchObject({ bodyLength: body.length, bodySha256: sha256(body) });
    expect((await client.send({ path: '/bytes?count=20000000&framing=chunked' })).body).toHaveLength(
      20_000_000,
    );
    expect((await client.send({ path: '/trailers' })).trailers).toEqual({ 'x-checksum': 'abc' });
    expect((await client.send({ path: '/early-hints' })).interim).toEqual([103]);
  });

  it('answers a request whose body it has not read, and takes the next one', async () => {
    const body = Buffer.alloc(500_000, 'x');
    for (let count = 0; count < 3; count++) {
      const response = await client
        .send({ method: 'POST', path: '/admin/upload', body })
        .catch(() => undefined);
      expect([undefined, 401]).toContain(response?.status);
      expect((await client.send({ path: '/own' })).status).toBe(200);
    }
    const announced = await client.send({ method: 'POST', path: '/upload', body: Buffer.alloc(1_001) });
    expect(announced.status).toBe(413);
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

  it.each(['/fail', '/fail-late'])('that throws is answered with 500 and logged: %s', async (path) => {
    const response = await client.send({ path, headers: { accept: 'application/json' } });
    expect(response.status).toBe(500);
    expect(JSON.parse(response.body)).toMatchObject({ error: { code: 'INTERNAL' } });
    expect(response.body).not.toContain('defect');
    await until('it is logged', () => node.events.some(({ msg }) => /defect/.test(String(msg))));
    expect((await client.send({ path: '/own' })).status).toBe(200);
  });

  it("may put a page of its own in the place of the endpoint's", async () => {
    const { status, body } = await client.send({ path: '/respond?status=502' });
    expect([status, body]).toEqual([502, '<p>Back soon</p>']);
  });

  it('keeps pipelined requests in order, however long it takes for each', async () => {
    const connection = await RawConnection.open(node.ports.port);
    const paths = ['/wait?ms=60', '/own', '/wait?ms=20', '/stream', '/echo'];
    for (const path of paths) connection.send([`GET ${path} HTTP/1.1`, 'Host: shop.test']);
    const { input } = await connection.untilReceived(/"target":"\/echo"/);
    const order = ['ok\n', 'answered by the app', 'ok\n', 'three', '"target":"/echo"'];
    let at = 0;
    for (const text of order) {
      at = input.indexOf(text, at) + text.length;
      expect(at).toBeGreaterThan(text.length);
    }
    connection.close();
  });

  it('forwards nothing for a client that has left while it waited', async () => {
    const connection = await RawConnection.open(node.ports.port);
    connection.send(['GET /wait?ms=200&left HTTP/1.1', 'Host: shop.test', 'X-Unique-Id: left']);
    await until('it waits', () =>
      node.child.lines.some((line) => line.includes('<-- GET /wait?ms=200&left')),
    );
    connection.socket.resetAndDestroy();
    await until('it is recorded', () =>
      node.accessLog.some((line) => line.path === '/wait' && line.status === 499),
    );
    expect(timesSeen('left')).toBe(0);
  });

  it('stops a stream of its own when the client leaves', async () => {
    const connection = await RawConnection.open(node.ports.port);
    connection.send(['GET /endless HTTP/1.1', 'Host: shop.test']);
    await connection.untilReceived(/x{1000}/);
    connection.close();
    await until('it stops', () => node.child.lines.includes('the stream was given up'));
    expect(await logged('/endless')).toMatchObject({ status: 200, error: 'DOWNSTREAM_DISCONNECTED' });
  });

  it('hears the status that was sent', async () => {
    await client.send({ path: '/respond?status=418&logged' });
    await until('it is logged', () =>
      node.child.lines.some((line) => /--> GET \/respond\?status=418&logged .*418/.test(line)),
    );
  });
});

describe('middleware in front of a WebSocket', () => {
  const stage = useStage();

  it('lets it through on server wire', async () => {
    const upstream = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    upstream.on('connection', (socket) =>
      socket.on('message', (data) => socket.send(`echo ${String(data)}`)),
    );
    await until('it listens', () => upstream.address() !== null);
    const { port } = upstream.address() as { port: number };
    const endpoints = [{ id: 'shop-1', url: `http://127.0.0.1:${port}` }];
    const node = await HoldfastNode.create('node-1', stage().dir, { endpoints }, PROGRAM);
    stage().nodes.push(node);
    await node.start();
    const socket = new WebSocket(`ws://127.0.0.1:${node.ports.port}/`);
    const heard: string[] = [];
    socket.on('open', () => socket.send('hello'));
    socket.on('message', (data) => heard.push(String(data)));
    await until('the echo', () => heard.includes('echo hello'));
    socket.terminate();
    upstream.close();
  });
});

describe("the guide's example of middleware", () => {
  const stage = useStage();
  let app: Child;

  afterEach(async () => {
    await app.end();
  });

  it('runs as it is written, and ends in good order', async () => {
    const [endpoint] = await stage().startEndpoints(1);
    const port = await freePort();
    const file = join(stage().dir, 'holdfast.yaml');
    const endpoints = [{ id: 'shop-1', url: endpoint?.url ?? '' }];
    await writeFile(file, nodeConfig('node-1', { port, adminPort: await freePort() }, { endpoints }));
    app = await startGuideExample('middleware.md', { './holdfast.yaml': file, '600;': '2;' });
    const client = stage().client(`http://127.0.0.1:${port}`);
    await until(
      'the node answers',
      async () => {
        if (app.hasExited) throw new Error(app.lines.join('\n'));
        return (await client.send({ path: '/admin/' }).catch(() => undefined))?.status === 401;
      },
      START_DEADLINE_MS,
    );
    const responses: ClientResponse[] = [];
    for (let count = 0; count < 3; count++) responses.push(await client.send({ path: '/api/x' }));
    expect(responses.map(({ status }) => status)).toEqual([200, 200, 429]);
    expect(responses[0]?.headers).toMatchObject({
      'access-control-allow-credentials': 'true',
      'x-content-type-options': 'nosniff',
    });
    expect(responses[0]?.setCookies).toHaveLength(1);
    app.signal('SIGTERM');
    expect(await app.exit).toEqual({ code: 0, signal: null });
  });
});
