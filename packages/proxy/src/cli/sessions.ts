import type { z } from 'zod';
import { sessionPage, sessionView } from '../admin/api.ts';
import { type AskOptions, askAdmin } from './admin-client.ts';
import { table } from './table.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** What `holdfast sessions list` is told. */
export interface ListSessionsOptions extends AskOptions {
  readonly endpoint?: string;
  readonly limit?: string;
  readonly cursor?: string;
}

type Session = z.output<typeof sessionView>;

const TITLES = ['session', 'endpoint', 'version', 'pinned', 'expires', 'ends', 'root'];

const rowOf = (session: Session) => [
  session.key,
  session.endpoint,
  session.version,
  session.pinnedAt,
  session.expiresAt,
  session.endsAt,
  session.root,
];

const oneRow = (session: Session): string => table(TITLES, [rowOf(session)]);

export function listSessions(options: ListSessionsOptions, terminal: Terminal): Promise<ExitCode> {
  const { endpoint, limit, cursor } = options;
  const given = Object.entries({ endpoint, limit, cursor }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  const request = { path: `/sessions?${new URLSearchParams(given)}`, answer: sessionPage };
  return askAdmin(options, terminal, request, ({ sessions, next }) =>
    [table(TITLES, sessions.map(rowOf)), ...(next === undefined ? [] : [`more with --cursor ${next}`])].join(
      '\n',
    ),
  );
}

export const getSession = (key: string, options: AskOptions, terminal: Terminal): Promise<ExitCode> =>
  askAdmin(options, terminal, { path: pathOf(key), answer: sessionView }, oneRow);

export function moveSession(
  key: string,
  to: string | undefined,
  options: AskOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const body = to === undefined ? {} : { to };
  const request = { method: 'POST', path: `${pathOf(key)}/move`, body, answer: sessionView } as const;
  return askAdmin(options, terminal, request, oneRow);
}

export function unpinSession(key: string, options: AskOptions, terminal: Terminal): Promise<ExitCode> {
  const request = { method: 'DELETE', path: pathOf(key), answer: sessionView } as const;
  return askAdmin(options, terminal, request, ({ endpoint }) => `forgotten: ${key} was at ${endpoint}`);
}

const pathOf = (key: string): string => `/sessions/${encodeURIComponent(key)}`;
