import { type Clock, HoldfastError } from '@holdfast/shared';
import { Hono } from 'hono';
import { serveConsole } from '../console/console-app.ts';
import type { ReloadReport } from '../node/current-config.ts';
import { serveMetrics } from '../telemetry/metrics-route.ts';
import type { NodeTelemetry } from '../telemetry/node-telemetry.ts';
import { refuseWebPages, requireToken } from './admin-guard.ts';
import { type Answer, refused } from './answer.ts';
import { serveEndpoints } from './endpoint-routes.ts';
import { serveEvents } from './event-routes.ts';
import { serveLeave } from './leave-routes.ts';
import { readOccupancy } from './occupancy.ts';
import { openApiDocument } from './openapi.ts';
import type { Question } from './question.ts';
import { serveRebalances } from './rebalance-routes.ts';
import { describeReload, statusOf } from './reload-answer.ts';
import { sayRefusal } from './say-refusal.ts';
import { serveSessions } from './session-routes.ts';

/** What the admin listener tells of, and can have done. */
export interface Operations {
  /** Asked for each request; empty where none is required. */
  readonly token: () => string;
  readonly status: {
    readiness(): { readonly ready: boolean; readonly reasons: readonly string[] };
    report(): object | Promise<object>;
  };
  readonly reload: () => Promise<ReloadReport>;
  /** See {@link Lifecycle.leave}. */
  readonly leave: () => number | undefined;
  /** Asks a process that has the session map and the pools: this one, or a worker. */
  readonly ask: (question: Question) => Promise<Answer>;
  /** The metrics of the node, of all its processes. Undefined: none are kept. */
  readonly metrics?: Pick<NodeTelemetry, 'read' | 'text'> | undefined;
  readonly clock: Clock;
}

/** Probes need no token, as orchestrators have none; everything else does where one is configured. */
export function createAdminApp(operations: Operations): Hono {
  const { token, status, reload, ask, metrics } = operations;
  const app = new Hono();
  app.onError((error, context) => {
    const { code, message } = HoldfastError.from(error);
    return sayRefusal(context, refused(code, message));
  });
  app.notFound((context) => {
    const message = `there is nothing at ${context.req.path}: GET /openapi.json lists what there is`;
    return sayRefusal(context, refused('DOWNSTREAM_NOT_FOUND', message));
  });
  app.get('/livez', (context) => context.json({ live: true }));
  app.get('/readyz', (context) => {
    const readiness = status.readiness();
    return context.json(readiness, readiness.ready ? 200 : 503);
  });
  serveConsole(app, operations);
  app.use('*', requireToken(token));
  app.get('/status', async (context) => {
    const [report, occupied] = await Promise.all([status.report(), ask({ kind: 'occupancy' })]);
    return context.json({ ...report, pinned: readOccupancy(occupied)?.pinned });
  });
  app.post('/reload', refuseWebPages, async (context) => {
    const report = await reload();
    return context.json(describeReload(report), statusOf(report));
  });
  if (metrics !== undefined) serveMetrics(app, metrics);
  app.get('/openapi.json', (context) => context.json(openApiDocument()));
  serveLeave(app, operations);
  serveEndpoints(app, operations);
  serveRebalances(app, operations);
  serveEvents(app, operations);
  serveSessions(app, operations);
  return app;
}
