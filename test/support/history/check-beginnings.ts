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

/** I1: a client that comes in time has the session that it had. C1: what it makes up itself gives it none. */
export const checkBeginnings: Check = function* (evidence) {
  for (const visits of evidence.sessions.values()) yield* twofoldBeginnings(visits, evidence);
  const honest = evidence.visits.filter(({ isForged }) => isForged !== true);
  for (const visits of Map.groupBy(honest, ({ client }) => client).values())
    yield* lostSessions(visits, evidence);
  for (const visit of evidence.visits)
    if (visit.isForged === true && isBelieved(visit))
      yield violationOf('C1', 'a cookie that nobody issued was believed', visit);
};

/** Who brings what is none of ours is a stranger, and begins at the first version. */
const isBelieved = ({ version = 0, broughtVersion = Number.POSITIVE_INFINITY }: Visit): boolean =>
  version >= broughtVersion;

/** Of two nodes that see a new session at once, one begins it and the other follows. */
function* twofoldBeginnings(visits: readonly Visit[], { timeline }: Evidence): Generator<Violation> {
  const beginnings = visits.filter(({ outcome }) => outcome === 'created');
  for (const [index, visit] of beginnings.entries()) {
    const before = beginnings[index - 1];
    if (before === undefined || before.endedAtMs < visit.beganAtMs) continue;
    if (!timeline.wasLost(before.beganAtMs, visit.endedAtMs))
      yield violationOf('I1', 'a session was begun twice', before, visit);
  }
}

function* lostSessions(visits: readonly Visit[], { timeline, terms }: Evidence): Generator<Violation> {
  for (const visit of visits) {
    if (visit.outcome !== 'created') continue;
    const { beganAtMs, endedAtMs } = visit;
    const before = visits.filter(isSighting).findLast((other) => other.endedAtMs <= beganAtMs);
    if (before === undefined || beganAtMs - before.beganAtMs >= livesAtLeastMs(terms)) continue;
    const rememberedMs = before.beganAtMs - terms.idleTimeoutMs;
    const place = latestOf(visits.filter(isConfirmed).filter((other) => other.endedAtMs <= beganAtMs));
    const isUnknown = ({ servedBy }: Sighting): boolean =>
      timeline.wasUnknown(servedBy, rememberedMs, endedAtMs);
    if (isUnknown(before) || (place !== undefined && isUnknown(place))) continue;
    // Whoever brings no more than a key depends on what the session map and the nodes remember.
    const isForgotten =
      timeline.wasLost(rememberedMs, endedAtMs) || timeline.wasStoreAwayAnywhere(rememberedMs, endedAtMs);
    if (visit.by === 'key' && isForgotten) continue;
    yield violationOf('I1', 'a session was lost', before, visit);
  }
}

const latestOf = (sightings: readonly Sighting[]): Sighting | undefined =>
  sightings.reduce<Sighting | undefined>(
    (latest, visit) => (latest !== undefined && latest.version > visit.version ? latest : visit),
    undefined,
  );
