/** Permits that come at a steady rate, and of which a tenth of a second's worth can be saved up. */
export interface Permits {
  readonly count: number;
  /** When they were counted, on the clock that never goes back. */
  readonly atMs: number;
}

const SAVED_SECONDS = 0.1;

/** As many as can be saved up. */
export const fullPermits = (perSecond: number, atMs: number): Permits => ({ count: most(perSecond), atMs });

/** What is left after one has been taken at `atMs`; undefined where there is none to take. */
export function afterTaking({ count, atMs }: Permits, perSecond: number, nowMs: number): Permits | undefined {
  const grown = Math.min(most(perSecond), count + ((nowMs - atMs) * perSecond) / 1000);
  return grown < 1 ? undefined : { count: grown - 1, atMs: nowMs };
}

const most = (perSecond: number): number => Math.max(1, perSecond * SAVED_SECONDS);
