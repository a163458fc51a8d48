import { html } from 'hono/html';
import type { SessionExplanation } from '../../admin/api.ts';
import type { Html } from '../page.ts';
import type { Sample } from '../sample.ts';
import { standingMark } from '../standing.ts';
import { ago, counted, poolOf, within } from '../words.ts';
import type { SessionView } from './session-list.ts';

/** Where a session is, since when and for how long. */
export const sessionFacts = (
  session: SessionView,
  explained: SessionExplanation | undefined,
  atMs: number,
): Html => {
  const { key, endpoint, version, pinnedAt, expiresAt, endsAt, root } = session;
  return html`<section class="card" aria-labelledby="where-title">
    <h2 id="where-title">Where it is</h2>
    <dl>
      ${fact('Key', html`<code>${key}</code>`)}
      ${fact('Endpoint', html`<b id="place">${endpoint}</b> ${explained === undefined ? '' : standingMark(explained.standing)}`)}
      ${fact('Version', `${version}${version === 1 ? ', where it began' : `, moved ${counted(version - 1, 'time')}`}`)}
      ${fact('Pinned', ago(pinnedAt, atMs))}
      ${fact('Without a request it ends', within(expiresAt, atMs))}
      ${fact('However busy it ends', within(endsAt, atMs))}
      ${root === undefined ? '' : fact('A further key of', html`<a href="/console/sessions/${root}"><code>${root}</code></a>`)}
    </dl>
  </section>`;
};

const fact = (name: string, value: Html | string): Html => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

/** Where its next request would go, and why. */
export const whyHere = (
  explained: SessionExplanation,
): Html => html`<section class="card" aria-labelledby="why-title">
  <h2 id="why-title">Why here</h2>
  <p class="verdict">${verdict(explained)}</p>
  <p>${sentence(explained.why)}</p>
  <p class="quiet">As the session map has it. What a cookie vouches for counts as well: <a href="/console/explain">explain a request</a>.</p>
</section>`;

/** What would come of a request. */
export const verdict = ({ decision, endpoint }: Pick<SessionExplanation, 'decision' | 'endpoint'>): Html =>
  html`<span class="tag">${decision}</span> ${endpoint === undefined ? '' : html`→ <b>${endpoint}</b>`}`;

export const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** What can be done about a session. The version that was seen is named, and no other is changed. */
export const sessionActions = (session: SessionView, { endpoints }: Sample): Html => {
  const { key, endpoint, version } = session;
  const others = endpoints.filter(({ view }) => view.id !== endpoint && poolOf(view.id) === poolOf(endpoint));
  return html`<section class="card" aria-labelledby="actions-title">
    <h2 id="actions-title">Do something about it</h2>
    <form method="post" action="/console/sessions/${key}/move" class="line">
      <input type="hidden" name="version" value="${version}">
      <label for="to">Move it to</label>
      <select id="to" name="to">
        <option value="">where a failure would move it</option>
        ${others.map(
          ({ view: { id, standing } }) =>
            html`<option value="${id}" ${standing === 'serving' ? '' : 'disabled'}>${id}${standing === 'serving' ? '' : ` (${standing})`}</option>`,
        )}
      </select>
      <button class="primary">Move</button>
    </form>
    <details class="menu-inline" id="unpin">
      <summary>Forget it</summary>
      <form method="post" action="/console/sessions/${key}/unpin" class="line">
        <input type="hidden" name="version" value="${version}">
        <span>The session map forgets where it is; what its endpoint knows of it is not touched.</span>
        <button class="danger">Forget the session</button>
      </form>
    </details>
  </section>`;
};
