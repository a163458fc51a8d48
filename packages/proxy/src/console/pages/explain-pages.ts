import type { Hono } from 'hono';
import { html } from 'hono/html';
import { z } from 'zod';
import type { Operations } from '../../admin/admin-app.ts';
import { API, type ExplainedKey, type Explanation, explanation } from '../../admin/api.ts';
import { filled, notAsExpected, readForm } from '../forms.ts';
import { type ConsoleContext, type ConsoleEnv, type Html, renderPage } from '../page.ts';
import { sayRefusalPage } from '../refusal-page.ts';
import type { Sampler } from '../sample.ts';
import { standingMark } from '../standing.ts';
import { within } from '../words.ts';
import { sentence, verdict } from './session-detail.ts';

const isLineOfHead = (line: string): boolean => line.trim() === '' || /^\s*[^\s:]+:/.test(line);

const headerLines = filled.refine(
  (text = '') => text.split('\n').every(isLineOfHead),
  'a name, a colon and a value on each line',
);

const fields = z.object({
  target: filled,
  host: filled,
  cookie: filled,
  headers: headerLines,
  clientAddress: filled,
});
type Asked = z.output<typeof fields>;

const NOTHING: Asked = fields.parse({});

/** Where a request would go, and why. It is asked by POST, as a cookie has no place in an address. */
export function serveExplainPages(pages: Hono<ConsoleEnv>, { ask }: Operations, sampler: Sampler): void {
  pages.get('/explain', (context) => renderExplain(context, NOTHING, ''));
  pages.post('/explain', async (context) => {
    const form = await readForm(context, fields);
    if (form.kind === 'refused') return sayRefusalPage(context, form);
    const { target, host, clientAddress } = form.fields;
    const body = API.explain.body.safeParse({ target, host, clientAddress, headers: fieldsOf(form.fields) });
    if (!body.success) return sayRefusalPage(context, notAsExpected(body.error));
    const { host: asked, headers, ...request } = body.data;
    const answer = await ask({ kind: 'explain', ...request, headers: [['Host', asked], ...headers] });
    if (answer.kind === 'refused') return sayRefusalPage(context, answer);
    const { atMs } = await sampler.take();
    return renderExplain(context, form.fields, explained(explanation.parse(answer.value), atMs));
  });
}

/** Names and values, of the cookie and of other lines. */
const fieldsOf = ({ cookie, headers = '' }: Asked): readonly (readonly [string, string])[] => [
  ...(cookie === undefined ? [] : [['Cookie', cookie.replace(/^cookie:\s*/i, '')] as const]),
  ...headers
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line): [string, string] => {
      const [name = '', ...value] = line.split(':');
      return [name.trim(), value.join(':').trim()];
    }),
];

const renderExplain = (context: ConsoleContext, asked: Asked, answer: Html | string): Promise<Response> =>
  renderPage(context, {
    title: 'Explain a request',
    current: 'explain',
    body: html`<h1>Explain a request</h1>
      ${answer}
      <form class="card" method="post" action="/console/explain">
        <p class="quiet">Where would it go, and why? Nothing is changed, and nothing is sent.</p>
        <div class="fields">
          <label>Host <input name="host" value="${asked.host}" placeholder="localhost" spellcheck="false"></label>
          <label>Path and query <input name="target" value="${asked.target}" placeholder="/" spellcheck="false"></label>
          <label>Client address
            <input name="clientAddress" value="${asked.clientAddress}" placeholder="127.0.0.1" spellcheck="false"></label>
          <label class="wide">Cookie
            <input name="cookie" value="${asked.cookie}" placeholder="_srv_id=…" autocomplete="off" spellcheck="false"></label>
          <label class="wide">Further header fields, one on each line
            <textarea name="headers" rows="3" placeholder="X-User: somebody" spellcheck="false">${asked.headers}</textarea></label>
        </div>
        <button class="primary">Explain</button>
      </form>`,
  });

const explained = (
  told: Explanation,
  atMs: number,
): Html => html`<section class="card" aria-labelledby="answer-title">
  <h2 id="answer-title">Where it would go</h2>
  <p class="verdict">${verdict(told)}</p>
  <p>${sentence(told.why)}</p>
  <p class="quiet">By route ${told.route} of listener ${told.listener}, in pool ${told.pool}.</p>
  ${told.keys.length === 0 ? '' : keysTable(told.keys, atMs)}
</section>`;

const keysTable = (keys: readonly ExplainedKey[], atMs: number): Html => html`<table class="stacked">
  <caption>The keys that it names, in the order in which they count</caption>
  <thead>
    <tr>
      <th scope="col">Session key</th>
      <th scope="col">Source</th>
      <th scope="col">Known by</th>
      <th scope="col">Endpoint</th>
      <th scope="col" class="number">Version</th>
      <th scope="col" class="number">Idle deadline</th>
    </tr>
  </thead>
  <tbody>
    ${keys.map(
      ({ key, source, known, endpoint, standing, version, expiresAt }) => html`<tr>
        <th scope="row">
          ${known === 'store' ? html`<a href="/console/sessions/${key}"><code>${key}</code></a>` : html`<code>${key}</code>`}
        </th>
        <td data-label="Source">${source}</td>
        <td data-label="Known by">${KNOWN_BY[known]}</td>
        <td data-label="Endpoint">${endpoint ?? '–'} ${standing === undefined ? '' : standingMark(standing)}</td>
        <td data-label="Version" class="number">${version ?? '–'}</td>
        <td data-label="Idle deadline" class="number">${expiresAt === undefined ? '–' : within(expiresAt, atMs)}</td>
      </tr>`,
    )}
  </tbody>
</table>`;

const KNOWN_BY: Readonly<Record<ExplainedKey['known'], string>> = {
  store: 'the session map',
  cookie: 'the cookie alone',
  no: 'nobody',
  'store-unavailable': 'unknown: the store does not answer',
};
