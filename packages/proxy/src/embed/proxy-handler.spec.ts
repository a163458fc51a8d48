import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Hono, type MiddlewareHandler } from 'hono';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { RequestRecord } from '../forward/request-record.ts';
import { createProxyHandler } from '../index.ts';
import { TestSocket } from '../testing/test-socket.ts';

// Where @hono/node-server complains of a response that it could not send, as of one that was sent before.
const complaints = vi.spyOn(console, 'error').mockReturnValue();

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  expect(complaints).not.toHaveBeenCalled();
});

async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** An app with this middleware before a proxy, and an endpoint that answers with the body that it got. */
async function setUp(middleware: MiddlewareHandler) {
  const url = await listening(
    createServer((request, response) => request.pipe(response.setHeader('Vary', 'Accept'))),
  );
  const records: RequestRecord[] = [];
  const proxy = await createProxyHandler({
    config: { pools: [{ name: 'shop', endpoints: [{ url }], affinity: { type: 'none' } }] },
    recorder: { requestFinished: (record) => records.push(record) },
  });
  closers.push(() => proxy.close());
  const app = new Hono();
  app.use(middleware);
  app.all('/shop/*', proxy);
  app.onError((error, context) => context.text(error.message, 500));
  const origin = await listening(createAdaptorServer({ fetch: app.fetch }) as Server);
  const post = (): Promise<Response> => fetch(`${origin}/shop/x`, { method: 'POST', body: 'hello' });
  const clientThatSends = async (text: string): Promise<TestSocket> => {
    const client = await TestSocket.connect(Number(new URL(origin).port));
    closers.push(async () => client.destroy());
    client.send(text);
    return client;
  };
  return { proxy, app, post, records, clientThatSends };
}

describe('a handler of an embedded proxy', () => {
  it('lets middleware see the real status, once the response is over', async () => {
    const seen: unknown[] = [];
    const { post, records } = await setUp(async (context, next) => {
      await next();
      seen.push(context.res.status, records.length);
    });
    expect(await (await post()).text()).toBe('hello');
    await expect.poll(() => seen).toEqual([200, 1]);
    expect(records[0]).toMatchObject({ listener: 'embedded', route: '/shop/*', pool: 'shop', bytesIn: 5 });
  });

  it('sends nothing twice, whatever middleware does to the response afterwards', async () => {
    const { post, records } = await setUp(async (context, next) => {
      context.header('X-Before', '1');
      await next();
      context.header('X-After', '1');
      context.res = new Response(context.res.body, context.res);
    });
    for (let count = 0; count < 3; count++) {
      const response = await post();
      expect(await response.text()).toBe('hello');
      expect(response.headers.get('x-before')).toBe('1');
      expect(response.headers.get('vary')).toBe('Accept');
    }
    await expect.poll(() => records).toHaveLength(3);
  });

  it('says so where middleware has left nothing of the body to forward', async () => {
    const { post, records } = await setUp(async (context, next) => {
      await context.req.text();
      await next();
    });
    const response = await post();
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('a body that middleware has read');
    expect(records).toEqual([]);
  });

  it('closes where a request is malformed, and forwards nothing behind it, whatever middleware waits for', async () => {
    const { clientThatSends, records } = await setUp(async (context, next) => {
      if (context.req.path === '/shop/bad') await new Promise(setImmediate);
      await next();
      context.res = new Response(context.res.body, { status: context.res.status });
    });
    const client = await clientThatSends(
      'POST /shop/bad HTTP/1.1\r\nHost: h\r\nContent-Length: 05\r\n\r\nhello' +
        'GET /shop/smuggled HTTP/1.1\r\nHost: h\r\n\r\n',
    );
    expect(await client.ended()).toMatch(/^HTTP\/1\.1 400 .*\r\nconnection: close\r\n.*malformed\.\n$/is);
    expect(records).toEqual([]);
  });

  it('forwards one request of a connection after the other', async () => {
    const { clientThatSends, records } = await setUp((_context, next) => next());
    const one = 'POST /shop/1 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\none';
    const client = await clientThatSends(one + one.replaceAll('one', 'two'));
    await client.received('two');
    expect(client.text).toMatch(/one.*two/s);
    await expect.poll(() => records).toHaveLength(2);
  });

  it('says so on another server', async () => {
    const { app } = await setUp((_context, next) => next());
    expect(await (await app.request('/shop/x')).text()).toContain('on @hono/node-server with HTTP/1');
  });

  it('is there for the pools of the configuration only', async () => {
    const { proxy } = await setUp((_context, next) => next());
    expect(() => proxy.to('shopp')).toThrow('no pool "shopp"');
  });
});
