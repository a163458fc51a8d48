import { type Clock, type EpochMs, parseDuration, sleep } from '@holdfast/shared';
import { endpointAddress } from '@holdfast/shared/config';
import type { Hono } from 'hono';
import type { Operations } from './admin-app.ts';
import { refused, told } from './answer.ts';
import { API, type EndpointView } from './api.ts';
import { type Reply, serve } from './api-operation.ts';
import { overtaken } from './drain-operations.ts';
import { endpointViews, type TaggedEndpoint } from './endpoint-views.ts';
import { readOccupancy } from './occupancy.ts';
import { reasonsToStay } from './termination.ts';

const ASK_INTERVAL_MS = 500;
/** Counting is work for the store, the more the more sessions there are: a wait spends a twentieth of its time on it. */
const REST_FACTOR = 19;

/** What operators ask of endpoints. */
export function serveEndpoints(app: Hono, { status, ask, clock }: Operations): void {
  const all = async (): Promise<readonly TaggedEndpoint[]> => {
    const [reported, occupied] = await Promise.all([status.report(), ask({ kind: 'occupancy' })]);
    return endpointViews(reported, readOccupancy(occupied));
  };
  const find = async (id: string): Promise<TaggedEndpoint | undefined> =>
    (await all()).find(({ view }) => view.id === id);

  serve(app, API.listEndpoints, async () => {
    const endpoints = await all();
    return { kind: 'told', value: { endpoints: endpoints.map(({ view }) => view) } };
  });
  serve(app, API.getEndpoint, async ({ params }) => described(await find(idOf(params)), idOf(params)));
  serve(app, API.addEndpoint, async ({ params, body }) => {
    const pool = params.pool ?? '';
    const id = body.id ?? endpointAddress(body.url);
    const answer = await ask({ kind: 'add-endpoint', pool, id, endpoint: body });
    return answer.kind === 'refused' ? answer : described(await find(`${pool}/${id}`), `${pool}/${id}`);
  });
  serve(app, API.removeEndpoint, async ({ params, query, ifMatch }) => {
    const { pool = '', id = '' } = params;
    const found = await find(idOf(params));
    if (found === undefined) return unknown(idOf(params));
    if (ifMatch !== undefined && ifMatch !== found.tag) return overtaken(idOf(params));
    const reasons = query.force ? [] : reasonsAgainstRemoval(found.view, clock.now());
    if (reasons.length > 0) return stillNeeded(idOf(params), reasons);
    const answer = await ask({ kind: 'remove-endpoint', pool, id });
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
    if (found === undefined) return unknown(id);
    const reply = terminationOf(found.view, clock.now());
    const leftMs = giveUpAtMs - clock.elapsed();
    if (reply.status === 200 || leftMs <= 0) return reply;
    const restMs = Math.max(ASK_INTERVAL_MS, REST_FACTOR * (clock.elapsed() - askedAtMs));
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
  found === undefined ? unknown(id) : { kind: 'told', value: found.view, tag: found.tag };

/** Sessions that are left could not be followed any more, nor moved. */
function reasonsAgainstRemoval(endpoint: EndpointView, nowMs: EpochMs): readonly string[] {
  const reasons = reasonsToStay(endpoint, nowMs);
  return reasons.length === 0 && endpoint.pinned !== 0 ? [`${endpoint.pinned} sessions left`] : reasons;
}

const stillNeeded = (id: string, reasons: readonly string[]): Reply =>
  refused(
    'DOWNSTREAM_PRECONDITION_FAILED',
    `endpoint "${id}" is still needed: ${reasons.join('; ')}. Drain it first, or remove it all the same with force=true`,
  );

const unknown = (id: string): Reply =>
  refused('DOWNSTREAM_NOT_FOUND', `no endpoint "${id}": GET /endpoints lists those that there are`);
