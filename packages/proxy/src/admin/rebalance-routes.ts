import { parseDuration, parsePercentage, parseRate } from '@holdfast/shared';
import type { Hono } from 'hono';
import type { Operations } from './admin-app.ts';
import { API } from './api.ts';
import { serve } from './api-operation.ts';

/** What operators ask of pools. */
export function serveRebalances(app: Hono, { ask }: Operations): void {
  serve(app, API.rebalance, ({ params, body: { rate, idleFor, tolerance, dryRun } }) =>
    ask({
      kind: 'rebalance',
      pool: poolOf(params),
      rate: rate === undefined ? undefined : parseRate(rate),
      idleForMs: idleFor === undefined ? undefined : parseDuration(idleFor),
      tolerance: tolerance === undefined ? undefined : parsePercentage(tolerance),
      isDryRun: dryRun,
    }),
  );
  serve(app, API.getRebalance, ({ params }) => ask({ kind: 'get-rebalance', pool: poolOf(params) }));
  serve(app, API.stopRebalance, ({ params }) => ask({ kind: 'stop-rebalance', pool: poolOf(params) }));
}

const poolOf = ({ pool }: Readonly<Record<string, string>>): string => pool ?? '';
