import type { SessionKey } from '@holdfast/shared';
import type { AdminEvent } from '../../admin/api.ts';
import { sessionPrefix } from '../../record/access-log.ts';
import type { NodeReport } from '../node-report.ts';

/** An event of the cluster in a sentence. */
export interface EventLine {
  readonly at: string;
  readonly type: AdminEvent['type'] | 'reloaded' | 'not-reloaded';
  readonly text: string;
  /** The session that it is about, where it is about one. */
  readonly key?: string;
}

/** A reload of the configuration of this node. */
export type Reload = NonNullable<NonNullable<NodeReport['configuration']>['lastReload']>;

/** A reload as a line: it belongs to one node, and is none of the events of the cluster. */
export const reloadLine = ({ at, outcome, problems }: Reload): EventLine =>
  outcome === 'applied'
    ? { at, type: 'reloaded', text: 'The configuration of this node was reloaded' }
    : {
        at,
        type: 'not-reloaded',
        text: ['The configuration of this node was not reloaded', ...problems].join(': '),
      };

/** More of one kind at once are told in one line. */
const SINGLY_MAX = 5;

/** Events that have come together, as lines: many sessions that have moved to the same endpoint are one. */
export function eventLines(events: readonly AdminEvent[]): readonly EventLine[] {
  const kinds = Map.groupBy(events, ({ type, endpoint }) =>
    isOfSession(type) ? `${type} ${endpoint}` : type,
  );
  const many = new Set(
    [...kinds.values()].filter((alike) => isOfSession(alike[0]!.type) && alike.length > SINGLY_MAX).flat(),
  );
  const summed = [...kinds.values()].filter((alike) => many.has(alike[0]!)).map(summary);
  const single = events.filter((event) => !many.has(event)).map(lineOf);
  return [...single, ...summed].sort((one, other) => (one.at < other.at ? -1 : 1));
}

const isOfSession = (type: AdminEvent['type']): boolean =>
  type === 'session-moved' || type === 'session-forgotten';

function summary(alike: readonly AdminEvent[]): EventLine {
  const { at, type, endpoint } = alike.at(-1) as AdminEvent;
  const sessions = `${alike.length} sessions`;
  const text = type === 'session-moved' ? `${sessions} moved${to(endpoint)}` : `${sessions} were forgotten`;
  return { at, type, text };
}

const lineOf = (event: AdminEvent): EventLine => ({
  at: event.at,
  type: event.type,
  text: sentence(event),
  ...(event.key !== undefined && { key: event.key }),
});

function sentence({ type, key, endpoint, standing, node, mode, pool, moved, state }: AdminEvent): string {
  const session = `Session ${sessionPrefix((key ?? '') as SessionKey)}…`;
  switch (type) {
    case 'session-moved':
      return `${session} moved${to(endpoint)}`;
    case 'session-forgotten':
      return `${session} was forgotten`;
    case 'endpoint-changed':
      return `Endpoint ${endpoint} is ${standing}`;
    case 'endpoint-removed':
      return `Endpoint ${endpoint} was removed`;
    case 'store-mode-changed':
      return `The session map is ${MODES[mode ?? ''] ?? mode}`;
    case 'rebalance-started':
      return `Pool ${pool} is being rebalanced`;
    case 'rebalance-finished':
      return `Rebalance of pool ${pool}: ${state}, ${moved ?? 0} sessions moved`;
    case 'node-joined':
      return `Node ${node} is alive`;
    case 'node-suspect':
      return `Node ${node} has fallen silent`;
    case 'node-left':
      return `Node ${node} has left`;
    case 'events-missed':
      return 'Some events may have been missed';
    default:
      return type;
  }
}

const MODES: Readonly<Record<string, string>> = {
  normal: 'in normal use',
  degraded: 'away: degraded mode',
  reconciling: 'back, and being repaired',
};

const to = (endpoint: string | undefined): string => (endpoint === undefined ? '' : ` to ${endpoint}`);
