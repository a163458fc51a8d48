import { isRefused, readHaproxyCookie } from '@holdfast/shared/profiles';
import type { Draft, WrittenAffinity } from '../draft.ts';
import { behind, type HaproxyLine } from './haproxy-lines.ts';
import type { HaproxyProxy } from './haproxy-proxy.ts';
import { serversOf } from './haproxy-server.ts';

/**
 * Whether the `cookie` of a backend names servers by values that stand in the text. `dynamic` makes them from a key, which
 * is not carried over: what an import prints has no secrets.
 */
export function namesServers(proxy: HaproxyProxy): boolean {
  const line = proxy.last('cookie');
  return (
    line !== undefined &&
    !line.args.includes('dynamic') &&
    serversOf(proxy).some(({ options }) => behind(options, 'cookie') !== undefined)
  );
}

/**
 * A `cookie` line as the profile of HAProxy takes it, so that the cookies that clients have stay good. Undefined where the
 * line says something that the profile does not keep to.
 */
export function labelledAffinity(
  draft: Draft,
  proxy: HaproxyProxy,
  { args }: HaproxyLine,
): WrittenAffinity | undefined {
  const cookie = args.map(quoted).join(' ');
  if (isRefused(readHaproxyCookie(cookie))) return undefined;
  const affinity: WrittenAffinity = { profile: 'haproxy', cookie, option: ['redispatch'] };
  draft.remark(affinity, 'The cookies that clients have from HAProxy stay good. Once nobody has one, prefer');
  draft.remark(
    affinity,
    '"type: cookie": it names no endpoint, and all nodes agree where a session moves to.',
  );
  if (proxy.last('option', 'redispatch') === undefined)
    draft.remark(
      affinity,
      'Without "redispatch", which HAProxy was not told, a failed request is answered 503.',
    );
  return affinity;
}

/** A word as it would stand in a line. */
const quoted = (word: string): string => (/^[^\s"'#\\]+$/.test(word) ? word : JSON.stringify(word));
