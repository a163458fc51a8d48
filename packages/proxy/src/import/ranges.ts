const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;
export const YEAR_MS = 365 * DAY_MS;

/** The shortest and the longest duration that the configuration takes, in milliseconds, by what it is for. */
export const RANGE_MS = {
  session: [1_000, YEAR_MS],
  upstream: [1, HOUR_MS],
  slowStart: [0, HOUR_MS],
  ejection: [100, HOUR_MS],
  probeInterval: [50, HOUR_MS],
  probeTimeout: [10, HOUR_MS],
  downstream: [10, HOUR_MS],
  downstreamIdle: [10, DAY_MS],
} as const satisfies Readonly<Record<string, readonly [minMs: number, maxMs: number]>>;
