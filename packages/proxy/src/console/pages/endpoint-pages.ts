import { parseDuration } from '@holdfast/shared';
import type { Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import type { Operations } from '../../admin/admin-app.ts';
import { API } from '../../admin/api.ts';
import { EndpointDesk } from '../../admin/endpoint-desk.ts';
import { filled, notAsExpected, readForm } from '../forms.ts';
import { goOn, noticeOf } from '../notices.ts';
import { type ConsoleEnv, renderPage } from '../page.ts';
import { sayRefusalPage } from '../refusal-page.ts';
import type { Sampler } from '../sample.ts';
import { poolOf } from '../words.ts';
import { addForm } from './endpoint-actions.ts';
import { endpointsRegion } from './endpoints-region.ts';

const PAGE = '/console/endpoints';

/** What a form about an endpoint says: which one, and the state that its reader has seen. */
const seen = z.object({ endpoint: z.string(), tag: z.string().optional() });
const drain = seen.extend({ deadline: filled.pipe(API.drain.body.shape.deadline) });
const removal = seen.extend({ force: z.literal('true').optional() });
const addition = z.object({
  pool: z.string(),
  url: z.string(),
  id: filled,
  weight: filled.transform((text) => (text === undefined ? undefined : Number(text))),
});

/** Endpoints, and what operators do with them. */
export function serveEndpointPages(pages: Hono<ConsoleEnv>, operations: Operations, sampler: Sampler): void {
  const { ask } = operations;
  const desk = new EndpointDesk(operations);

  pages.get('/endpoints', async (context) => {
    const sample = await sampler.take();
    const pools = [...new Set(sample.endpoints.map(({ view }) => poolOf(view.id)))];
    return renderPage(context, {
      title: 'Endpoints',
      current: 'endpoints',
      body: html`<h1>Endpoints</h1>
        ${noticeOf(context)}
        <div class="stack" data-topic="endpoints">${endpointsRegion(sample)}</div>
        ${addForm(pools)}`,
    });
  });
  pages.post('/endpoints/drain', async (context) => {
    const form = await readForm(context, drain);
    if (form.kind === 'refused') return sayRefusalPage(context, form);
    const { endpoint, tag, deadline } = form.fields;
    const withinMs = deadline === undefined ? undefined : parseDuration(deadline);
    const answer = await ask({ kind: 'drain', endpoint, withinMs, tag });
    sampler.forget();
    return answer.kind === 'refused' ? sayRefusalPage(context, answer) : goOn(context, PAGE, 'drain');
  });
  pages.post('/endpoints/undrain', async (context) => {
    const form = await readForm(context, seen);
    if (form.kind === 'refused') return sayRefusalPage(context, form);
    const { endpoint, tag } = form.fields;
    const answer = await ask({ kind: 'undrain', endpoint, tag });
    sampler.forget();
    return answer.kind === 'refused' ? sayRefusalPage(context, answer) : goOn(context, PAGE, 'undrain');
  });
  pages.post('/endpoints/add', async (context) => {
    const form = await readForm(context, addition);
    if (form.kind === 'refused') return sayRefusalPage(context, form);
    const { pool, ...given } = form.fields;
    const body = API.addEndpoint.body.safeParse(given);
    const answer = body.success ? await desk.add(pool, body.data) : notAsExpected(body.error);
    sampler.forget();
    return answer.kind === 'refused' ? sayRefusalPage(context, answer) : goOn(context, PAGE, 'add');
  });
  pages.post('/endpoints/remove', async (context) => {
    const form = await readForm(context, removal);
    if (form.kind === 'refused') return sayRefusalPage(context, form);
    const { endpoint, tag, force } = form.fields;
    const pool = poolOf(endpoint);
    const answer = await desk.remove(pool, endpoint.slice(pool.length + 1), {
      tag,
      isForced: force === 'true',
    });
    sampler.forget();
    return answer.kind === 'refused' ? sayRefusalPage(context, answer) : goOn(context, PAGE, 'remove');
  });
}
