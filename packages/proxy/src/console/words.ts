import { type EpochMs, formatDuration } from '@holdfast/shared';

/** A number of things: `1 session`, `2 sessions`. */
export const counted = (count: number, thing: string): string =>
  `${formatCount(count)} ${thing}${count === 1 ? '' : 's'}`;

/** A count with its thousands apart: `12 345`. */
export const formatCount = (count: number): string => String(count).replaceAll(/\B(?=(?:\d{3})+$)/g, ' ');

/** About how long: the two largest units, down to seconds. */
export function roughly(durationMs: number): string {
  const seconds = Math.floor(Math.max(0, durationMs) / 1_000);
  const parts = formatDuration(seconds * 1_000).match(/\d+[a-z]+/g) ?? [];
  return parts.slice(0, 2).join(' ');
}

/** How long ago an instant is. @param at as ISO 8601 */
export const ago = (at: string, nowMs: EpochMs): string => `${roughly(nowMs - Date.parse(at))} ago`;

/** How long it is until an instant. @param at as ISO 8601 */
export const within = (at: string, nowMs: EpochMs): string => {
  const leftMs = Date.parse(at) - nowMs;
  return leftMs <= 0 ? 'over' : `in ${roughly(leftMs)}`;
};

/** A duration that was not longer than so many seconds; Infinity: longer than anybody has measured. */
export function upTo(seconds: number): string {
  if (seconds === Number.POSITIVE_INFINITY) return 'over 10 s';
  return seconds < 1 ? `≤ ${Math.round(seconds * 1_000)} ms` : `≤ ${seconds} s`;
}

/** The pool of an endpoint's id. */
export const poolOf = (endpoint: string): string => endpoint.split('/', 1)[0] ?? '';
