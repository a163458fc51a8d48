import type { History, Invariant, Terms, Violation, Visit } from './history.ts';
import { Timeline } from './timeline.ts';

/** A history in the order in which checks want it. */
export interface Evidence extends Pick<History, 'visits' | 'terms' | 'pins'> {
  readonly timeline: Timeline;
  /** By session, in the order in which they began; without those that brought what was none of ours. */
  readonly sessions: ReadonlyMap<string, readonly Visit[]>;
}

/** Looks for violations of one promise, or of some that are shown by the same visits. */
export type Check = (evidence: Evidence) => Iterable<Violation>;

export function evidenceOf({ visits, facts, terms, pins }: History): Evidence {
  const ordered = [...visits].sort((a, b) => a.beganAtMs - b.beganAtMs);
  const honest = ordered.filter(({ isForged }) => isForged !== true);
  return {
    visits: ordered,
    terms,
    ...(pins !== undefined && { pins }),
    timeline: new Timeline({ facts, terms }),
    sessions: Map.groupBy(honest, ({ session }) => session),
  };
}

/** A visit that shows where its session was, or where a node took it to be. */
export type Sighting = Visit & { readonly servedBy: string; readonly version: number };

export const isSighting = (visit: Visit): visit is Sighting =>
  visit.servedBy !== undefined && visit.version !== undefined && !isGuest(visit);

/** Served elsewhere for once, while the pin stays as the session map has it. */
const isGuest = ({ outcome, tier }: Visit): boolean => outcome === 'fallback' && tier === 'store';

/** A sighting at which the node went by what the session map said. */
export const isConfirmed = (visit: Visit): visit is Sighting =>
  isSighting(visit) && visit.outcome !== 'fallback';

/** What those visits show; the last of them is the one that should not have been so. */
export const violationOf = (invariant: Invariant, what: string, ...visits: readonly Visit[]): Violation => ({
  invariant,
  what: `${what} (${visits.map(told).join('; ')})`,
  atMs: visits.at(-1)?.endedAtMs ?? 0,
  visits: visits.map(({ id }) => id),
});

const told = ({ id, node, outcome, servedBy, version, status }: Visit): string =>
  `${id} at ${node}: ${outcome ?? 'no outcome'}, ${servedBy ?? status ?? 'no answer'}, version ${version ?? 'none'}`;

/**
 * For how long a session lives at least after a request: a quarter of the idle timeout may pass unwritten, clocks differ, and
 * cookies tell whole seconds.
 */
export const livesAtLeastMs = ({ idleTimeoutMs, clockSkewMsMax }: Terms): number =>
  idleTimeoutMs * 0.75 - clockSkewMsMax - 1_000;
