import { type Check, violationOf } from './evidence.ts';
import type { Violation, Visit } from './history.ts';

/** I8: what the session map being away means for requests. */
export const checkOutages: Check = function* (evidence) {
  for (const visit of evidence.visits)
    if (visit.error === 'STORE_UNAVAILABLE')
      yield violationOf('I8', 'an error because the session map was away', visit);
  for (const visits of evidence.sessions.values()) yield* differentChoices(visits);
};

/** By hashing alone, equal views make equal choices. What was tried elsewhere first was chosen by another view. */
function* differentChoices(visits: readonly Visit[]): Generator<Violation> {
  const firstOf = new Map<string, Visit>();
  for (const visit of visits) {
    const { tier, view, attempts, servedBy } = visit;
    if (tier !== 'hash' || view === undefined || attempts !== 1 || servedBy === undefined) continue;
    const first = firstOf.get(view);
    if (first === undefined) firstOf.set(view, visit);
    else if (first.servedBy !== servedBy)
      yield violationOf('I8', `of ${view}, two endpoints were chosen for one session`, first, visit);
  }
}
