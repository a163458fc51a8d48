import { YEAR_MS } from '../config/fields.ts';
import { haproxyTimeMs, haproxyWords } from './haproxy-words.ts';
import { type Refused, refused } from './refused.ts';

/** A `cookie` line of HAProxy, as HAProxy understands it. */
export interface HaproxyCookie {
  readonly name: string;
  readonly mode: 'insert' | 'prefix' | 'rewrite' | 'passive';
  readonly options: ReadonlySet<Flag>;
  readonly domain: string | undefined;
  readonly sameSite: 'Lax' | 'Strict' | 'None' | undefined;
  readonly maxIdleMs: number | undefined;
  readonly maxLifeMs: number | undefined;
}

const MODES = ['insert', 'prefix', 'rewrite'] as const;
const FLAGS = ['indirect', 'nocache', 'postonly', 'preserve', 'httponly', 'secure', 'dynamic'] as const;
type Flag = (typeof FLAGS)[number];

const SECOND_MS = 1_000;
const A_TIME = 'a time from 1s to 365d, such as 30m';
const SAME_SITES: Readonly<Record<string, 'Lax' | 'Strict' | 'None'>> = {
  lax: 'Lax',
  strict: 'Strict',
  none: 'None',
};

/** Reads a `cookie` line, with or without the keyword itself. */
export function readHaproxyCookie(line: string): HaproxyCookie | Refused {
  const words = haproxyWords(line.replace(/^\s*cookie\s+/, ''));
  const [name, ...rest] = words ?? [];
  if (name === undefined) return refused('NAME [insert|prefix|rewrite] and options', line);
  const modes = new Set<(typeof MODES)[number]>();
  const options = new Set<Flag>();
  const values = new Map<string, string>();
  for (let at = 0; at < rest.length; at += 1) {
    const word = rest[at] ?? '';
    const mode = MODES.find((known) => known === word);
    const option = FLAGS.find((known) => known === word);
    if (mode !== undefined) modes.add(mode);
    else if (option !== undefined) options.add(option);
    else if (/^(?:domain|maxidle|maxlife|attr)$/.test(word)) values.set(word, rest[++at] ?? '');
    else return refused(`only the options of a cookie line of HAProxy`, word);
  }
  return objection(modes, options, values) ?? cookieOf(name, modes, options, values);
}

function objection(
  modes: ReadonlySet<string>,
  options: ReadonlySet<Flag>,
  values: ReadonlyMap<string, string>,
): Refused | undefined {
  if (modes.size === 0 && !options.has('indirect'))
    return refused(
      'insert, prefix, rewrite or indirect, without which HAProxy goes by no cookie',
      'none of them',
    );
  if (modes.size > 1) return refused('one of insert, prefix and rewrite', [...modes].join(' and '));
  if (options.has('preserve') && !modes.has('insert') && !options.has('indirect'))
    return refused('insert or indirect beside preserve', 'neither');
  for (const keyword of ['maxidle', 'maxlife']) {
    const written = values.get(keyword);
    if (written === undefined) continue;
    const timeMs = haproxyTimeMs(written, SECOND_MS) ?? 0;
    if (timeMs < SECOND_MS || timeMs > YEAR_MS) return refused(`${A_TIME} behind ${keyword}`, written);
    if (!modes.has('insert')) return refused(`insert beside ${keyword}`, 'none');
  }
  const attribute = values.get('attr');
  if (attribute !== undefined && sameSiteOf(attribute) === undefined)
    return refused('attr "SameSite=Lax", "SameSite=Strict" or "SameSite=None"', attribute);
  return undefined;
}

function cookieOf(
  name: string,
  modes: ReadonlySet<(typeof MODES)[number]>,
  options: ReadonlySet<Flag>,
  values: ReadonlyMap<string, string>,
): HaproxyCookie {
  const timeOf = (keyword: string) => haproxyTimeMs(values.get(keyword) ?? '', SECOND_MS);
  return {
    name,
    mode: [...modes][0] ?? 'passive',
    options,
    domain: values.get('domain'),
    sameSite: sameSiteOf(values.get('attr') ?? ''),
    maxIdleMs: timeOf('maxidle'),
    maxLifeMs: timeOf('maxlife'),
  };
}

const sameSiteOf = (attribute: string) =>
  SAME_SITES[/^samesite=(\w+)$/i.exec(attribute)?.[1]?.toLowerCase() ?? ''];
