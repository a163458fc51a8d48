import {
  type Check,
  type Evidence,
  isConfirmed,
  isSighting,
  livesAtLeastMs,
  type Sighting,
  violationOf,
} from './evidence.ts';
import type { Violation, Visit } from './history.ts';
import { type Chapter, chaptersOf } from './session-chapters.ts';

/** I1, I2, I3 and I9: where sessions were, and why they moved. */
export const checkPlaces: Check = function* (evidence) {
  for (const visits of evidence.sessions.values()) {
    for (const chapter of chaptersOf(visits, evidence)) {
      yield* versionsWithTwoPlaces(chapter, evidence);
      yield* movesWithoutReason(chapter, evidence);
      yield* staleVisits(chapter, evidence);
    }
    yield* visitsElsewhereWithoutReason(visits, evidence);
  }
};

/** A version says where the session is, to whoever reads it. */
function* versionsWithTwoPlaces(chapter: Chapter, evidence: Evidence): Generator<Violation> {
  const sightings = chapter.filter(isConfirmed);
  const firstOf = new Map<number, Sighting>();
  for (const visit of sightings) {
    const first = firstOf.get(visit.version);
    if (first === undefined) firstOf.set(visit.version, visit);
    else if (first.servedBy !== visit.servedBy && !isPinOver(sightings, first, visit, evidence))
      yield violationOf('I1', 'one version stands for two endpoints', first, visit);
  }
}

/** Whether the pin that one visit saw may have ended before the other: then what a node or a cookie remembers is written. */
function isPinOver(
  sightings: readonly Sighting[],
  seen: Sighting,
  later: Visit,
  { timeline, terms }: Evidence,
): boolean {
  const { servedBy, beganAtMs: fromMs } = seen;
  const { endedAtMs: untilMs } = later;
  return (
    timeline.wasLost(fromMs, untilMs) ||
    timeline.wasUnknown(servedBy, fromMs, untilMs) ||
    wasIdle(sightings, seen, later, livesAtLeastMs(terms))
  );
}

/** Every move needs a reason, at the endpoint that was left, since it was last seen to serve the session. */
function* movesWithoutReason(chapter: Chapter, { timeline }: Evidence): Generator<Violation> {
  const firstOf = firstSightings(chapter);
  const versions = [...firstOf.keys()].sort((a, b) => a - b);
  for (const [index, version] of versions.entries()) {
    const before = firstOf.get(versions[index - 1] ?? version) as Sighting;
    const after = firstOf.get(version) as Sighting;
    if (before.servedBy === after.servedBy) continue;
    const last = lastSightingBefore(chapter, before, after);
    // A node that goes by an old version is looked at below.
    if (last === undefined) continue;
    const { beganAtMs: fromMs } = last;
    const { endedAtMs: untilMs } = after;
    if (timeline.wasUnfit(before.servedBy, fromMs, untilMs) || timeline.wasLost(fromMs, untilMs)) continue;
    const isReturn = versions.slice(0, index).some((old) => firstOf.get(old)?.servedBy === after.servedBy);
    const isOutage = timeline.wasStoreAwayAnywhere(fromMs, untilMs);
    const invariant = isReturn ? 'I3' : isOutage ? 'I9' : 'I2';
    yield violationOf(invariant, `the session left ${before.servedBy}, which was fit`, last, after);
  }
}

/** By version, the first visit that saw it; one that went by the session map counts before one that did not. */
function firstSightings(chapter: Chapter): ReadonlyMap<number, Sighting> {
  const firstOf = new Map<number, Sighting>();
  // What a node assumes is told by nothing but a cookie.
  const assumed = chapter.filter((visit) => visit.by === 'cookie').filter(isSighting);
  for (const visit of [...chapter.filter(isConfirmed), ...assumed]) {
    const known = firstOf.get(visit.version);
    const isSamePlace = known?.servedBy === visit.servedBy;
    if (known === undefined || (isSamePlace && visit.endedAtMs < known.endedAtMs))
      firstOf.set(visit.version, visit);
  }
  return firstOf;
}

/** When the session was last seen at a place that it then left; what a node assumes counts where nothing else was seen. */
function lastSightingBefore(
  chapter: Chapter,
  { version, servedBy }: Sighting,
  after: Sighting,
): Sighting | undefined {
  const sightings = chapter
    .filter(isSighting)
    .filter((visit) => visit.version === version && visit.servedBy === servedBy)
    .filter(({ beganAtMs }) => beganAtMs <= after.endedAtMs);
  return sightings.findLast(isConfirmed) ?? sightings.at(-1);
}

/** Where a client brings no version, a node may go by an old one for a short time. */
function* staleVisits(chapter: Chapter, evidence: Evidence): Generator<Violation> {
  const { staleMsMax, noticeMsMax } = evidence.terms;
  const sightings = chapter.filter(isConfirmed);
  for (const visit of sightings) {
    const knownUntilMs = visit.beganAtMs - staleMsMax - noticeMsMax;
    const known = sightings.find(
      ({ version, endedAtMs }) => version > visit.version && endedAtMs < knownUntilMs,
    );
    if (known !== undefined && !isPinOver(sightings, known, visit, evidence))
      yield violationOf('I1', 'a node goes by a place that was given up long ago', known, visit);
  }
}

/** Whether nothing was seen of the session for so long between two visits. */
function wasIdle(sightings: Chapter, from: Visit, until: Visit, forMs: number): boolean {
  const between = sightings.filter(
    ({ beganAtMs }) => beganAtMs >= from.beganAtMs && beganAtMs <= until.beganAtMs,
  );
  return between.some((visit, index) => visit.beganAtMs - (between[index - 1] ?? visit).beganAtMs >= forMs);
}

/**
 * To be served without the session's place counting needs a reason as well. At which endpoint, nobody can tell from
 * outside: a pin may have been written without anybody having seen it.
 */
function* visitsElsewhereWithoutReason(
  visits: readonly Visit[],
  { timeline }: Evidence,
): Generator<Violation> {
  for (const visit of visits) {
    const { node, outcome, servedBy, beganAtMs, endedAtMs } = visit;
    if (outcome !== 'fallback' || servedBy === undefined || isByMemory(visit)) continue;
    if (timeline.wasStoreAway(node, beganAtMs, endedAtMs)) continue;
    const isUnfit = (endpoint: string): boolean => timeline.wasUnfitFor(node, endpoint, beganAtMs, endedAtMs);
    if (![...timeline.endpoints].some(isUnfit))
      yield violationOf('I1', 'a session was served elsewhere though nothing was amiss', visit);
  }
}

/** What the session map has lost, and is not written back yet, is served where cookie or node say that it is. */
const isByMemory = ({ tier }: Visit): boolean => tier === 'cookie' || tier === 'near';
