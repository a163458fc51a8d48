import type { Draft, WrittenAffinity } from '../draft.ts';
import { DAY_MS, RANGE_MS } from '../ranges.ts';
import { noteLeft } from './haproxy-hints.ts';
import { behind, type HaproxyLine } from './haproxy-lines.ts';
import type { HaproxyProxy } from './haproxy-proxy.ts';
import type { StickTables } from './haproxy-sessions.ts';
import { haproxyTimeMs } from './haproxy-values.ts';

/** What a `stick` rule goes by: a thing of the request or of the response. */
interface StickKey {
  readonly line: HaproxyLine;
  readonly from: 'src' | 'cookie' | 'header' | 'query';
  readonly name: string;
  readonly isOfResponse: boolean;
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
    if (other !== key && other !== learnt && `${other.from} ${other.name}` !== `${key.from} ${key.name}`) {
      noteLeft(draft, other.line, `the key of line ${key.line.line} counts: for several, see "sources"`);
    }
  }
  const tableName = behind(key.line.args, 'table');
  const table = (tableName === undefined ? proxy : tables.get(tableName))?.last('stick-table');
  return draft.from(key.line, { ...sourceOf(draft, key, learnt), ...lifetimeOf(draft, table) });
}

function readKey(draft: Draft, line: HaproxyLine): StickKey | undefined {
  const [rule = '', expression = ''] = line.args;
  if (line.args.includes('if') || line.args.includes('unless'))
    noteLeft(draft, line, 'its condition is not carried over');
  const isOfResponse = rule === 'store-response';
  if (/^src(?:,ipmask\(\d+(?:,\d+)?\))?$/.test(expression))
    return { line, from: 'src', name: expression, isOfResponse };
  const [, kind = '', name = ''] =
    /^(?:re[qs]\.)?(cook|cookie|set-cookie|hdr|fhdr|url_param|urlp|scook)\(([^),]+)\)$/.exec(expression) ??
    [];
  const from = KEYED[kind];
  if (from !== undefined) return { line, from, name, isOfResponse };
  noteLeft(draft, line, `${expression} is no session key: src, a cookie, a header or a query parameter is`);
  return undefined;
}

const KEYED: Readonly<Record<string, 'cookie' | 'header' | 'query'>> = {
  cook: 'cookie',
  cookie: 'cookie',
  'set-cookie': 'cookie',
  scook: 'cookie',
  hdr: 'header',
  fhdr: 'header',
  url_param: 'query',
  urlp: 'query',
};

function sourceOf(draft: Draft, { from, name }: StickKey, learnt: StickKey | undefined) {
  if (from === 'src') return addressSource(name);
  if (from === 'cookie') {
    return { type: 'app-cookie' as const, name };
  }
  const learn =
    learnt === undefined
      ? undefined
      : learnt.from === 'cookie'
        ? { cookie: learnt.name }
        : { header: learnt.name };
  if (learnt !== undefined) draft.places.set(learn ?? learnt, learnt.line);
  return { type: from, name, ...(learn !== undefined && { learn }) };
}

function addressSource(expression: string) {
  const [, ipv4, ipv6] = /ipmask\((\d+)(?:,(\d+))?\)/.exec(expression) ?? [];
  return {
    type: 'source-ip' as const,
    ...(ipv4 !== undefined && { ipv4Prefix: Number(ipv4) }),
    ...(ipv6 !== undefined && { ipv6Prefix: Number(ipv6) }),
  };
}

function lifetimeOf(
  draft: Draft,
  table: HaproxyLine | undefined,
): { idleTimeout?: string; absoluteTimeout?: string } {
  const expireMs = haproxyTimeMs(behind(table?.args ?? [], 'expire') ?? '');
  if (table === undefined || expireMs === undefined) return {};
  const idleTimeout = draft.duration(table, expireMs, RANGE_MS.session);
  return { idleTimeout, ...(expireMs > DAY_MS && { absoluteTimeout: idleTimeout }) };
}
