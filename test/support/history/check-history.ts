import { checkBeginnings } from './check-beginnings.ts';
import { checkDrains } from './check-drains.ts';
import { checkOutages } from './check-outages.ts';
import { checkPlaces } from './check-places.ts';
import { checkRequests } from './check-requests.ts';
import { checkVersions } from './check-versions.ts';
import { type Check, evidenceOf } from './evidence.ts';
import type { History, Violation } from './history.ts';

const CHECKS: readonly Check[] = [
  checkPlaces,
  checkBeginnings,
  checkVersions,
  checkDrains,
  checkOutages,
  checkRequests,
];

/**
 * The promises that a history shows to be broken, in the order of time: see `INVARIANTS`. A history in which nothing was
 * to be explained, because its facts explain everything, shows nothing: record no more faults than there were.
 */
export function checkHistory(history: History): readonly Violation[] {
  const evidence = evidenceOf(history);
  return CHECKS.flatMap((check) => [...check(evidence)]).sort((a, b) => a.atMs - b.atMs);
}
