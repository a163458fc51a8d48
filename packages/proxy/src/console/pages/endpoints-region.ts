import { html } from 'hono/html';
import type { EndpointView } from '../../admin/api.ts';
import { reasonsToStay } from '../../admin/termination.ts';
import { bar } from '../bar.ts';
import type { Html } from '../page.ts';
import type { Sample, SampledEndpoint } from '../sample.ts';
import { standingMark } from '../standing.ts';
import { formatCount, poolOf, upTo, within } from '../words.ts';
import { endpointActions } from './endpoint-actions.ts';

/** The endpoints of all pools, with what can be done about each. */
export function endpointsRegion(sample: Sample): Html {
  const pools = Object.entries(Object.groupBy(sample.endpoints, ({ view }) => poolOf(view.id)));
  return html`${sample.isCounted ? '' : uncounted()}
  ${pools.map(([pool, endpoints = []]) => poolCard(pool, endpoints, sample))}
  ${pools.length === 0 ? html`<p class="card empty">No process of this node serves yet.</p>` : ''}`;
}

const uncounted = (): Html => html`<p class="notice warn" role="status">
  The session map does not answer: drains and sessions are not known at the moment, and nothing can be drained.
</p>`;

const poolCard = (pool: string, endpoints: readonly SampledEndpoint[], sample: Sample): Html => {
  const most = Math.max(1, ...endpoints.map(({ view }) => view.pinned ?? 0));
  return html`<section class="card" id="pool-${pool}" aria-labelledby="pool-${pool}-title">
    <h2 id="pool-${pool}-title">Pool <b>${pool}</b></h2>
    <table class="stacked">
      <thead>
        <tr>
          <th scope="col">Endpoint</th>
          <th scope="col">Standing</th>
          <th scope="col" class="number">Weight</th>
          <th scope="col" class="number">Pinned sessions</th>
          <th scope="col" class="number">In flight</th>
          <th scope="col" class="number">Waiting</th>
          <th scope="col" class="number" title="Until it answered, in the last minute">Latency</th>
          <th scope="col"><span class="unseen">Actions</span></th>
        </tr>
      </thead>
      <tbody>
        ${endpoints.map((endpoint) => row(endpoint, most, sample))}
      </tbody>
    </table>
  </section>`;
};

function row(endpoint: SampledEndpoint, most: number, sample: Sample): Html {
  const { view } = endpoint;
  return html`<tr id="endpoint-${view.id}">
    <th scope="row">
      <a href="/console/sessions?${new URLSearchParams({ endpoint: view.id }).toString()}" title="Its sessions">${view.id}</a>
      <span class="under">${view.url}${origin(view)}</span>
    </th>
    <td data-label="Standing">${standingMark(view.standing)}${underStanding(endpoint, sample)}</td>
    <td data-label="Weight" class="number">${view.weight}</td>
    <td data-label="Pinned" class="number">${pinned(view, most)}</td>
    <td data-label="In flight" class="number">${formatCount(view.inFlight)}</td>
    <td data-label="Waiting" class="number">${formatCount(view.waiting)}</td>
    <td data-label="Latency" class="number">${latency(endpoint)}</td>
    <td class="actions">${endpointActions(endpoint)}</td>
  </tr>`;
}

const origin = ({ from = 'configuration' }: EndpointView): string =>
  from === 'configuration' ? '' : ` · ${from === 'operator' ? 'added' : `by ${from}`}`;

/** The number, and beside it how it compares with that of the fullest endpoint of the pool. */
const pinned = ({ pinned: count }: EndpointView, most: number): Html =>
  count === undefined
    ? html`<span class="quiet">unknown</span>`
    : html`<span>${bar(count, most, `of ${formatCount(most)} at the fullest endpoint`)}${formatCount(count)}</span>`;

const latency = ({ latency: known }: SampledEndpoint): Html =>
  known === undefined
    ? html`<span class="quiet">–</span>`
    : html`<span>${upTo(known.p50)}</span><span class="under">p99 ${upTo(known.p99)}</span>`;

/** Why an endpoint stands as it does. */
function underStanding(endpoint: SampledEndpoint, { report, atMs }: Sample): Html {
  const { view } = endpoint;
  const told = report.pools.flatMap(({ endpoints }) => endpoints).find(({ id }) => id === view.id);
  const facts = [
    told?.healthCheck === 'failing' ? 'health check fails' : [],
    told?.outlier === 'ejected' ? 'ejected' : told?.outlier === 'on-trial' ? 'on trial' : [],
    told === undefined || told.heldDownBy.length === 0 ? [] : `held down by ${told.heldDownBy.join(', ')}`,
    view.drain?.deadline === undefined ? [] : `deadline ${within(view.drain.deadline, atMs)}`,
  ].flat();
  return html`${facts.map((fact) => html`<span class="under">${fact}</span>`)}${drainProgress(endpoint, atMs)}`;
}

function drainProgress({ view, mostPinned }: SampledEndpoint, atMs: number): Html | string {
  if (view.drain === undefined || mostPinned === undefined || view.pinned === undefined) return '';
  const reasons = reasonsToStay(view, atMs);
  const gone = mostPinned - view.pinned;
  const progress = bar(
    gone,
    mostPinned,
    `${formatCount(gone)} of ${formatCount(mostPinned)} sessions have left`,
  );
  return html`<span class="under">
    ${mostPinned === 0 ? '' : progress}${reasons.length === 0 ? html`<b class="good">safe to terminate</b>` : reasons.join('; ')}
  </span>`;
}
