import { html } from 'hono/html';
import type { Html } from '../page.ts';
import type { Sample } from '../sample.ts';
import { counted, formatCount } from '../words.ts';

/** A figure, and what is to be said of it. */
interface Tile {
  readonly label: string;
  readonly figure: string;
  readonly note: string;
  readonly isBad?: boolean;
}

/** How a node and its cluster are, at a glance. */
export const summaryRegion = (sample: Sample): Html => html`<dl class="tiles">
  ${[endpointsTile, sessionsTile, requestsTile, nodesTile, storeTile].map((tileOf) => tile(tileOf(sample)))}
</dl>
${warnings(sample)}`;

const tile = ({
  label,
  figure,
  note,
  isBad = false,
}: Tile): Html => html`<div class="${isBad ? 'tile bad' : 'tile'}">
  <dt>${label}</dt>
  <dd><b class="figure">${figure}</b> <span class="quiet">${isBad ? '▲ ' : ''}${note}</span></dd>
</div>`;

function endpointsTile({ endpoints }: Sample): Tile {
  const standings = Map.groupBy(endpoints, ({ view }) => view.standing);
  const serving = standings.get('serving')?.length ?? 0;
  const others = (['draining', 'suspect', 'down'] as const).flatMap((standing) => {
    const { length = 0 } = standings.get(standing) ?? [];
    return length === 0 ? [] : `${length} ${standing}`;
  });
  return {
    label: 'Endpoints',
    figure: `${serving}/${endpoints.length}`,
    note: ['serving', ...others].join(', '),
    isBad: standings.has('down') || standings.has('suspect'),
  };
}

function sessionsTile({ endpoints, isCounted }: Sample): Tile {
  const pinned = endpoints.reduce((sum, { view }) => sum + (view.pinned ?? 0), 0);
  return {
    label: 'Sessions',
    figure: isCounted ? formatCount(pinned) : '–',
    note: isCounted ? 'pinned' : 'not known',
  };
}

function requestsTile({ endpoints, report }: Sample): Tile {
  const inFlight = endpoints.reduce((sum, { view }) => sum + view.inFlight, 0);
  const waiting = endpoints.reduce((sum, { view }) => sum + view.waiting, 0);
  const open = report.listeners.reduce((sum, { openConnections }) => sum + openConnections, 0);
  const note = `in flight, ${waiting > 0 ? `${formatCount(waiting)} waiting, ` : ''}${counted(open, 'connection')}`;
  return { label: 'Requests', figure: formatCount(inFlight), note };
}

function nodesTile({ report: { members, isCutOff } }: Sample): Tile {
  const living = members.filter(({ state }) => ['self', 'joining', 'alive'].includes(state)).length;
  const others = members.length - living;
  const silent = others === 0 ? [] : [`${others} gone or silent`];
  const note = ['alive', ...silent, ...(isCutOff ? ['this one is cut off'] : [])].join(', ');
  return { label: 'Nodes', figure: String(living), note, isBad: isCutOff || others > 0 };
}

function storeTile({ report: { store } }: Sample): Tile {
  if (store === undefined) return { label: 'Session map', figure: '–', note: 'not known' };
  const isBad = store.mode !== 'normal' || store.state !== 'available';
  const news = store.invalidationsLive ? [] : ['no news'];
  const note = [store.kind, ...(store.state === store.mode || !isBad ? [] : [store.state]), ...news].join(
    ', ',
  );
  return { label: 'Session map', figure: store.mode, note, isBad: isBad || news.length > 0 };
}

const warnings = ({ report }: Sample): Html | string =>
  report.warnings.length === 0
    ? ''
    : html`<ul class="notice warn">${report.warnings.map((warning) => html`<li>${warning}</li>`)}</ul>`;
