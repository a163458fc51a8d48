import { html } from 'hono/html';
import type { NodeReport, ReportedMember } from '../node-report.ts';
import type { Html } from '../page.ts';
import type { Sample } from '../sample.ts';
import { standingMark } from '../standing.ts';
import { ago, formatCount, roughly } from '../words.ts';

/** This node, the others as it sees them, and its store. */
export const nodesRegion = (sample: Sample): Html => html`
  ${sample.report.isCutOff ? cutOff() : ''}
  ${sample.report.warnings.map((warning) => html`<p class="notice warn" role="status">${warning}</p>`)}
  ${membersCard(sample)}
  <div class="columns">${storeCard(sample.report)} ${selfCard(sample)}</div>
  ${sample.report.workers.length > 0 ? workersCard(sample) : ''}`;

const cutOff = (): Html => html`<p class="notice bad" role="status">
  This node is cut off from most endpoints that the others reach: it asks for no new clients.
</p>`;

const membersCard = ({
  report,
  atMs,
}: Sample): Html => html`<section class="card" aria-labelledby="members-title">
  <h2 id="members-title">Members of <b>${report.cluster ?? 'the cluster'}</b></h2>
  <table class="stacked">
    <thead>
      <tr>
        <th scope="col">Node</th>
        <th scope="col">State</th>
        <th scope="col">Phase</th>
        <th scope="col">Release</th>
        <th scope="col" class="number">Last beat</th>
        <th scope="col" class="number">Started</th>
        <th scope="col">Configuration</th>
        <th scope="col">Holds down</th>
      </tr>
    </thead>
    <tbody>
      ${report.members.map((member) => memberRow(member, report, atMs))}
    </tbody>
  </table>
  ${report.members.length === 0 ? html`<p class="empty">This node has said nothing of itself yet.</p>` : ''}
</section>`;

const memberRow = (
  member: ReportedMember,
  report: NodeReport,
  atMs: number,
): Html => html`<tr id="node-${member.node}">
  <th scope="row">${member.node}${member.state === 'self' ? html` <span class="tag">this one</span>` : ''}</th>
  <td data-label="State">${standingMark(member.state === 'self' ? 'alive' : member.state)}</td>
  <td data-label="Phase">${member.phase}</td>
  <td data-label="Release">${member.release}</td>
  <td data-label="Last beat" class="number">${member.state === 'self' ? 'now' : `${(member.silentMs / 1_000).toFixed(1)} s`}</td>
  <td data-label="Started" class="number">${ago(member.startedAt, atMs)}</td>
  <td data-label="Configuration">${fingerprint(member, report)}</td>
  <td data-label="Holds down">${member.holdsDown.length === 0 ? html`<span class="quiet">none</span>` : member.holdsDown.join(', ')}</td>
</tr>`;

/** Nodes that go by the same pools and secrets have the same fingerprint. */
function fingerprint(member: ReportedMember, { members }: NodeReport): Html {
  const own = members.find(({ state }) => state === 'self')?.fingerprint;
  const isOther = own !== undefined && member.fingerprint !== own;
  return html`<code title="${member.fingerprint}">${member.fingerprint.slice(0, 8)}</code>
    ${isOther ? html`<span class="standing suspect"><span aria-hidden="true">▲</span> differs</span>` : ''}`;
}

const storeCard = ({ store }: NodeReport): Html => html`<section class="card" aria-labelledby="store-title">
  <h2 id="store-title">Store</h2>
  ${
    store === undefined
      ? html`<p class="empty">Nothing is known of it yet.</p>`
      : html`<dl>
        ${fact('Kind', store.kind)}
        ${fact('State', stateMark(store.state))}
        ${fact('Mode', store.mode)}
        ${fact('News of moves', store.invalidationsLive ? 'flow' : 'do not flow: a copy is believed for a second')}
        ${fact('Written back', `${formatCount(store.writeBacks.admitted ?? 0)}, refused ${formatCount(store.writeBacks.refused ?? 0)}`)}
      </dl>`
  }
</section>`;

const stateMark = (state: string): Html =>
  state === 'available'
    ? html`<span class="standing serving"><span aria-hidden="true">●</span> ${state}</span>`
    : html`<span class="standing down"><span aria-hidden="true">✕</span> ${state}</span>`;

const selfCard = ({ report, atMs }: Sample): Html => {
  const { configuration, phase, uptimeSeconds = 0, listeners } = report;
  const reload = configuration?.lastReload;
  return html`<section class="card" aria-labelledby="self-title">
    <h2 id="self-title">This node</h2>
    <dl>
      ${fact('Phase', phase ?? 'unknown')}
      ${fact('Up for', roughly(uptimeSeconds * 1_000))}
      ${configuration === undefined ? '' : fact('Configuration', html`loaded ${ago(configuration.loadedAt, atMs)}, <code>${configuration.fingerprint?.slice(0, 8)}</code>`)}
      ${reload === undefined ? '' : fact('Last reload', `${reload.outcome} ${ago(reload.at, atMs)}`)}
      ${listeners.map(({ name, openConnections }) => fact(`Listener ${name}`, `${formatCount(openConnections)} connections`))}
    </dl>
    ${reload?.problems.map((problem) => html`<p class="notice bad">${problem}</p>`)}
  </section>`;
};

const fact = (name: string, value: Html | string): Html => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

const workersCard = ({
  report,
  atMs,
}: Sample): Html => html`<section class="card" aria-labelledby="workers-title">
  <h2 id="workers-title">Workers</h2>
  <table class="stacked">
    <thead>
      <tr>
        <th scope="col">Worker</th>
        <th scope="col">Phase</th>
        <th scope="col" class="number">Process</th>
        <th scope="col" class="number">Connections</th>
        <th scope="col" class="number">Requests</th>
        <th scope="col" class="number">Started</th>
      </tr>
    </thead>
    <tbody>
      ${report.workers.map(
        ({ worker, phase = 'starting', pid, openConnections = 0, requests = 0, startedAt }) => html`<tr>
          <th scope="row">${worker}</th>
          <td data-label="Phase">${phase}</td>
          <td data-label="Process" class="number">${pid}</td>
          <td data-label="Connections" class="number">${formatCount(openConnections)}</td>
          <td data-label="Requests" class="number">${formatCount(requests)}</td>
          <td data-label="Started" class="number">${ago(startedAt, atMs)}</td>
        </tr>`,
      )}
    </tbody>
  </table>
</section>`;
