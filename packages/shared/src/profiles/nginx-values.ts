import { HOUR_MS, YEAR_MS } from '../config/fields.ts';

const DAY_MS = 24 * HOUR_MS;

const UNIT_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: HOUR_MS,
  d: DAY_MS,
  w: 7 * DAY_MS,
  M: 30 * DAY_MS,
  y: YEAR_MS,
};

/** Larger units first, each once, and a number without one last (nginx, `ngx_parse_time`). */
const TIME =
  /^(?=\d)(?:\d{1,9}y)?(?:\d{1,9}M)?(?:\d{1,9}w)?(?:\d{1,9}d)?(?:\d{1,9}h)?(?:\d{1,9}m(?!s))?(?:\d{1,9}s)?(?:\d{1,9}(?:ms)?)?$/;

/** A time of nginx, such as `30`, `1h30m` or `500ms`, in milliseconds; a number alone is seconds. */
export function nginxTimeMs(text: string): number | undefined {
  if (!TIME.test(text)) return undefined;
  return [...text.matchAll(/(\d+)(ms|[smhdwMy])?/g)].reduce(
    (sumMs, [, count, unit = 's']) => sumMs + Number(count) * (UNIT_MS[unit] ?? 1_000),
    0,
  );
}

const SIZE_UNIT: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };

/** A size of nginx, such as `10m`, in bytes. */
export function nginxBytes(text: string): number | undefined {
  const [, count, unit = ''] = /^(\d{1,12})([kmg]?)$/i.exec(text) ?? [];
  return count === undefined ? undefined : Number(count) * (SIZE_UNIT[unit.toLowerCase()] ?? 1);
}
