import { type Check, type Evidence, isConfirmed, type Sighting, violationOf } from './evidence.ts';
import type { Violation, Visit } from './history.ts';
import { chaptersOf } from './session-chapters.ts';

/** I6: what draining means for sessions that come, and for those that are there. */
export const checkDrains: Check = function* (evidence) {
  yield* newSessions(evidence);
  for (const visits of evidence.sessions.values())
    for (const chapter of chaptersOf(visits, evidence))
      yield* expelled(chapter.filter(isConfirmed), evidence);
};

const COMES: ReadonlySet<string | undefined> = new Set(['created', 'repinned']);

function* newSessions({ visits, timeline, terms }: Evidence): Generator<Violation> {
  for (const visit of visits) {
    const { servedBy, node, beganAtMs, endedAtMs } = visit;
    if (servedBy === undefined || !COMES.has(visit.outcome)) continue;
    const knownAtMs = beganAtMs - terms.drainKnownAfterMs - terms.noticeMsMax;
    if (!timeline.isDrainingAll(servedBy, knownAtMs, endedAtMs)) continue;
    // A node that could not ask does not know, and one that has nobody else takes whom it has.
    if (timeline.wasStoreAway(node, knownAtMs, endedAtMs)) continue;
    const isFit = (endpoint: string): boolean =>
      endpoint !== servedBy &&
      !timeline.wasUnfitFor(node, endpoint, knownAtMs, endedAtMs) &&
      !timeline.wasDraining(endpoint, knownAtMs, endedAtMs);
    const other = timeline.knownTo(node, knownAtMs, endedAtMs).find(isFit);
    if (other !== undefined)
      yield violationOf('I6', `a session came to a draining endpoint, and ${other} was fit`, visit);
  }
}

/** @param sightings of one session, in the order of time */
function* expelled(sightings: readonly Sighting[], { timeline, terms }: Evidence): Generator<Violation> {
  for (const [index, visit] of sightings.entries()) {
    const before = sightings[index - 1];
    if (before === undefined || before.servedBy === visit.servedBy) continue;
    const came = sightings.find(({ version }) => version === before.version) as Visit;
    const { servedBy: left } = before;
    const isOld = timeline.drains.every(
      ({ endpoint, atMs }) => endpoint !== left || came.endedAtMs < atMs - terms.clockSkewMsMax,
    );
    const { beganAtMs: fromMs } = before;
    const { endedAtMs: untilMs } = visit;
    if (!isOld || !timeline.wasDraining(left, fromMs, untilMs)) continue;
    if (timeline.wasUnfitButForDrain(left, fromMs, untilMs)) continue;
    // What is written back from a cookie looks as old as the cookie.
    const isRewritten =
      timeline.wasLost(came.beganAtMs, untilMs) || timeline.wasStoreAwayAnywhere(came.beganAtMs, untilMs);
    if (!isRewritten)
      yield violationOf('I6', `${left} drained, and the session had come before`, before, visit);
  }
}
