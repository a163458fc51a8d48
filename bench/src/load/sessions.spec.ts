import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { STICKY_COOKIE } from '../contenders/contender.ts';
import type { Origin } from '../machine/origin.ts';
import { checkStickiness, warmSessions } from './sessions.ts';
import type { Traffic } from './traffic.ts';

/** A stand-in for a proxy and its endpoints. Disposing of it closes it. */
interface StandIn extends AsyncDisposable {
  readonly origin: Origin;
}

async function startProxy(handler: RequestListener): Promise<StandIn> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const origin = { port: (server.address() as AddressInfo).port, secure: false };
  return { origin, [Symbol.asyncDispose]: close };
}

/** Keeps a session where its cookie says, unless `forgets` says otherwise of the nth request. */
function stickyHandler(forgets: (request: number) => boolean = () => false): RequestListener {
  let requests = 0;
  return (request, response) => {
    requests += 1;
    const kept = new RegExp(`${STICKY_COOKIE}=(e\\d+)`).exec(request.headers.cookie ?? '')?.[1];
    const endpoint = kept === undefined || forgets(requests) ? `e${requests}` : kept;
    if (kept === undefined)
      response.setHeader('Set-Cookie', `${STICKY_COOKIE}=${endpoint}; Path=/; HttpOnly`);
    response.setHeader('X-Served-By', endpoint).end('ok');
  };
}

const SESSIONS = 100;

const TRAFFIC: Traffic = { answering: { bytes: 'ok'.length, locations: () => '' } };

describe('sessions', () => {
  it('each carry the cookie that their first answer set', async () => {
    await using proxy = await startProxy(stickyHandler());

    const sessions = await warmSessions(proxy.origin, TRAFFIC, SESSIONS);

    expect(new Set(sessions.map(({ endpoint }) => endpoint)).size).toBe(SESSIONS);
    for (const { cookie, endpoint } of sessions)
      expect(cookie).toMatch(new RegExp(`; ${STICKY_COOKIE}=${endpoint}$`));
  });

  it('that stay are neither moved nor failed', async () => {
    await using proxy = await startProxy(stickyHandler());
    const sessions = await warmSessions(proxy.origin, TRAFFIC, SESSIONS);

    expect(await checkStickiness(proxy.origin, TRAFFIC, sessions)).toEqual({ moved: 0, failed: 0 });
  });

  it('that another endpoint answers are counted as moved', async () => {
    await using proxy = await startProxy(
      stickyHandler((request) => request > SESSIONS && request <= SESSIONS + 3),
    );
    const sessions = await warmSessions(proxy.origin, TRAFFIC, SESSIONS);

    expect(await checkStickiness(proxy.origin, TRAFFIC, sessions)).toEqual({ moved: 3, failed: 0 });
  });

  it('that get an error or no answer are counted as failed', async () => {
    let broken = false;
    const healthy = stickyHandler();
    await using proxy = await startProxy((request, response) => {
      if (!broken) return healthy(request, response);
      if (request.headers.cookie?.endsWith('e1')) return response.destroy();
      return response.writeHead(502).end();
    });
    const sessions = await warmSessions(proxy.origin, TRAFFIC, SESSIONS);
    broken = true;

    expect(await checkStickiness(proxy.origin, TRAFFIC, sessions)).toEqual({ moved: 0, failed: SESSIONS });
  });

  it('cannot be opened through a proxy that answers with an error', async () => {
    await using proxy = await startProxy((_, response) => response.writeHead(503).end());

    await expect(warmSessions(proxy.origin, TRAFFIC, 1)).rejects.toThrow(
      'a new session was answered with 503 and 0 bytes',
    );
  });

  it('that get an answer of the wrong length are counted as failed', async () => {
    let body = 'ok';
    await using proxy = await startProxy((_, response) =>
      response.setHeader('X-Served-By', 'e1').setHeader('Set-Cookie', `${STICKY_COOKIE}=e1`).end(body),
    );
    const sessions = await warmSessions(proxy.origin, TRAFFIC, 1);
    body = 'o';

    expect(await checkStickiness(proxy.origin, TRAFFIC, sessions)).toEqual({ moved: 0, failed: 1 });
  });

  it('cannot be opened through a proxy that issues no cookie', async () => {
    await using proxy = await startProxy((_, response) => response.end('ok'));

    await expect(warmSessions(proxy.origin, TRAFFIC, 1)).rejects.toThrow('was given no cookie');
  });

  it.each([
    { name: 'by its length', body: { bytes: 3_000 } },
    { name: 'in chunks', body: { bytes: 3_000, chunkBytes: 1_024 } },
  ])('send a request body framed $name', async ({ body }) => {
    const seen: unknown[] = [];
    await using proxy = await startProxy(async (request, response) => {
      const text = (await request.toArray()).join('');
      seen.push({ method: request.method, framing: framingFields(request.headers), bytes: text.length });
      response.setHeader('Set-Cookie', `${STICKY_COOKIE}=e1`).end('ok');
    });

    await warmSessions(proxy.origin, { ...TRAFFIC, body }, 1);

    const framing = body.chunkBytes === undefined ? { length: '3000' } : { coding: 'chunked' };
    expect(seen).toEqual([{ method: 'POST', framing, bytes: 3_000 }]);
  });
});

const framingFields = (headers: IncomingHttpHeaders) => ({
  length: headers['content-length'],
  coding: headers['transfer-encoding'],
});
