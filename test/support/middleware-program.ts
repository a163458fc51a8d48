import { setTimeout as pause } from 'node:timers/promises';
import { getConnInfo, type Middleware, startNode } from '@holdfast/proxy';
import { basicAuth } from 'hono/basic-auth';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { setCookie } from 'hono/cookie';
import { cors } from 'hono/cors';
import { etag } from 'hono/etag';
import { logger } from 'hono/logger';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { streamText } from 'hono/streaming';

/** A node with middleware of every kind in front, run on the configuration file that it is told. */

const REQUESTS_MAX = 2;
const requestsOf = new Map<string, number>();

const middleware: Middleware = (app) => {
  app.use(logger((line) => process.stderr.write(`${line}\n`)));
  app.use(requestId(), secureHeaders(), compress());
  app.use('/own', etag());
  app.use('/respond', cors({ origin: 'https://www.example.com', credentials: true }));
  app.use('/admin/*', basicAuth({ username: 'admin', password: 'secret' }));
  app.use('/upload', bodyLimit({ maxSize: 1_000 }));
  app.use('/limited', async (context, next) => {
    const client = getConnInfo(context).remote.address ?? '';
    const count = (requestsOf.get(client) ?? 0) + 1;
    requestsOf.set(client, count);
    if (count > REQUESTS_MAX) return context.text('slow down', 429, { 'Retry-After': '60' });
    return next();
  });
  app.use('/cookies', async (context, next) => {
    setCookie(context, 'early', '1');
    await next();
    setCookie(context, 'late', '1');
  });
  app.use('/echo', async ({ req, text }, next) => {
    if (req.query('signed') !== undefined && !(await req.text()).startsWith('signed')) return text('no', 403);
    return next();
  });
  app.use('/wait', async ({ req }, next) => {
    await pause(Number(req.query('ms')));
    await next();
  });
  app.use('/respond', async (context, next) => {
    await next();
    if (context.res.status === 502) context.res = context.html('<p>Back soon</p>', 502);
  });
  app.get('/old', ({ redirect }) => redirect('/new', 301));
  app.get('/own', ({ text }) => text('answered by the app'));
  app.post('/own', async ({ req, json }) => json({ received: (await req.parseBody()).name }));
  app.get('/stream', (context) =>
    streamText(context, async (stream) => {
      for (const piece of ['one ', 'two ', 'three']) {
        await stream.write(piece);
        await stream.sleep(5);
      }
    }),
  );
  app.get('/endless', (context) =>
    streamText(context, async (stream) => {
      stream.onAbort(() => void process.stderr.write('the stream was given up\n'));
      while (!stream.aborted) {
        await stream.write('x'.repeat(10_000));
        await stream.sleep(5);
      }
    }),
  );
  app.use('/fail', () => {
    throw new TypeError('a defect in middleware');
  });
  app.use('/fail-late', async (_context, next) => {
    await next();
    throw new TypeError('a late defect');
  });
};

const node = await startNode(process.argv[2] ?? '', { middleware });
process.once('SIGTERM', () => void node.shutdown());
