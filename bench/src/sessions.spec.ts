import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { STICKY_COOKIE } from './contenders/contender.ts';
import { checkStickiness, warmSessions } from './sessions.ts';

/** A stand-in for a proxy and its endpoints. Disposing of it closes it. */
async function startProxy(handler: RequestListener): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer(handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { port: (server.address() as AddressInfo).port, [Symbol.asyncDispose]: close };
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

describe('sessions', () => {
  it('each carry the cookie that their first answer set', async () => {
    await using proxy = await startProxy(stickyHandler());

    const sessions = await warmSessions(proxy.port, SESSIONS);

    expect(new Set(sessions.map(({ endpoint }) => endpoint)).size).toBe(SESSIONS);
    for (const { cookie, endpoint } of sessions)
      expect(cookie).toMatch(new RegExp(`; ${STICKY_COOKIE}=${endpoint}$`));
  });

  it('that stay are neither moved nor failed', async () => {
    await using proxy = await startProxy(stickyHandler());
    const sessions = await warmSessions(proxy.port, SESSIONS);

    expect(await checkStickiness(proxy.port, sessions)).toEqual({ moved: 0, failed: 0 });
  });

  it('that another endpoint answers are counted as moved', async () => {
    await using proxy = await startProxy(
      stickyHandler((request) => request > SESSIONS && request <= SESSIONS + 3),
    );
    const sessions = await warmSessions(proxy.port, SESSIONS);

    expect(await checkStickiness(proxy.port, sessions)).toEqual({ moved: 3, failed: 0 });
  });

  it('that get an error or no answer are counted as failed', async () => {
    let broken = false;
    const healthy = stickyHandler();
    await using proxy = await startProxy((request, response) => {
      if (!broken) return healthy(request, response);
      if (request.headers.cookie?.endsWith('e1')) return response.destroy();
      return response.writeHead(502).end();
    });
    const sessions = await warmSessions(proxy.port, SESSIONS);
    broken = true;

    expect(await checkStickiness(proxy.port, sessions)).toEqual({ moved: 0, failed: SESSIONS });
  });

  it('cannot be opened through a proxy that answers with an error', async () => {
    await using proxy = await startProxy((_, response) => response.writeHead(503).end());

    await expect(warmSessions(proxy.port, 1)).rejects.toThrow('a new session was answered with 503');
  });
});
