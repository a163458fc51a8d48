import { Draft } from '../draft.ts';
import { type Imported, importedFrom, TEXT_LENGTH_MAX, TOO_LONG, unreadable } from '../imported.ts';
import { BACKEND_KEYWORDS, importBackend } from './haproxy-backend.ts';
import { FRONTEND_KEYWORDS, importFrontend } from './haproxy-frontend.ts';
import { noteLeft } from './haproxy-hints.ts';
import { type HaproxySection, readHaproxy } from './haproxy-lines.ts';
import { type HaproxyProxy, proxiesOf } from './haproxy-proxy.ts';

/**
 * Turns a HAProxy configuration, or a piece of one such as a lone `backend`, into Holdfast's. Never throws, whatever
 * the text.
 */
export function importHaproxy(text: string): Imported {
  if (text.length > TEXT_LENGTH_MAX) return TOO_LONG;
  const read = readHaproxy(text);
  if (read.kind === 'unreadable') return unreadable(read.line, read.name, read.reason);
  const draft = new Draft();
  const proxies = proxiesOf(read.sections);
  const tables = new Map(proxies.map((proxy) => [proxy.key, proxy]));
  for (const proxy of proxies) if (isBackend(proxy)) importBackend(draft, proxy, tables);
  for (const proxy of proxies) if (proxy.kind !== 'backend') importFrontend(draft, proxy);
  for (const section of read.sections) noteUnread(draft, section);
  return importedFrom(draft, 'expected a backend with a server that could be carried over, found none');
}

/** A section that only holds a stick table has no endpoints, and is looked at where a rule names it. */
const isBackend = (proxy: HaproxyProxy): boolean =>
  proxy.kind !== 'frontend' && (proxy.all('server').length > 0 || proxy.all('stick-table').length === 0);

const READ: Readonly<Record<string, readonly RegExp[]>> = {
  defaults: [BACKEND_KEYWORDS, FRONTEND_KEYWORDS],
  frontend: [FRONTEND_KEYWORDS],
  backend: [BACKEND_KEYWORDS],
  listen: [BACKEND_KEYWORDS, FRONTEND_KEYWORDS],
};

function noteUnread(draft: Draft, section: HaproxySection): void {
  const read = READ[section.kind];
  if (read === undefined) {
    const reason =
      section.kind === 'global'
        ? ABOUT_THE_PROCESS
        : section.kind === 'peers'
          ? ABOUT_PEERS
          : 'no equivalent';
    draft.note(section, `${reason}, with its ${section.lines.length} lines`);
    return;
  }
  for (const line of section.lines) {
    const text = [line.name, ...line.args].join(' ');
    if (!read.some((keywords) => keywords.test(text))) noteLeft(draft, line);
  }
}

const ABOUT_THE_PROCESS = 'not needed: it is about the process of HAProxy (for processes, see "workers")';
const ABOUT_PEERS = 'not needed: nodes share their sessions through the store';
