import { type RebalanceView, rebalanceView } from '../admin/rebalance-view.ts';
import { type AdminRequest, type AskOptions, askAdmin } from './admin-client.ts';
import { table } from './table.ts';
import type { ExitCode, Terminal } from './terminal.ts';

/** What `holdfast rebalance` is told. */
export interface RebalanceOptions extends AskOptions {
  readonly rate?: string;
  readonly idleFor?: string;
  readonly tolerance?: string;
  readonly dryRun?: true;
  /** Only tell how far it is. */
  readonly status?: true;
  readonly stop?: true;
}

/** Has a pool rebalanced; or tells how far that is, or ends it. */
export const rebalance = (pool: string, options: RebalanceOptions, terminal: Terminal): Promise<ExitCode> =>
  askAdmin(options, terminal, requestOf(pool, options), words);

function requestOf(pool: string, options: RebalanceOptions): AdminRequest<typeof rebalanceView> {
  const { rate, idleFor, tolerance, dryRun, status, stop } = options;
  const asked = { path: `/pools/${encodeURIComponent(pool)}/rebalance`, answer: rebalanceView };
  if (stop === true) return { ...asked, method: 'DELETE' };
  if (status === true) return asked;
  return { ...asked, method: 'POST', body: { rate, idleFor, tolerance, dryRun } };
}

function words({ pool, state, moved, plan }: RebalanceView): string {
  const left = plan.reduce((total, { sessions }) => total + sessions, 0);
  const summary = `${pool}: ${state}, ${moved} moved, ${left} to move`;
  if (left === 0) return summary;
  const rows = plan.map(({ from, to, sessions }) => [from, to, sessions]);
  return `${summary}\n\n${table(['from', 'to', 'sessions'], rows)}`;
}
