import { readStickSample, type StickSample, stickSource } from '@holdfast/shared/profiles';
import type { Draft, WrittenAffinity } from '../draft.ts';
import { DAY_MS, RANGE_MS } from '../ranges.ts';
import { noteLeft } from './haproxy-hints.ts';
import { behind, type HaproxyLine } from './haproxy-lines.ts';
import type { HaproxyProxy } from './haproxy-proxy.ts';
import type { StickTables } from './haproxy-sessions.ts';
import { timeMs } from './haproxy-time.ts';

/** What a `stick` rule goes by: a thing of the request or of the response. */
interface StickKey extends StickSample {
  readonly line: HaproxyLine;
  readonly isOfResponse: boolean;
  /** Whether the table gets it from requests. */
  readonly isKept: boolean;
}

/** `stick` rules: the first that names a key of requests counts; one of responses says where the key is learnt from. */
export function stickAffinity(
  draft: Draft,
  proxy: HaproxyProxy,
  sticks: readonly HaproxyLine[],
  tables: StickTables,
): WrittenAffinity | undefined {
  const keys = sticks.flatMap((line) => readKey(draft, line) ?? []);
  const key = keys.find(({ isOfResponse }) => !isOfResponse);
  const learnt = keys.find(({ isOfResponse }) => isOfResponse);
  if (key === undefined) return undefined;
  for (const other of keys) {
    if (other !== learnt && !isSame(other, key)) {
      noteLeft(draft, other.line, `the key of line ${key.line.line} counts: for several, see "sources"`);
    }
  }
  const tableName = behind(key.line.args, 'table');
  const table = (tableName === undefined ? proxy : tables.get(tableName))?.last('stick-table');
  const isKept = keys.some((other) => other.isKept && isSame(other, key));
  return draft.from(key.line, { ...sourceOf(draft, key, learnt, isKept), ...lifetimeOf(draft, table) });
}

const isSame = (one: StickSample, other: StickSample): boolean =>
  one.from === other.from && one.name === other.name;

function readKey(draft: Draft, line: HaproxyLine): StickKey | undefined {
  const [rule = '', expression = ''] = line.args;
  if (line.args.includes('if') || line.args.includes('unless'))
    noteLeft(draft, line, 'its condition is not carried over');
  const sample = readStickSample(expression);
  if (sample !== undefined)
    return {
      ...sample,
      line,
      isOfResponse: rule === 'store-response',
      isKept: rule === 'on' || rule === 'store-request',
    };
  noteLeft(draft, line, `${expression} is no session key: src, a cookie, a header or a query parameter is`);
  return undefined;
}

function sourceOf(draft: Draft, key: StickKey, learnt: StickKey | undefined, isKept: boolean) {
  const source = stickSource(key, learnt === undefined ? [] : [learnt], isKept);
  const learn = 'learn' in source ? source.learn : undefined;
  if (learnt !== undefined) draft.places.set(learn ?? learnt, learnt.line);
  return source;
}

function lifetimeOf(
  draft: Draft,
  table: HaproxyLine | undefined,
): { idleTimeout?: string; absoluteTimeout?: string } {
  const expireMs = table && timeMs(draft, table, behind(table.args, 'expire'));
  if (table === undefined || expireMs === undefined) return {};
  const idleTimeout = draft.duration(table, expireMs, RANGE_MS.session);
  return { idleTimeout, ...(expireMs > DAY_MS && { absoluteTimeout: idleTimeout }) };
}
