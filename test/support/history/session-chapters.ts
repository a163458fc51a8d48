import type { Visit } from './history.ts';

/** The visits of a session from one beginning to the next: within a chapter, versions only grow. */
export type Chapter = readonly Visit[];

/**
 * Splits the visits of a session where it was begun anew, be it that it had been forgotten or lost.
 *
 * @param visits in the order in which they began
 */
export function chaptersOf(visits: readonly Visit[]): readonly Chapter[] {
  const beginnings = visits.filter(({ outcome }) => outcome === 'created').map(({ beganAtMs }) => beganAtMs);
  const chapters = Map.groupBy(visits, ({ endedAtMs, outcome, beganAtMs }) =>
    outcome === 'created' ? beganAtMs : beginnings.findLast((begunAtMs) => begunAtMs <= endedAtMs),
  );
  return [...chapters.values()];
}
