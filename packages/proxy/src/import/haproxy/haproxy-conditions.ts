import type { HaproxyProxy } from './haproxy-proxy.ts';

/** What a condition lets through: requests of one of the hosts, below one of the paths, for one of the names in TLS. */
export interface HaproxyMatch {
  readonly hosts?: readonly string[];
  readonly paths?: readonly string[];
  readonly sni?: readonly string[];
}

/** The matches of a condition, any of which will do; or the part of it that routes cannot say. */
export type HaproxyCondition =
  | { readonly kind: 'matches'; readonly matches: readonly HaproxyMatch[] }
  | { readonly kind: 'unknown'; readonly part: string };

const ALTERNATIVES_MAX = 1_024;
const TOO_MANY = `more than ${ALTERNATIVES_MAX} combinations`;

/** Reads what stands behind `if`: names of acl lines and `{ … }`, "and" by standing together, with `or` between. */
export function readCondition(words: readonly string[], proxy: HaproxyProxy): HaproxyCondition {
  const matches: HaproxyMatch[] = [];
  for (const alternative of splitAt(words, /^(?:or|\|\|)$/i)) {
    let found: readonly HaproxyMatch[] = [{}];
    for (const term of termsOf(alternative)) {
      const tests = term.kind === 'test' ? [readTest(term.words)] : testsOf(term.name, proxy);
      const known = tests.filter((test) => test !== undefined);
      if (tests.length === 0 || known.length < tests.length) {
        return { kind: 'unknown', part: term.kind === 'test' ? `{ ${term.words.join(' ')} }` : term.name };
      }
      if (found.length * known.length > ALTERNATIVES_MAX) return { kind: 'unknown', part: TOO_MANY };
      found = found.flatMap((match) => known.flatMap((test) => both(match, test) ?? []));
    }
    matches.push(...found);
  }
  return { kind: 'matches', matches };
}

type Term =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'test'; readonly words: readonly string[] };

function termsOf(words: readonly string[]): readonly Term[] {
  const terms: Term[] = [];
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word !== '{') terms.push({ kind: 'name', name: word });
    else {
      const end = words.indexOf('}', at);
      terms.push({ kind: 'test', words: words.slice(at + 1, end === -1 ? undefined : end) });
      at = end === -1 ? words.length : end;
    }
  }
  return terms;
}

/** Lines of one acl name add up. */
const testsOf = (name: string, proxy: HaproxyProxy): readonly (HaproxyMatch | undefined)[] =>
  proxy
    .all('acl')
    .filter(({ args }) => args[0] === name)
    .map(({ args }) => readTest(args.slice(1)));

/** One criterion with its values: a host, a beginning of a path, or a name in TLS. */
function readTest([criterion = '', ...rest]: readonly string[]): HaproxyMatch | undefined {
  const values = rest.filter((word) => word !== '-i' && word !== '--' && word !== 'str');
  if (values.length === 0 || values.some((value) => value.startsWith('-'))) return undefined;
  if (/^(?:req\.)?hdr\(host\)$/i.test(criterion)) return { hosts: values.map(withoutPort) };
  if (/^(?:req\.)?hdr_end\(host\)$/i.test(criterion)) {
    return values.every((value) => value.startsWith('.'))
      ? { hosts: values.map((value) => `*${value}`) }
      : undefined;
  }
  if (/^path(?:_beg|_dir)?$/.test(criterion) && values.every((value) => value.startsWith('/')))
    return { paths: values };
  if (/^req(?:\.|_)ssl_sni$/.test(criterion)) return { sni: values };
  return undefined;
}

const withoutPort = (host: string): string => host.replace(/:\d+$/, '');

/** What both let through; undefined where that is nothing. */
function both(a: HaproxyMatch, b: HaproxyMatch): HaproxyMatch | undefined {
  const merged = { ...a, ...b };
  if (a.hosts !== undefined && b.hosts !== undefined) {
    const hosts = a.hosts.filter((host) => b.hosts?.includes(host));
    return hosts.length === 0 ? undefined : { ...merged, hosts };
  }
  return merged;
}

function splitAt(words: readonly string[], separator: RegExp): readonly (readonly string[])[] {
  const parts: string[][] = [[]];
  for (const word of words) {
    if (separator.test(word)) parts.push([]);
    else parts.at(-1)?.push(word);
  }
  return parts;
}
