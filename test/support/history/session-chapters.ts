import type { Evidence } from './evidence.ts';
import type { Visit } from './history.ts';

/** The visits of a session from one beginning to the next: within a chapter, versions only grow. */
export type Chapter = readonly Visit[];

/**
 * Splits the visits of a session where it was begun anew, be it that it had been forgotten or lost. A node goes by what has
 * been forgotten for longer where its clock is behind, or where a touch that it sent was lost.
 *
 * @param visits in the order in which they began
 */
export function chaptersOf(
  visits: readonly Visit[],
  { terms, timeline }: Pick<Evidence, 'terms' | 'timeline'>,
): readonly Chapter[] {
  const { clockSkewMsMax, idleTimeoutMs } = terms;
  const beginnings = visits.filter(isBeginning);
  const chapters: Visit[][] = [[], ...beginnings.map((visit) => [visit])];
  for (const visit of visits) {
    if (isBeginning(visit)) continue;
    const last = beginnings.findLastIndex(({ beganAtMs }) => beganAtMs <= visit.endedAtMs);
    const begunAtMs = beginnings[last]?.beganAtMs ?? Number.NEGATIVE_INFINITY;
    const isLate =
      visit.beganAtMs <= begunAtMs + clockSkewMsMax ||
      timeline.wasStoreAwayAnywhere(begunAtMs - idleTimeoutMs, begunAtMs);
    const isBehind = isLate && isOf(chapters[last], visit) && !isOf(chapters[last + 1], visit);
    chapters[isBehind ? last : last + 1]?.push(visit);
  }
  return chapters.filter(({ length }) => length > 0);
}

const isBeginning = ({ outcome }: Visit): boolean => outcome === 'created';

const isOf = (chapter: Chapter | undefined, { servedBy, version }: Visit): boolean =>
  chapter?.some((visit) => visit.servedBy === servedBy && visit.version === version) === true;
