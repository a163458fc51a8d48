import { html } from 'hono/html';
import type { z } from 'zod';
import type { sessionPage, sessionView } from '../../admin/api.ts';
import type { Html } from '../page.ts';
import type { Sample } from '../sample.ts';
import { standingMark } from '../standing.ts';
import { ago, counted, formatCount, poolOf, within } from '../words.ts';

export type SessionView = z.output<typeof sessionView>;
type SessionPage = z.output<typeof sessionPage>;

/** What of the sessions is shown. */
export interface Selection {
  readonly endpoint: string | undefined;
  readonly cursor: string | undefined;
}

/** Whose sessions, and a way to one of them. */
export const selectionForms = ({ endpoint }: Selection, { endpoints }: Sample): Html => {
  const pools = Object.entries(Object.groupBy(endpoints, ({ view }) => poolOf(view.id)));
  return html`<div class="card line tools">
    <form method="get" action="/console/sessions" class="line">
      <label for="endpoint">Endpoint</label>
      <select id="endpoint" name="endpoint">
        <option value="">all</option>
        ${pools.map(
          ([pool, some = []]) => html`<optgroup label="${pool}">
            ${some.map(
              ({ view: { id, pinned } }) =>
                html`<option value="${id}" ${id === endpoint ? 'selected' : ''}>${id}${pinned === undefined ? '' : ` (${formatCount(pinned)})`}</option>`,
            )}
          </optgroup>`,
        )}
      </select>
      <button>Show</button>
    </form>
    <form method="get" action="/console/sessions" class="line" role="search">
      <label for="key">Session key</label>
      <input id="key" name="key" type="search" size="24" required autocomplete="off" spellcheck="false">
      <button>Find</button>
    </form>
    <p class="quiet">With a cookie or a header instead of a key: <a href="/console/explain">explain a request</a>.</p>
  </div>`;
};

/** A page of sessions, and the way to the next one. */
export const sessionList = (
  page: SessionPage,
  selection: Selection,
  sample: Sample,
): Html => html`<section class="card" aria-labelledby="list-title">
  <h2 id="list-title">${selection.endpoint === undefined ? 'All sessions' : html`Sessions of <b>${selection.endpoint}</b>`}</h2>
  ${page.sessions.length === 0 ? html`<p class="empty">${noneHere(page)}</p>` : table(page.sessions, sample)}
  ${pager(page, selection)}
</section>`;

/** Where there are many sessions and few are meant, a page may have none, and there is a next one all the same. */
const noneHere = ({ next }: SessionPage): string =>
  next === undefined ? 'No sessions.' : 'None among those that were looked through; there are more.';

const table = (sessions: readonly SessionView[], sample: Sample): Html => {
  const standings = new Map(sample.endpoints.map(({ view }) => [view.id, view.standing]));
  return html`<table class="stacked">
    <thead>
      <tr>
        <th scope="col">Session key</th>
        <th scope="col">Endpoint</th>
        <th scope="col" class="number">Version</th>
        <th scope="col" class="number">Pinned</th>
        <th scope="col" class="number">Idle deadline</th>
        <th scope="col" class="number">Ends</th>
      </tr>
    </thead>
    <tbody>
      ${sessions.map(
        ({ key, endpoint, version, pinnedAt, expiresAt, endsAt, root }) => html`<tr id="session-${key}">
          <th scope="row">
            <a href="/console/sessions/${key}"><code>${key}</code></a>${root === undefined ? '' : html` <span class="tag">alias</span>`}
          </th>
          <td data-label="Endpoint">${endpoint} ${standingOf(standings.get(endpoint))}</td>
          <td data-label="Version" class="number detail">${version}</td>
          <td data-label="Pinned" class="number detail">${ago(pinnedAt, sample.atMs)}</td>
          <td data-label="Idle deadline" class="number">${within(expiresAt, sample.atMs)}</td>
          <td data-label="Ends" class="number detail">${within(endsAt, sample.atMs)}</td>
        </tr>`,
      )}
    </tbody>
  </table>`;
};

/** That an endpoint serves need not be said of each of its sessions. */
const standingOf = (standing: string | undefined): Html | string =>
  standing === 'serving' ? '' : standingMark(standing ?? 'unknown');

const pager = ({ sessions, next }: SessionPage, { endpoint, cursor }: Selection): Html => {
  const address = (changes: Readonly<Record<string, string>>): string =>
    `/console/sessions?${new URLSearchParams({ ...(endpoint !== undefined && { endpoint }), ...changes }).toString()}`;
  return html`<nav class="line pager" aria-label="Pages of sessions">
    <span class="quiet">${counted(sessions.length, 'session')} on this page</span>
    ${cursor === undefined ? '' : html`<a href="${address({})}">First page</a>`}
    ${next === undefined ? '' : html`<a href="${address({ cursor: next })}" rel="next">Next page</a>`}
  </nav>`;
};
