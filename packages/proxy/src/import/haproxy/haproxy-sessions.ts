import type { Draft, WrittenAffinity } from '../draft.ts';
import { cookieAffinity } from './haproxy-cookie.ts';
import { noteLeft } from './haproxy-hints.ts';
import { labelledAffinity, namesServers } from './haproxy-labels.ts';
import type { HaproxyProxy } from './haproxy-proxy.ts';
import { stickAffinity } from './haproxy-stick.ts';

/** Where a `stick-table` may stand: in the backend itself, or in another section that is named. */
export type StickTables = ReadonlyMap<string, HaproxyProxy>;

/** What keeps the sessions of a backend: its `cookie`, else its `stick` rules, else a `balance` that goes by the client. */
export function sessionsOf(
  draft: Draft,
  proxy: HaproxyProxy,
  tables: StickTables,
): WrittenAffinity | undefined {
  const cookie = proxy.last('cookie');
  const sticks = proxy.all('stick');
  if (cookie === undefined) {
    if (sticks.length > 0) return stickAffinity(draft, proxy, sticks, tables);
    return balanceAffinity(draft, proxy);
  }
  const [table] = proxy.all('stick-table');
  for (const line of [...sticks, ...(table === undefined ? [] : [table])]) {
    noteLeft(
      draft,
      line,
      `the cookie of line ${cookie.line} counts, as it does in HAProxy where a client has it`,
    );
  }
  const labelled = namesServers(proxy) ? labelledAffinity(draft, proxy, cookie) : undefined;
  return draft.from(cookie, labelled ?? cookieAffinity(draft, cookie));
}

function balanceAffinity(draft: Draft, proxy: HaproxyProxy): WrittenAffinity | undefined {
  const balance = proxy.last('balance');
  const [algorithm = '', parameter = ''] = balance?.args ?? [];
  if (balance === undefined) return undefined;
  if (algorithm === 'source') {
    const affinity: WrittenAffinity = { type: 'source-ip', mode: 'hash' };
    draft.remark(affinity, 'As in HAProxy, an endpoint that leaves or returns moves its own clients.');
    draft.remark(affinity, 'With "mode: table" a client stays where it is.');
    return draft.from(balance, affinity);
  }
  const [, header] = /^hdr\(([^)]+)\)$/.exec(algorithm) ?? [];
  if (header !== undefined) return draft.from(balance, { type: 'header' as const, name: header });
  return algorithm === 'url_param'
    ? draft.from(balance, { type: 'query' as const, name: parameter })
    : undefined;
}
