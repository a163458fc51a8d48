import { html } from 'hono/html';
import type { Html } from '../page.ts';

interface Chart {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
}

const CHARTS: readonly Chart[] = [
  { name: 'finished', title: 'Requests', unit: 'per second' },
  { name: 'failed', title: 'Failed', unit: 'per second' },
  { name: 'latency', title: 'Latency', unit: 'p50 · p99' },
  { name: 'moved', title: 'Sessions moved', unit: 'per second' },
];

/** Charts of the last ten minutes, which a script draws, and what they show as a table. */
export const charts = (): Html => html`<section class="charts" aria-labelledby="charts-title">
  <h2 id="charts-title"><b>Traffic</b> through this node <span id="charts-when"></span></h2>
  <div class="plots">${CHARTS.map(figure)}</div>
  <details>
    <summary class="quiet">As a table, by minutes</summary>
    <table>
      <thead>
        <tr>
          <th scope="col">Minute</th>
          <th scope="col" class="number">Requests</th>
          <th scope="col" class="number">Failed</th>
          <th scope="col" class="number">Sessions moved</th>
          <th scope="col" class="number">p50</th>
          <th scope="col" class="number">p99</th>
        </tr>
      </thead>
      <tbody id="minutes"></tbody>
    </table>
  </details>
</section>`;

/** The view box stretches: its hundred units are all of the time that is shown. */
const figure = ({
  name,
  title,
  unit,
}: Chart): Html => html`<figure class="card chart ${name}" data-chart="${name}">
  <figcaption>
    <span>${title} <span class="unit quiet">${unit}</span></span>
    <b class="reading number">–</b>
  </figcaption>
  <div class="plot">
    <svg viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-labelledby="${name}-title ${name}-desc">
      <title id="${name}-title">${title}, ${unit}, over the last ten minutes</title>
      <desc id="${name}-desc">Nothing yet</desc>
      <path class="grid" d="M25 0V100M50 0V100M75 0V100M0 52H100" />
      <path class="area" />
      <path class="line" />
      <path class="beyond" />
      <path class="bars" />
      <path class="hair" />
    </svg>
    <span class="most quiet number" aria-hidden="true"></span>
  </div>
  <p class="times quiet" aria-hidden="true"><span class="since"></span><span>now</span></p>
</figure>`;
