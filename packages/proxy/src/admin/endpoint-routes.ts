import { type Clock, parseDuration, sleep } from '@holdfast/shared';
import type { Hono } from 'hono';
import type { Operations } from './admin-app.ts';
import { type Answer, refused } from './answer.ts';
import { API } from './api.ts';
import { type Reply, serve } from './api-operation.ts';
import { endpointViews, type TaggedEndpoint } from './endpoint-views.ts';
import { reasonsToStay } from './termination.ts';

const ASK_INTERVAL_MS = 500;

/** What operators ask of endpoints. */
export function serveEndpoints(app: Hono, { status, ask, clock }: Operations): void {
  const all = async (): Promise<readonly TaggedEndpoint[]> => {
    const [reported, occupied] = await Promise.all([status.report(), ask({ kind: 'occupancy' })]);
    return endpointViews(reported, occupied.kind === 'told' ? occupied.value : undefined);
  };
  const find = async (id: string): Promise<TaggedEndpoint | undefined> =>
    (await all()).find(({ view }) => view.id === id);
  const after = async (answer: Answer, id: string): Promise<Reply> =>
    answer.kind === 'refused' ? answer : described(await find(id), id);

  serve(app, API.listEndpoints, async () => {
    const endpoints = await all();
    return { kind: 'told', value: { endpoints: endpoints.map(({ view }) => view) } };
  });
  serve(app, API.getEndpoint, async ({ params }) => described(await find(idOf(params)), idOf(params)));
  serve(app, API.drain, async ({ params, body, ifMatch }) => {
    const endpoint = idOf(params);
    const withinMs = body.deadline === undefined ? undefined : parseDuration(body.deadline);
    return after(await ask({ kind: 'drain', endpoint, withinMs, tag: ifMatch }), endpoint);
  });
  serve(app, API.undrain, async ({ params, ifMatch }) => {
    const endpoint = idOf(params);
    return after(await ask({ kind: 'undrain', endpoint, tag: ifMatch }), endpoint);
  });
  serve(app, API.safeToTerminate, async ({ params, query }) => {
    const waitMs = parseDuration(query.wait ?? '0s') ?? 0;
    return whenSafe(() => find(idOf(params)), idOf(params), waitMs, clock);
  });
}

async function whenSafe(
  find: () => Promise<TaggedEndpoint | undefined>,
  id: string,
  waitMs: number,
  clock: Clock,
): Promise<Reply> {
  const giveUpAtMs = clock.elapsed() + waitMs;
  for (;;) {
    const found = await find();
    if (found === undefined) return unknown(id);
    const reasons = reasonsToStay(found.view, clock.now());
    const safe = reasons.length === 0;
    if (safe || clock.elapsed() >= giveUpAtMs)
      return { kind: 'told', value: { safe, reasons, endpoint: found.view }, status: safe ? 200 : 503 };
    await sleep(clock, ASK_INTERVAL_MS);
  }
}

const idOf = ({ pool, id }: Readonly<Record<string, string>>): string => `${pool}/${id}`;

const described = (found: TaggedEndpoint | undefined, id: string): Reply =>
  found === undefined ? unknown(id) : { kind: 'told', value: found.view, tag: found.tag };

const unknown = (id: string): Reply =>
  refused('DOWNSTREAM_NOT_FOUND', `no endpoint "${id}": GET /endpoints lists those that there are`);
