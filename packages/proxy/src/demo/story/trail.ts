import type { Visit } from './visitor.ts';

const CHANGES_MAX = 8;

/** Where the visits went, in order, with one part for each change: what a person needs to see how it came about. */
export function trailOf(visits: readonly Visit[]): string {
  const places = visits.map(placeOf);
  const changes = visits.flatMap((visit, index) =>
    places[index] === places[index - 1] ? [] : [`visit ${index + 1}: ${places[index]}${causeOf(visit)}`],
  );
  const untold = changes.length - CHANGES_MAX;
  const told = changes.slice(0, CHANGES_MAX);
  return [...told, ...(untold > 0 ? [`${untold} more changes`] : [])].join('; ') || 'no visits';
}

const placeOf = (visit: Visit): string =>
  visit.kind === 'failed' ? visit.why : `${visit.trace.endpoint} version ${visit.trace.pinVersion}`;

function causeOf(visit: Visit): string {
  if (visit.kind === 'failed') return '';
  const { node, outcome, reason } = visit.trace;
  return ` (${[node, outcome, reason].filter((part) => part !== undefined).join(', ')})`;
}
