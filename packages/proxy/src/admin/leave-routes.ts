import { formatDuration } from '@holdfast/shared';
import type { Hono } from 'hono';
import type { Operations } from './admin-app.ts';
import { refused, told } from './answer.ts';
import { API } from './api.ts';
import { serve } from './api-operation.ts';

const NOT_YET = refused(
  'DOWNSTREAM_PRECONDITION_FAILED',
  'the node is starting: it can be ended, but it has nobody to leave',
);

/** What operators and orchestrators ask before they end a node. */
export function serveLeave(app: Hono, { leave }: Operations): void {
  serve(app, API.leave, async () => {
    const remainingMs = leave();
    return remainingMs === undefined ? NOT_YET : told({ remaining: formatDuration(Math.ceil(remainingMs)) });
  });
}
