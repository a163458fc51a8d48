import type { Clock, EpochMs } from '@holdfast/shared';
import { type Context, Hono } from 'hono';
import { getCookie } from 'hono/cookie';
import { csrf } from 'hono/csrf';
import { CART_COOKIE } from './shop/shop-app.ts';
import type { Actor, Stage } from './stage.ts';
import type { Timeline, TimelineEntry } from './timeline.ts';

/** What `GET /_demo/state` answers: who runs, and what this visitor may see of what happened. */
export interface DemoState {
  readonly nowMs: EpochMs;
  readonly endpoints: readonly { id: string; isRunning: boolean }[];
  readonly nodes: readonly { id: string; url: string; consoleUrl: string; isRunning: boolean }[];
  readonly timeline: readonly TimelineEntry[];
}

export interface SupervisorOptions {
  readonly stage: Stage;
  readonly timeline: Timeline;
  /** Tells this demo from any other that may run on the machine. */
  readonly instance: string;
  readonly clock: Clock;
}

/**
 * The application with which the page looks at the demo and acts on it. It stands behind the proxy nodes
 * like any other endpoint, in a pool without affinity.
 */
export function createSupervisor({ stage, timeline, instance, clock }: SupervisorOptions): Hono {
  const act =
    (actors: readonly Actor[], play: (actor: Actor) => Promise<void>) =>
    async (context: Context): Promise<Response> => {
      const actor = actors.find(({ id }) => id === context.req.param('id'));
      if (actor === undefined) return context.text('no such process\n', 404);
      // The answer comes back through a node that this act may be about to restart, so it does not wait.
      play(actor).catch((error: Error) => timeline.record({ kind: 'act-failed', why: error.message }));
      return context.body(null, 202);
    };

  const app = new Hono().basePath('/_demo');
  app.get('/instance', (context) => context.text(instance));
  // A page of another site must not be able to end processes here.
  app.use(csrf());
  app.get('/state', (context) => {
    const state: DemoState = {
      nowMs: clock.now(),
      endpoints: stage.endpoints.map(({ id, process }) => ({ id, isRunning: process.isRunning })),
      nodes: stage.nodes.map(({ id, url, consoleUrl, process }) => ({
        ...{ id, url, consoleUrl },
        isRunning: process.isRunning,
      })),
      timeline: timeline.entriesFor(getCookie(context, CART_COOKIE)),
    };
    return context.json(state, 200, { 'cache-control': 'no-store' });
  });
  app.post(
    '/endpoints/:id/kill',
    act(stage.endpoints, (endpoint) => stage.kill(endpoint)),
  );
  app.post(
    '/endpoints/:id/revive',
    act(stage.endpoints, (endpoint) => stage.revive(endpoint)),
  );
  app.post(
    '/nodes/:id/restart',
    act(stage.nodes, (node) => stage.restart([node])),
  );
  return app;
}
