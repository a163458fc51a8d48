import type { SeenVisit } from './crowd.ts';

/** The value below which that share of all values is, of at least one. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

export const greatest = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0);

export const durationOf = ({ beganAtMs, endedAtMs }: SeenVisit): number => endedAtMs - beganAtMs;

/** The endpoints at which each session has been, in turn, of those that were served at all. */
export function waysOf(visits: readonly SeenVisit[]): ReadonlyMap<string, readonly string[]> {
  const ways = new Map<string, string[]>();
  for (const { session, servedBy } of visits.toSorted((a, b) => a.endedAtMs - b.endedAtMs)) {
    if (servedBy === undefined) continue;
    const way = ways.get(session) ?? [];
    if (way.at(-1) !== servedBy) ways.set(session, [...way, servedBy]);
  }
  return ways;
}

/** Sessions that have been at more endpoints than one. */
export const movedAmong = (visits: readonly SeenVisit[]): readonly string[] =>
  [...waysOf(visits)]
    .filter(([, way]) => way.length > 1)
    .map(([session, way]) => `${session}: ${way.join(' > ')}`);

/** Requests without a good answer, for people. */
export const failuresAmong = (visits: readonly SeenVisit[]): readonly string[] =>
  visits
    .filter(({ status }) => status !== 200)
    .map(
      ({ id, method, node, status, error }) =>
        `${method} ${id} at ${node}: ${error ?? status ?? 'no answer'}`,
    );

export const milliseconds = (value: number): string =>
  `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;

export const count = (value: number): string => value.toLocaleString('en');
