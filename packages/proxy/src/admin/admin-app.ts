import { Hono } from 'hono';
import type { ReloadReport } from '../node/current-config.ts';
import { refuseWebPages, requireToken } from './admin-guard.ts';
import { describeReload, statusOf } from './reload-answer.ts';

/** What the admin listener tells of, and can have done. */
export interface Operations {
  /** Asked for each request; empty where none is required. */
  readonly token: () => string;
  readonly status: {
    readiness(): { readonly ready: boolean; readonly reasons: readonly string[] };
    report(): object | Promise<object>;
    pinned(): Promise<Readonly<Record<string, number>> | undefined>;
  };
  readonly reload: () => Promise<ReloadReport>;
}

/** Probes need no token, as orchestrators have none; everything else does where one is configured. */
export function createAdminApp({ token, status, reload }: Operations): Hono {
  const app = new Hono();
  app.get('/livez', (context) => context.json({ live: true }));
  app.get('/readyz', (context) => {
    const readiness = status.readiness();
    return context.json(readiness, readiness.ready ? 200 : 503);
  });
  app.use('*', requireToken(token));
  app.get('/status', async (context) =>
    context.json({ ...(await status.report()), pinned: await status.pinned() }),
  );
  app.post('/reload', refuseWebPages, async (context) => {
    const report = await reload();
    return context.json(describeReload(report), statusOf(report));
  });
  return app;
}
