import { html } from 'hono/html';
import type { Html } from '../page.ts';
import type { Sample } from '../sample.ts';
import { poolOf } from '../words.ts';
import { charts } from './charts.ts';
import { summaryRegion } from './summary.ts';

/** What goes on at this moment: figures, charts, events, and requests as they pass. */
export const overviewPage = (sample: Sample): Html => html`<h1 class="unseen">Overview</h1>
<section aria-label="At a glance" data-topic="summary">${summaryRegion(sample)}</section>
<p class="notice warn" id="trouble" role="status" hidden></p>
<noscript><p class="notice warn">Charts, events and requests need JavaScript. Endpoints, sessions and nodes do not.</p></noscript>
${charts()}
<div class="passing">${requests(sample)} ${events()}</div>`;

const requests = (
  sample: Sample,
): Html => html`<section class="card requests" aria-labelledby="requests-title">
  <header>
    <h2 id="requests-title"><b>Requests</b> through ${sample.report.node ?? 'this node'} only</h2>
    <button type="button" id="pause" aria-pressed="false">Pause</button>
  </header>
  ${filters(sample)}
  <p class="quiet" id="left-out" hidden></p>
  <div class="scroller">
    <table id="requests">
      <caption class="unseen">Requests as they pass, the latest first</caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          <th scope="col">Request</th>
          <th scope="col" class="number">Status</th>
          <th scope="col">Endpoint</th>
          <th scope="col">Outcome</th>
          <th scope="col" class="number">Took</th>
          <th scope="col">Session</th>
        </tr>
      </thead>
      <tbody></tbody>
    </table>
    <p class="quiet empty" id="no-requests">No request yet.</p>
  </div>
</section>`;

const OUTCOMES = ['hit', 'created', 'repinned', 'adopted', 'fallback', 'none'];
const STATUSES = ['1xx', '2xx', '3xx', '4xx', '5xx'];

function filters({ endpoints }: Sample): Html {
  const ids = endpoints.map(({ view }) => view.id);
  return html`<form class="filters" id="filters" aria-label="Show only">
    ${choice('pool', 'Pool', [...new Set(ids.map(poolOf))])} ${choice('endpoint', 'Endpoint', ids)}
    ${choice('outcome', 'Outcome', OUTCOMES)} ${choice('status', 'Status', STATUSES)}
    <label>Path or session <input type="search" name="text" autocomplete="off" spellcheck="false" size="16"></label>
  </form>`;
}

const choice = (name: string, label: string, values: readonly string[]): Html => html`<label>${label}
  <select name="${name}"><option value="">all</option>${values.map((value) => html`<option>${value}</option>`)}</select>
</label>`;

const events = (): Html => html`<section class="card events" aria-labelledby="events-title">
  <h2 id="events-title"><b>Events</b> in the cluster</h2>
  <ol id="events" role="log" aria-labelledby="events-title"></ol>
  <p class="quiet empty" id="no-events">Nothing has happened since somebody watches.</p>
</section>`;
