import { type Explanation, explanation } from '../admin/api.ts';
import { type AskOptions, askAdmin } from './admin-client.ts';
import { table } from './table.ts';
import { EXIT, type ExitCode, type Terminal } from './terminal.ts';

/** What `holdfast explain` is told. */
export interface ExplainOptions extends AskOptions {
  readonly method?: string;
  readonly host?: string;
  readonly header?: readonly string[];
  readonly cookie?: string;
  readonly client?: string;
  readonly listener?: string;
}

/** Has a node say where a request would go, and why. */
export async function explain(
  target: string,
  options: ExplainOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const headers: (readonly [string, string])[] = [];
  for (const line of options.header ?? []) {
    const [, name, value] = /^([^:]+):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) {
      terminal.complain(`holdfast: expected a header such as "X-User: 7", found ${line}`);
      return EXIT.usage;
    }
    headers.push([name, value]);
  }
  const { method, host, cookie, client: clientAddress, listener } = options;
  if (cookie !== undefined) headers.push(['Cookie', cookie]);
  const body = { target, method, host, clientAddress, listener, headers };
  return askAdmin(options, terminal, { method: 'POST', path: '/explain', body, answer: explanation }, words);
}

const TITLES = ['source', 'session', 'known', 'endpoint', 'standing', 'version', 'pinned', 'expires'];

const words = ({ listener, route, pool, label, keys, decision, endpoint, why }: Explanation): string =>
  [
    `listener ${listener}, route ${route}, pool ${pool}`,
    ...(label === undefined ? [] : [`a label by ${label} counts first`]),
    ...(keys.length === 0 ? [] : [table(TITLES, keys.map(rowOf))]),
    `${decision}: ${endpoint ?? 'by the balance policy'}`,
    `  ${why}`,
  ].join('\n');

const rowOf = (key: Explanation['keys'][number]) => [
  key.source,
  key.key,
  key.known,
  key.endpoint,
  key.standing,
  key.version,
  key.pinnedAt,
  key.expiresAt,
];
