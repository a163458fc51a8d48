import { eventually } from '@holdfast/store/testing';
import { type Context, Hono, type MiddlewareHandler, type Next } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { describe, expect, it } from 'vitest';
import { Peer } from '../exchange/peer.ts';
import { type Forwarded, MiddlewareWorld } from '../testing/middleware-world.ts';
import { valuesOf } from '../testing/response-head.ts';
import { chunked, type TestExchange, type TestRequest } from '../testing/test-exchange.ts';
import { getConnInfo } from './conn-info.ts';
import { KEPT_BYTES_MAX } from './kept-body.ts';
import type { Middleware } from './middleware.ts';

/** Serves a request and answers what came through with `hello`. */
async function serve(middleware: Middleware, request: TestRequest = {}) {
  const world = new MiddlewareWorld(middleware);
  const exchange = world.serve(request);
  await eventually('the answer', () => {
    for (const forwarded of world.forwarded.splice(0)) {
      forwarded.answer('hello', { lines: 'ETag: "a"\r\nSet-Cookie: _srv_id=1\r\n', contentLength: 5 });
    }
    return exchange.isOver;
  });
  return { world, exchange };
}

const fieldsOf = ({ response }: TestExchange, name: string): readonly string[] =>
  valuesOf(response?.fields ?? [], name);

type Step = (context: Context, next: Next) => unknown;

/** Middleware for every path. */
const through = (...steps: readonly Step[]): Middleware => throughAt('*', ...steps);

const throughAt =
  (path: string, ...steps: readonly Step[]): Middleware =>
  (app) =>
    void app.use(path, ...(steps as readonly MiddlewareHandler[]));

describe('a request that middleware lets through', () => {
  it('is forwarded, and answered with what the endpoint says, byte for byte', async () => {
    const { exchange } = await serve(through((_context, next) => next()));
    expect(exchange.response).toEqual({
      status: 200,
      reason: 'OK',
      fields: ['ETag', '"a"', 'Set-Cookie', '_srv_id=1'],
      contentLength: 5,
    });
    expect(exchange.body).toBe('hello');
  });

  it('carries the fields that were set before and after next(), and every cookie', async () => {
    const { exchange } = await serve(
      through(async (context, next) => {
        context.header('X-Before', '1');
        context.header('Set-Cookie', 'before=1');
        await next();
        context.header('X-After', '1');
        context.header('Set-Cookie', 'after=1', { append: true });
      }),
    );
    expect(fieldsOf(exchange, 'x-before')).toEqual(['1']);
    expect(fieldsOf(exchange, 'x-after')).toEqual(['1']);
    expect(fieldsOf(exchange, 'set-cookie')).toEqual(['_srv_id=1', 'before=1', 'after=1']);
  });

  it('gets what Hono sets afterwards, such as secure headers', async () => {
    const { exchange } = await serve(through(secureHeaders()));
    expect(fieldsOf(exchange, 'x-content-type-options')).toEqual(['nosniff']);
    expect(fieldsOf(exchange, 'etag')).toEqual(['"a"']);
  });

  it('shows its status and fields when the endpoint has answered', async () => {
    const seen: unknown[] = [];
    const { exchange } = await serve(
      through(async (context, next) => {
        await next();
        seen.push(context.res.status, context.res.headers.get('etag'), context.res.body);
      }),
    );
    expect(exchange.isOver).toBe(true);
    expect(seen).toEqual([200, '"a"', null]);
  });

  it('is answered as its body comes, once middleware is done', async () => {
    const gate = Promise.withResolvers<void>();
    const world = new MiddlewareWorld(
      through(async (_context, next) => {
        await next();
        await gate.promise;
      }),
    );
    const exchange = world.serve();
    await eventually('the request', () => world.forwarded.length === 1);
    const [forwarded] = world.forwarded as [Forwarded];
    forwarded.begin();
    forwarded.exchange.write(Buffer.from('one'));
    expect(forwarded.exchange.flush()).toBe(false);
    await new Promise((resolve) => void setImmediate(resolve));
    expect(exchange.response).toBeUndefined();
    gate.resolve();
    await eventually('the first piece', () => exchange.body === 'one');
    expect(forwarded.drains).toBe(1);
    forwarded.exchange.write(Buffer.from(' two'));
    expect(forwarded.exchange.flush()).toBe(true);
    expect(exchange.body).toBe('one two');
    exchange.keepsUp = false;
    expect(forwarded.exchange.flush()).toBe(false);
    exchange.events?.onResponseDrain();
    expect(forwarded.drains).toBe(2);
  });

  it('may become a tunnel', async () => {
    const world = new MiddlewareWorld(through(secureHeaders()));
    const exchange = world.serve({ fields: ['Connection', 'Upgrade', 'Upgrade', 'websocket'] });
    await eventually('the request', () => world.forwarded.length === 1);
    world.forwarded[0]?.exchange.switchProtocols(
      'Switching',
      'Connection: Upgrade\r\nUpgrade: websocket\r\n',
    );
    await eventually('the tunnel', () => exchange.isTunnel);
    expect(fieldsOf(exchange, 'connection')).toEqual(['Upgrade']);
    expect(fieldsOf(exchange, 'x-content-type-options')).toEqual(['nosniff']);
  });

  it('leaves the record to the forwarding', async () => {
    expect((await serve(through((_context, next) => next()))).world.records).toEqual([]);
  });

  it('that no route matches is answered with 404 and the fields of middleware', async () => {
    const world = new MiddlewareWorld(through(secureHeaders()), { path: '/api' });
    const exchange = world.serve({ target: '/other' });
    await eventually('the answer', () => exchange.isOver);
    expect(exchange.response?.status).toBe(404);
    expect(exchange.body).toContain('code: DOWNSTREAM_NO_ROUTE');
    expect(fieldsOf(exchange, 'x-content-type-options')).toEqual(['nosniff']);
    expect(world.records).toMatchObject([{ status: 404, error: 'DOWNSTREAM_NO_ROUTE' }]);
  });

  it('whose forwarding fails by a defect is answered with 500, and the defect is logged', async () => {
    const world = new MiddlewareWorld(through((_context, next) => next()));
    const exchange = world.serve({ target: '/broken' });
    await eventually('the answer', () => exchange.isOver);
    expect(exchange.response?.status).toBe(500);
    expect(exchange.body).toContain('request: request-1');
    expect(world.records).toMatchObject([{ status: 500, error: 'INTERNAL', path: '/broken', pool: '' }]);
    expect(world.log.entries).toMatchObject([{ message: 'forward: a defect' }]);
  });
});

describe('middleware', () => {
  it.each([
    ['/admin/x', 'admin'],
    ['/x/../admin/x', 'admin'],
    ['/%61dmin/x', 'admin'],
    ['/x\\..\\admin/x', 'admin'],
    ['/./admin', 'admin'],
    ['/x/%2E%2e/admin', 'admin'],
    ['http://shop.example/admin?x', 'admin'],
    ['/administrator', 'other'],
    ['/other?/admin/', 'other'],
  ])('guards the path that the endpoint would read: %s', async (target, seen) => {
    const { exchange } = await serve(
      throughAt('/admin/*', ({ text }) => text('admin')),
      { target },
    );
    expect(exchange.body).toBe(seen === 'admin' ? 'admin' : 'hello');
  });

  it('sees the request as Hono shows any', async () => {
    const seen: unknown[] = [];
    const middleware = throughAt('/a/:id', (context, next) => {
      const { req } = context;
      seen.push(req.method, req.path, req.url, req.query('q'), req.param('id'), req.header('x-two'));
      seen.push(getConnInfo(context).remote);
      return next();
    });
    await serve(middleware, {
      method: 'DELETE',
      target: '/a/7?q=1',
      fields: ['Host', 'shop.example:81', 'X-Two', '1', 'X-Two', '2', 'X-Forwarded-For', '2001:db8::1'],
      peer: new Peer('198.51.100.9', 443, true),
    });
    expect(seen).toEqual([
      'DELETE',
      '/a/7',
      'https://shop.example:81/a/7?q=1',
      '1',
      '7',
      '1, 2',
      { address: '2001:db8::1', addressType: 'IPv6' },
    ]);
  });

  it.each(['GET', 'HEAD', 'OPTIONS', 'PROPFIND', 'TRACE', 'get'])(
    'lets any method through: %s',
    async (method) => {
      const { exchange } = await serve(
        through((_context, next) => next()),
        { method },
      );
      expect(exchange.response?.status).toBe(200);
    },
  );

  it('is not asked about a host that no URL can have: 400', async () => {
    const { exchange, world } = await serve(
      through((_context, next) => next()),
      {
        fields: ['Host', '[::::]'],
      },
    );
    expect(exchange.response?.status).toBe(400);
    expect(world.records).toMatchObject([{ status: 400, error: 'DOWNSTREAM_BAD_REQUEST' }]);
  });

  it('that adds nothing costs nothing: the request takes the way without it', () => {
    const world = new MiddlewareWorld(() => {});
    world.serve();
    expect(world.forwarded).toHaveLength(1);
  });

  it('is told which listener it is for', async () => {
    const names: string[] = [];
    await serve((app, name) => {
      names.push(name);
      through((_context, next) => next())(app, name);
    });
    expect(names).toEqual(['web']);
  });

  it('may be an app of its own', async () => {
    const admin = new Hono().get('/hello', ({ text }) => text('from the app'));
    const { exchange } = await serve((app) => void app.route('/admin', admin), { target: '/admin/hello' });
    expect(exchange.body).toBe('from the app');
  });
});

describe('a response of middleware', () => {
  it.each([
    { name: 'text', respond: (c: Context) => c.text('no', 401), status: 401, body: 'no', length: 2 },
    { name: 'nothing', respond: (c: Context) => c.body(null, 204), status: 204, body: '', length: 0 },
    { name: 'a redirect', respond: (c: Context) => c.redirect('/x'), status: 302, body: '', length: 0 },
    { name: 'JSON', respond: (c: Context) => c.json({ a: 'é' }), status: 200, body: '{"a":"é"}', length: 10 },
    {
      name: 'bytes',
      respond: (c: Context) => c.body(new Uint8Array([104, 105])),
      status: 200,
      body: 'hi',
      length: 2,
    },
    { name: 'not modified', respond: (c: Context) => c.body(null, 304), status: 304, body: '', length: -1 },
  ])('is sent as it is: $name', async ({ respond, status, body, length }) => {
    const { exchange, world } = await serve(through(respond));
    expect(exchange.response).toMatchObject({ status, contentLength: length });
    expect(exchange.body).toBe(body);
    expect(world.forwarded).toEqual([]);
  });

  it('is recorded with its status and bytes, and without a pool', async () => {
    const { world } = await serve(
      through(({ text }) => text('slow down', 429)),
      { target: '/x?secret' },
    );
    await eventually('the record', () => world.records.length > 0);
    expect(world.records).toEqual([
      expect.objectContaining({
        listener: 'web',
        pool: '',
        route: '',
        path: '/x',
        status: 429,
        bytesOut: 9,
        error: undefined,
      }),
    ]);
  });

  it('to HEAD has no body', async () => {
    const { exchange } = await serve(
      through(({ text }) => text('hello')),
      { method: 'HEAD' },
    );
    expect(exchange.response).toMatchObject({ status: 200, contentLength: -1 });
    expect(exchange.body).toBe('');
  });

  it('streams, its head first', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const world = new MiddlewareWorld(through(({ body }) => body(readable)));
    const exchange = world.serve();
    await eventually('the head', () => exchange.response !== undefined);
    expect(exchange.response?.contentLength).toBe(-1);
    const writer = writable.getWriter();
    await writer.write(Buffer.from('one'));
    await eventually('the piece', () => exchange.body === 'one' && exchange.flushedLength === 3);
    await writer.close();
    await eventually('the end', () => exchange.isOver);
  });

  it('waits for a client that does not keep up', async () => {
    const pieces = ['one', 'two'];
    const stream = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          const piece = pieces.shift();
          if (piece === undefined) controller.close();
          else controller.enqueue(Buffer.from(piece));
        },
      },
      { highWaterMark: 0 },
    );
    const world = new MiddlewareWorld(through(({ body }) => body(stream)));
    const exchange = world.serve();
    exchange.keepsUp = false;
    await eventually('the first piece', () => exchange.body === 'one');
    await new Promise((resolve) => void setImmediate(resolve));
    expect(exchange.body).toBe('one');
    exchange.events?.onResponseDrain();
    await eventually('the second piece', () => exchange.body === 'onetwo');
    exchange.events?.onResponseDrain();
    await eventually('the end', () => exchange.isOver);
  });

  it.each([
    { when: 'at once', pieces: [], isAborted: false, status: 500 },
    { when: 'later', pieces: ['one', 'two', 'three'], isAborted: true, status: 200 },
  ])('that breaks off $when is seen to break off', async ({ pieces, isAborted, status }) => {
    const left = [...pieces];
    const stream = new ReadableStream<Uint8Array>(
      {
        pull: (controller) => {
          const piece = left.shift();
          if (piece === undefined) controller.error(new TypeError('lost'));
          else controller.enqueue(Buffer.from(piece));
        },
      },
      { highWaterMark: 0 },
    );
    const { exchange, world } = await serve(through(({ body }) => body(stream)));
    await eventually('the record', () => world.records.length > 0);
    expect(exchange).toMatchObject({ isAborted, response: { status } });
    expect(world.records).toMatchObject([{ error: 'INTERNAL', status }]);
    expect(world.log.entries).toMatchObject([{ message: 'unexpected: lost' }]);
  });

  it('is no longer read once the client is gone', async () => {
    let isCancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      cancel: () => {
        isCancelled = true;
      },
    });
    const world = new MiddlewareWorld(through(({ body }) => body(stream)));
    const exchange = world.serve();
    await eventually('the head', () => exchange.response !== undefined);
    exchange.events?.onClientGone();
    await eventually('the news', () => isCancelled);
    await eventually('the record', () => world.records.length === 1);
    expect(world.records).toMatchObject([{ status: 200, error: 'DOWNSTREAM_DISCONNECTED' }]);
  });

  it('that did not wait for next() is sent, and nothing is forwarded later', async () => {
    const gate = Promise.withResolvers<void>();
    const { exchange, world } = await serve(
      through(({ text }, next) => {
        void gate.promise.then(next);
        return text('done');
      }),
    );
    expect(exchange.body).toBe('done');
    gate.resolve();
    await new Promise((resolve) => void setImmediate(resolve));
    expect(world.forwarded).toEqual([]);
  });

  it("in place of the endpoint's is sent alone, and the endpoint's is given up", async () => {
    const world = new MiddlewareWorld(
      through(async (context, next) => {
        await next();
        context.res = context.text('sorry', 503);
      }),
    );
    const exchange = world.serve();
    await eventually('the request', () => world.forwarded.length === 1);
    world.forwarded[0]?.begin({ status: 500, lines: 'X-Theirs: 1\r\n' });
    await eventually('the answer', () => exchange.isOver);
    expect(exchange.response?.status).toBe(503);
    expect(exchange.body).toBe('sorry');
    expect(world.forwarded[0]?.isClientGone).toBe(true);
  });
});

describe('an error of middleware', () => {
  it('is answered with 500 in our words, and logged with its stack', async () => {
    const { exchange, world } = await serve(
      through(secureHeaders(), () => {
        throw new TypeError('a defect');
      }),
      { fields: ['Accept', 'application/json'] },
    );
    expect(exchange.response?.status).toBe(500);
    expect(JSON.parse(exchange.body)).toMatchObject({ error: { code: 'INTERNAL', requestId: 'request-1' } });
    expect(exchange.body).not.toContain('a defect');
    expect(world.log.entries).toMatchObject([{ message: 'unexpected: a defect' }]);
    expect(String(world.log.entries[0]?.fields.stack)).toContain('TypeError');
    expect(world.records).toMatchObject([{ status: 500, error: 'INTERNAL' }]);
  });

  it.each([
    { name: 'no Error', thrown: 'a text' },
    { name: 'nothing', thrown: undefined },
  ])('may be $name', async ({ thrown }) => {
    const { exchange } = await serve(
      through(() => {
        throw thrown;
      }),
    );
    expect(exchange.response?.status).toBe(500);
  });

  it('may carry a response, as those of Hono do', async () => {
    const { exchange, world } = await serve(
      through(() => {
        throw new HTTPException(401, {
          res: new Response('who?', { headers: { 'WWW-Authenticate': 'Basic' } }),
        });
      }),
    );
    expect(exchange.response?.status).toBe(401);
    expect(fieldsOf(exchange, 'www-authenticate')).toEqual(['Basic']);
    expect(world.log.entries).toEqual([]);
  });

  it("after next() takes the place of the endpoint's answer", async () => {
    const { exchange } = await serve(
      through(async (_context, next) => {
        await next();
        throw new TypeError('a defect');
      }),
    );
    expect(exchange.response?.status).toBe(500);
    expect(exchange.body).toContain('code: INTERNAL');
  });

  it("is the app's own business where it has said how to answer", async () => {
    const { exchange } = await serve((app) => {
      app.onError((_error, { text }) => text('mine', 500));
      app.use(() => {
        throw new TypeError('a defect');
      });
    });
    expect(exchange.body).toBe('mine');
  });
});

describe('the body of a request', () => {
  const post: TestRequest = { method: 'POST', fields: [...chunked] };

  it('flows past middleware that does not read it', async () => {
    const world = new MiddlewareWorld(through((_context, next) => next()));
    const exchange = world.serve(post);
    await eventually('the request', () => world.forwarded.length === 1);
    expect(exchange.isReading).toBe(false);
    world.forwarded[0]?.exchange.resumeRequest();
    expect(exchange.isReading).toBe(true);
    exchange.events?.onRequestBody(Buffer.from('piece'));
    exchange.events?.onRequestEnd([]);
    expect(world.forwarded[0]).toMatchObject({ body: 'piece', isBodyComplete: true });
  });

  it('comes to the endpoint whole, though middleware has read it', async () => {
    const texts: string[] = [];
    const world = new MiddlewareWorld(
      through(async ({ req }, next) => {
        texts.push(await req.text());
        await next();
      }),
    );
    world.serve({ ...post, arrivedBody: 'signed' });
    await eventually('the request', () => world.forwarded.length === 1);
    expect(texts).toEqual(['signed']);
    world.forwarded[0]?.exchange.resumeRequest();
    expect(world.forwarded[0]).toMatchObject({ body: 'signed', isBodyComplete: true });
  });

  it('comes to the endpoint whole, though middleware has read some of it', async () => {
    const world = new MiddlewareWorld(
      through(async ({ req }, next) => {
        await req.raw.body?.getReader().read();
        await next();
      }),
    );
    const exchange = world.serve(post);
    await eventually('the reader', () => exchange.isReading);
    exchange.events?.onRequestBody(Buffer.from('one '));
    expect(exchange.isReading).toBe(false);
    await eventually('the request', () => world.forwarded.length === 1);
    world.forwarded[0]?.exchange.resumeRequest();
    exchange.events?.onRequestBody(Buffer.from('two'));
    exchange.events?.onRequestEnd([]);
    expect(world.forwarded[0]).toMatchObject({ body: 'one two', isBodyComplete: true });
  });

  it('is not forwarded where middleware has read more of it than is kept: 413', async () => {
    const world = new MiddlewareWorld(
      through(async ({ req }, next) => {
        await req.text();
        await next();
      }),
    );
    const exchange = world.serve({ ...post, arrivedBody: 'x'.repeat(KEPT_BYTES_MAX + 1) });
    await eventually('the answer', () => exchange.isOver);
    expect(exchange.response?.status).toBe(413);
    expect(world.records).toMatchObject([{ status: 413, error: 'DOWNSTREAM_BODY_TOO_LARGE' }]);
  });

  it('may be longer than what is kept where middleware answers', async () => {
    const length = KEPT_BYTES_MAX + 1;
    const { exchange } = await serve(
      through(async ({ req, text }) => text(String((await req.text()).length))),
      { ...post, arrivedBody: 'x'.repeat(length) },
    );
    expect(exchange.body).toBe(String(length));
  });

  it('has the limit of the listener for middleware, too', async () => {
    const middleware = through(async ({ req, text }) => text(await req.text()));
    const world = new MiddlewareWorld(middleware, { bodyBytesMax: 4 });
    const exchange = world.serve({ ...post, arrivedBody: 'hello' });
    await eventually('the answer', () => exchange.isOver);
    expect(exchange.response?.status).toBe(413);
  });

  it('that breaks off is answered by the server and recorded once', async () => {
    const world = new MiddlewareWorld(through(async ({ req, text }) => text(await req.text())));
    const exchange = world.serve(post);
    await eventually('the reader', () => exchange.isReading);
    expect(exchange.events?.onRequestBroken('DOWNSTREAM_TIMEOUT', 408)).toBe('request-1');
    await eventually('the record', () => world.records.length === 1);
    expect(world.records).toMatchObject([
      { status: 408, error: 'DOWNSTREAM_TIMEOUT', requestId: 'request-1' },
    ]);
    expect(exchange.response).toBeUndefined();
  });
});

describe('a client that leaves', () => {
  it('while middleware waits is forwarded to nobody, and recorded with 499', async () => {
    const gate = Promise.withResolvers<void>();
    const world = new MiddlewareWorld(
      through(async (_context, next) => {
        await gate.promise;
        await next();
      }),
    );
    const exchange = world.serve();
    exchange.events?.onClientGone();
    gate.resolve();
    await eventually('the record', () => world.records.length === 1);
    expect(world.records).toMatchObject([{ status: 499, error: 'DOWNSTREAM_DISCONNECTED' }]);
    expect(world.forwarded).toEqual([]);
    expect(exchange.response).toBeUndefined();
  });

  it('while its request is forwarded is told to the forwarding alone', async () => {
    const world = new MiddlewareWorld(through((_context, next) => next()));
    const exchange = world.serve();
    await eventually('the request', () => world.forwarded.length === 1);
    exchange.events?.onClientGone();
    expect(world.forwarded[0]?.isClientGone).toBe(true);
    await new Promise((resolve) => void setImmediate(resolve));
    expect(exchange.response).toBeUndefined();
    expect(world.records).toEqual([]);
  });
});
