import { haproxyTimeMs } from '@holdfast/shared/profiles';
import type { Draft, Place } from '../draft.ts';
import type { HaproxyProxy } from './haproxy-proxy.ts';

/** A time of HAProxy where one is written, in milliseconds; one that cannot be read is noted. */
export function timeMs(
  draft: Draft,
  place: Place,
  text: string | undefined,
  unitMs?: number,
): number | undefined {
  if (text === undefined) return undefined;
  const found = haproxyTimeMs(text, unitMs);
  if (found === undefined) draft.note(place, `${text} is no time: one number and one unit are`);
  return found;
}

/** What the `timeout` of that name allows; undefined where there is none, or no limit. */
export function timeoutOf(
  draft: Draft,
  proxy: HaproxyProxy,
  name: string,
  range: readonly [minMs: number, maxMs: number],
): string | undefined {
  const line = proxy.last('timeout', name);
  if (line === undefined) return undefined;
  const place = { line: line.line, name: `timeout ${name}` };
  const durationMs = timeMs(draft, place, line.args[1] ?? '') ?? 0;
  return durationMs === 0 ? undefined : draft.duration(place, durationMs, range);
}
