import { createHash, timingSafeEqual } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Config, ListenAddress } from '@holdfast/shared/config';
import { createAdaptorServer } from '@hono/node-server';
import { Hono } from 'hono';
import { createMiddleware } from 'hono/factory';
import type { NodeStatus } from './node-status.ts';

type AdminConfig = NonNullable<Config['admin']>;

/** The admin listener: apart from the clients' listeners, on loopback unless a token guards it. */
export class AdminListener {
  readonly #config: AdminConfig;
  readonly #server: Server;

  constructor(config: AdminConfig, status: NodeStatus) {
    this.#config = config;
    this.#server = createAdaptorServer({
      fetch: adminApp(config, status).fetch,
      overrideGlobalObjects: false,
    }) as Server;
  }

  open(): Promise<ListenAddress> {
    const { host, port } = this.#config.listen;
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject);
        resolve({ host, port: (this.#server.address() as AddressInfo).port });
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

/** Probes need no token, as orchestrators have none; everything else does where one is configured. */
function adminApp({ token }: AdminConfig, status: NodeStatus): Hono {
  const app = new Hono();
  app.get('/livez', (context) => context.json({ live: true }));
  app.get('/readyz', (context) => {
    const readiness = status.readiness();
    return context.json(readiness, readiness.ready ? 200 : 503);
  });
  app.use('*', requireToken(token));
  app.get('/status', async (context) => context.json({ ...status.report(), pinned: await status.pinned() }));
  return app;
}

const requireToken = (token: string) =>
  createMiddleware(async (context, next) => {
    const given = context.req.header('authorization') ?? '';
    if (token !== '' && !isEqual(given, `Bearer ${token}`)) {
      return context.json(
        { error: { code: 'DOWNSTREAM_UNAUTHORIZED', message: 'a bearer token is required' } },
        401,
      );
    }
    await next();
    return undefined;
  });

/** Compares digests, so that neither content nor length of the token shows in the time it takes. */
function isEqual(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
