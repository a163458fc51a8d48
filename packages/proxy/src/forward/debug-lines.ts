import type { EpochMs, NodeId } from '@holdfast/shared';
import type { Resolution } from '../affinity/affinity.ts';
import { fieldLine } from '../codec/index.ts';

/**
 * What happened to this request's session, for people who look at responses: demos, tests and debugging. Off by
 * default, since it names endpoints.
 *
 * @param flags what became of a label, where there may be one
 */
export function debugLines(
  resolution: Resolution,
  flags: string | undefined,
  node: NodeId,
  nowMs: EpochMs,
): string {
  const { endpoint, outcome, source, tier, reason, session } = resolution;
  const because =
    (reason === undefined ? '' : `; reason=${reason}`) + (flags === undefined ? '' : `; flags=${flags}`);
  let lines = fieldLine('Holdfast-Node', node);
  lines += fieldLine('Holdfast-Outcome', `${outcome}; source=${source}; tier=${tier}${because}`);
  if (endpoint !== undefined) lines += fieldLine('Holdfast-Endpoint', endpoint.id);
  if (session?.pin === undefined) return lines;
  const { version, pinnedAtMs } = session.pin;
  const ageSeconds = Math.max(0, Math.floor((nowMs - pinnedAtMs) / 1000));
  return lines + fieldLine('Holdfast-Pin', `version=${version}; pinned-at=${pinnedAtMs}; age=${ageSeconds}`);
}
