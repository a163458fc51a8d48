import { type Check, type Evidence, isConfirmed, isSighting, violationOf } from './evidence.ts';
import type { Violation, Visit } from './history.ts';
import { chaptersOf } from './session-chapters.ts';

/** I7: nobody is sent back to an older place than the one that the cookie tells of, and at the end all agree. */
export const checkVersions: Check = function* (evidence) {
  for (const visits of evidence.sessions.values()) {
    yield* stepsBack(visits, evidence);
    yield* disagreements(visits, evidence);
  }
  yield* otherPins(evidence);
};

function* stepsBack(visits: readonly Visit[], { timeline }: Evidence): Generator<Violation> {
  for (const visit of visits) {
    const { version, broughtVersion, beganAtMs, endedAtMs, outcome } = visit;
    if (version === undefined || broughtVersion === undefined || version >= broughtVersion) continue;
    // A new session begins at the first version, and a node that does not know the endpoint cannot follow.
    const place = visits.filter(isSighting).find((other) => other.version === broughtVersion)?.servedBy;
    if (outcome === 'created' || (place !== undefined && timeline.wasUnknown(place, beganAtMs, endedAtMs)))
      continue;
    yield violationOf('I7', `the client had been told of version ${broughtVersion}`, visit);
  }
}

/** When all is well again, every node says the same of a session. */
function* disagreements(visits: readonly Visit[], evidence: Evidence): Generator<Violation> {
  const { timeline } = evidence;
  const [first, ...others] = (chaptersOf(visits, evidence).at(-1) ?? []).filter(
    ({ beganAtMs }) => beganAtMs >= timeline.settledAtMs,
  );
  if (first === undefined) return;
  for (const visit of others) {
    const isSameVersion = visit.version === first.version || first.version === undefined;
    if (visit.servedBy === first.servedBy && isSameVersion) continue;
    // The pin of an endpoint that nobody knows any more ends at some time.
    const lost = visits.filter(isConfirmed).findLast(({ endedAtMs }) => endedAtMs < first.beganAtMs);
    if (lost !== undefined && timeline.wasUnknown(lost.servedBy, first.beganAtMs, visit.endedAtMs)) continue;
    yield violationOf('I7', 'nodes disagree though all is well', first, visit);
  }
}

/** When all is well again, the session map says what the nodes say. */
function* otherPins(evidence: Evidence): Generator<Violation> {
  const { pins = [], sessions, timeline } = evidence;
  for (const { session, endpoint, version } of pins) {
    const last = chaptersOf(sessions.get(session) ?? [], evidence)
      .at(-1)
      ?.findLast((visit) => isConfirmed(visit) && visit.beganAtMs >= timeline.settledAtMs);
    if (last === undefined || (last.servedBy === endpoint && last.version === version)) continue;
    yield violationOf('I7', `the session map says ${endpoint}, version ${version}`, last);
  }
}
