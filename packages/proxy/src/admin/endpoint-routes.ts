import { type Clock, type EpochMs, parseDuration, restAfter, sleep } from '@holdfast/shared';
import type { Hono } from 'hono';
import type { Operations } from './admin-app.ts';
import { told } from './answer.ts';
import { API, type EndpointView } from './api.ts';
import { type Reply, serve } from './api-operation.ts';
import { EndpointDesk, unknownEndpoint } from './endpoint-desk.ts';
import type { TaggedEndpoint } from './endpoint-views.ts';
import { reasonsToStay } from './termination.ts';

const ASK_INTERVAL_MS = 500;

/** What operators ask of endpoints. */
export function serveEndpoints(app: Hono, operations: Operations): void {
  const { ask, clock } = operations;
  const desk = new EndpointDesk(operations);
  const find = (id: string): Promise<TaggedEndpoint | undefined> => desk.find(id);

  serve(app, API.listEndpoints, async () => {
    const endpoints = await desk.all();
    return { kind: 'told', value: { endpoints: endpoints.map(({ view }) => view) } };
  });
  serve(app, API.getEndpoint, async ({ params }) => described(await find(idOf(params)), idOf(params)));
  serve(app, API.addEndpoint, async ({ params, body }) => {
    const answer = await desk.add(params.pool ?? '', body);
    return answer.kind === 'refused' ? answer : described(await find(answer.id), answer.id);
  });
  serve(app, API.removeEndpoint, async ({ params, query, ifMatch }) => {
    const { pool = '', id = '' } = params;
    const answer = await desk.remove(pool, id, { tag: ifMatch, isForced: query.force });
    return answer.kind === 'refused' ? answer : told({ id: idOf(params), standing: 'unknown' });
  });
  serve(app, API.drain, async ({ params, body, ifMatch }) => {
    const endpoint = idOf(params);
    const withinMs = body.deadline === undefined ? undefined : parseDuration(body.deadline);
    const answer = await ask({ kind: 'drain', endpoint, withinMs, tag: ifMatch });
    return answer.kind === 'refused' ? answer : described(await find(endpoint), endpoint);
  });
  serve(app, API.undrain, async ({ params, ifMatch }) => {
    const endpoint = idOf(params);
    const answer = await ask({ kind: 'undrain', endpoint, tag: ifMatch });
    if (answer.kind === 'refused') return answer;
    const found = await find(endpoint);
    return found === undefined ? told({ id: endpoint, standing: 'unknown' }) : described(found, endpoint);
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
    const askedAtMs = clock.elapsed();
    const found = await find();
    if (found === undefined) return unknownEndpoint(id);
    const reply = terminationOf(found.view, clock.now());
    const leftMs = giveUpAtMs - clock.elapsed();
    if (reply.status === 200 || leftMs <= 0) return reply;
    const restMs = Math.max(ASK_INTERVAL_MS, restAfter(clock.elapsed() - askedAtMs));
    await sleep(clock, Math.min(restMs, leftMs));
    if (restMs > leftMs) return reply;
  }
}

function terminationOf(endpoint: EndpointView, nowMs: EpochMs) {
  const reasons = reasonsToStay(endpoint, nowMs);
  const safe = reasons.length === 0;
  return { kind: 'told', value: { safe, reasons, endpoint }, status: safe ? 200 : 503 } as const;
}

const idOf = ({ pool, id }: Readonly<Record<string, string>>): string => `${pool}/${id}`;

const described = (found: TaggedEndpoint | undefined, id: string): Reply =>
  found === undefined ? unknownEndpoint(id) : { kind: 'told', value: found.view, tag: found.tag };
