import { isSessionKey } from '@holdfast/shared';
import type { Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import type { Operations } from '../../admin/admin-app.ts';
import { type Answer, refused } from '../../admin/answer.ts';
import { sessionExplanation, sessionPage, sessionView } from '../../admin/api.ts';
import { filled, readForm } from '../forms.ts';
import { goOn, noticeOf } from '../notices.ts';
import { type ConsoleContext, type ConsoleEnv, renderPage } from '../page.ts';
import { sayRefusalPage } from '../refusal-page.ts';
import type { Sampler } from '../sample.ts';
import { sessionActions, sessionFacts, whyHere } from './session-detail.ts';
import { selectionForms, sessionList } from './session-list.ts';

/** About so many sessions are on a page. */
const PAGE_SESSIONS = 50;

const query = z.object({ endpoint: filled, cursor: filled, key: filled });
const seen = z.object({ version: z.coerce.number().int().min(1).optional() });
const move = seen.extend({ to: filled });

/** Sessions, and what operators do with them. */
export function serveSessionPages(pages: Hono<ConsoleEnv>, { ask }: Operations, sampler: Sampler): void {
  pages.get('/sessions', async (context) => {
    const { key, ...selection } = query.parse(context.req.query());
    if (key !== undefined) return toSession(context, key);
    const [sample, answer] = await Promise.all([
      sampler.take(),
      ask({ kind: 'list-sessions', ...selection, limit: PAGE_SESSIONS }),
    ]);
    if (answer.kind === 'refused') return sayRefusalPage(context, answer);
    return renderPage(context, {
      title: 'Sessions',
      current: 'sessions',
      body: html`<h1>Sessions</h1>
        ${noticeOf(context)}
        ${selectionForms(selection, sample)}
        <div id="sessions" data-again>${sessionList(sessionPage.parse(answer.value), selection, sample)}</div>`,
    });
  });
  pages.get('/sessions/:key', async (context) => {
    const { key } = context.req.param();
    const [sample, found, explained] = await Promise.all([
      sampler.take(),
      ask({ kind: 'get-session', key }),
      ask({ kind: 'explain-session', key }),
    ]);
    if (found.kind === 'refused') return sayRefusalPage(context, found);
    const session = sessionView.parse(found.value);
    const why = explained.kind === 'told' ? sessionExplanation.parse(explained.value) : undefined;
    return renderPage(context, {
      title: `Session ${key}`,
      current: 'sessions',
      body: html`<h1>Session <code>${key}</code></h1>
        ${noticeOf(context)}
        <div class="columns" id="session" data-again>
          ${sessionFacts(session, why, sample.atMs)} ${why === undefined ? '' : whyHere(why)}
        </div>
        ${sessionActions(session, sample)}`,
    });
  });
  pages.post('/sessions/:key/move', async (context) => {
    const form = await readForm(context, move);
    if (form.kind === 'refused') return sayRefusalPage(context, form);
    const { key } = context.req.param();
    const answer = await ask({ kind: 'move-session', key, ...form.fields });
    sampler.forget();
    return answer.kind === 'refused' ? sayRefusalPage(context, answer) : goOn(context, pathOf(key), 'move');
  });
  pages.post('/sessions/:key/unpin', async (context) => {
    const form = await readForm(context, seen);
    if (form.kind === 'refused') return sayRefusalPage(context, form);
    const { key } = context.req.param();
    const answer: Answer = await ask({ kind: 'unpin-session', key, ...form.fields });
    sampler.forget();
    return answer.kind === 'refused'
      ? sayRefusalPage(context, answer)
      : goOn(context, '/console/sessions', 'unpin');
  });
}

const pathOf = (key: string): string => `/console/sessions/${encodeURIComponent(key)}`;

const toSession = (context: ConsoleContext, key: string): Response | Promise<Response> =>
  isSessionKey(key)
    ? context.redirect(pathOf(key), 303)
    : sayRefusalPage(
        context,
        refused(
          'DOWNSTREAM_BAD_REQUEST',
          'A session key has 22 characters, as access log and events show it. With a cookie or a header instead, explain a request.',
        ),
      );
