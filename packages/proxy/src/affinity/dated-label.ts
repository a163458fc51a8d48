import type { EpochMs } from '@holdfast/shared';

/**
 * A label with dates, as HAProxy writes it: `label|used` or `label|used|first`, each date in five digits of 6 bits, most
 * significant first, that count four seconds.
 */
export interface DatedLabel {
  readonly label: string;
  /** When the cookie was set; undefined where it says nothing. */
  readonly usedAtMs: EpochMs | undefined;
  /** When the client was given its first one. */
  readonly firstAtMs: EpochMs | undefined;
}

/** How long a cookie names its endpoint. */
export interface LabelLimits {
  /** Since it was set. */
  readonly maxIdleMs: number | undefined;
  /** Since the first one of its client. */
  readonly maxLifeMs: number | undefined;
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const DATE = /^[A-Za-z0-9+/]{5}$/;
const SHIFTS = [24, 18, 12, 6, 0] as const;
const STEP_MS = 4_000;

/** A date that is further ahead is no mistake of a clock or a time zone any more. */
const FUTURE_MAX_MS = 24 * 3_600_000;

export function readDatedLabel(value: string): DatedLabel {
  const [label = '', used = '', first = ''] = value.split('|', 3);
  return { label, usedAtMs: readDate(used), firstAtMs: readDate(first) };
}

/** Dates are rounded up, so that a cookie is set anew every four seconds at most. */
export function writeDatedLabel({ label, usedAtMs, firstAtMs }: DatedLabel): string {
  if (usedAtMs === undefined) return label;
  return `${label}|${writeDate(usedAtMs)}${firstAtMs === undefined ? '' : `|${writeDate(firstAtMs)}`}`;
}

/** Whether the cookie still names its endpoint, and which limit says no. One without a date is always good. */
export function freshness(
  { usedAtMs, firstAtMs }: DatedLabel,
  { maxIdleMs, maxLifeMs }: LabelLimits,
  nowMs: EpochMs,
): 'fresh' | 'idle' | 'old' {
  if (maxLifeMs !== undefined && firstAtMs !== undefined && !isWithin(firstAtMs, maxLifeMs, nowMs))
    return 'old';
  if (maxIdleMs !== undefined && usedAtMs !== undefined && !isWithin(usedAtMs, maxIdleMs, nowMs))
    return 'idle';
  return 'fresh';
}

/** Whether the client needs its dates anew: they have changed, are missing, or are not asked for any more. */
export function isRefreshDue(
  { usedAtMs, firstAtMs }: DatedLabel,
  { maxIdleMs, maxLifeMs }: LabelLimits,
  nowMs: EpochMs,
): boolean {
  if ((maxLifeMs === undefined) !== (firstAtMs === undefined)) return true;
  if (maxIdleMs === undefined && usedAtMs === undefined) return false;
  return usedAtMs === undefined || usedAtMs < nowMs;
}

const isWithin = (dateMs: EpochMs, limitMs: number, nowMs: EpochMs): boolean =>
  nowMs - dateMs <= limitMs && dateMs - nowMs <= FUTURE_MAX_MS;

function readDate(text: string): EpochMs | undefined {
  if (!DATE.test(text)) return undefined;
  let steps = 0;
  for (const digit of text) steps = steps * 64 + DIGITS.indexOf(digit);
  return steps * STEP_MS;
}

function writeDate(dateMs: EpochMs): string {
  const steps = Math.ceil(dateMs / STEP_MS);
  return SHIFTS.map((shift) => DIGITS[(steps >> shift) & 63]).join('');
}
