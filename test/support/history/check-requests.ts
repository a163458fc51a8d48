import { type Check, type Evidence, violationOf } from './evidence.ts';
import type { Violation, Visit } from './history.ts';

const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** I4 and I11: what became of each request by itself. */
export const checkRequests: Check = function* (evidence) {
  for (const visit of evidence.visits) {
    if (!IDEMPOTENT.has(visit.method) && visit.reached.length > 1)
      yield violationOf('I4', `${visit.method} reached ${visit.reached.join(' and ')}`, visit);
    yield* withoutAnswer(visit, evidence);
  }
};

function* withoutAnswer(visit: Visit, { timeline }: Evidence): Generator<Violation> {
  const { node, status, servedBy, beganAtMs, endedAtMs } = visit;
  if (status === undefined) {
    if (!timeline.wasNodeAway(node, beganAtMs, endedAtMs))
      yield violationOf('I11', 'no answer, and the node was there', visit);
    return;
  }
  if (servedBy !== undefined) return;
  if (beganAtMs >= timeline.settledAtMs)
    yield violationOf('I11', 'no endpoint answered though all is well', visit);
  const known = timeline.knownTo(node, beganAtMs, endedAtMs);
  const fit = known.filter((endpoint) => !timeline.wasUnfitFor(node, endpoint, beganAtMs, endedAtMs));
  if (fit.length === known.length)
    yield violationOf('I11', 'no endpoint answered though all were fit', visit);
  else if (visit.error === 'UPSTREAM_NONE_AVAILABLE' && fit.length > 0)
    yield violationOf('I11', `refused though ${fit.join(' and ')} served`, visit);
}
