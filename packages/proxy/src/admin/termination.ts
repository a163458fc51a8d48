import type { EpochMs } from '@holdfast/shared';
import type { EndpointView } from './api.ts';

/** By then every node goes by a drain: they look for drains twice a second. */
const SETTLED_AFTER_MS = 2_000;

/** Why somebody would notice if the endpoint ended now; empty: nobody would. */
export function reasonsToStay(endpoint: EndpointView, nowMs: EpochMs): readonly string[] {
  const { drain, pinned, inFlight } = endpoint;
  if (pinned === undefined) return ['the session map cannot be asked for drains and sessions'];
  if (drain === undefined) return ['it is not draining: it gets new sessions'];
  const isOverdue = drain.deadline !== undefined && Date.parse(drain.deadline) <= nowMs;
  const reasons: string[] = [];
  if (nowMs - Date.parse(drain.since) < SETTLED_AFTER_MS)
    reasons.push('not every node may know of the drain yet');
  if (!isOverdue && pinned > 0) reasons.push(`${counted(pinned, 'session')} left`);
  if (inFlight > 0) reasons.push(`${counted(inFlight, 'request')} of this node under way`);
  return reasons;
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
