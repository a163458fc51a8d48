import { YEAR_MS } from '../config/fields.ts';
import { haproxyTimeMs, haproxyWords } from './haproxy-words.ts';
import { type Refused, refused } from './refused.ts';
import { type Learnt, sourceOf, type WrittenSource } from './written-source.ts';

/** What a `stick` rule goes by, in requests or in responses. */
export interface StickSample {
  readonly from: 'src' | 'cookie' | 'header' | 'query';
  /** The name of the cookie, header or parameter; of `src`, nothing. */
  readonly name: string;
  readonly ipv4Prefix?: number;
  readonly ipv6Prefix?: number;
}

/** A `stick` rule: `on` both looks the key up and keeps it. */
export interface StickRule {
  readonly does: 'on' | 'match' | 'store-request' | 'store-response';
  readonly sample: StickSample;
}

const SAMPLES = 'src, cookie(NAME), hdr(NAME), urlp(NAME), and of a response res.cook(NAME) or res.hdr(NAME)';
const DOES = ['on', 'match', 'store-request', 'store-response'] as const;

const KINDS: Readonly<Record<string, 'cookie' | 'header' | 'query'>> = {
  cook: 'cookie',
  cookie: 'cookie',
  'set-cookie': 'cookie',
  scook: 'cookie',
  hdr: 'header',
  fhdr: 'header',
  url_param: 'query',
  urlp: 'query',
};

/** Reads a `stick` line, with or without the keyword itself. */
export function readStickRule(line: string): StickRule | Refused {
  const [word, expression = '', ...others] = haproxyWords(line.replace(/^\s*stick\s+/, '')) ?? [];
  const does = DOES.find((known) => known === word);
  if (does === undefined) return refused(`one of ${DOES.join(', ')}`, line);
  if (others.length > 0)
    return refused('neither a table of another section nor a condition', others.join(' '));
  const sample = readStickSample(expression);
  return sample === undefined ? refused(SAMPLES, expression) : { does, sample };
}

/** What a sample expression of HAProxy means here, if anything. */
export function readStickSample(expression: string): StickSample | undefined {
  const [isAddress, ipv4, ipv6] = /^src(?:,ipmask\((\d+)(?:,(\d+))?\))?$/.exec(expression) ?? [];
  if (isAddress !== undefined) {
    return {
      from: 'src',
      name: '',
      ...(ipv4 !== undefined && { ipv4Prefix: Number(ipv4) }),
      ...(ipv6 !== undefined && { ipv6Prefix: Number(ipv6) }),
    };
  }
  const [, kind = '', name = ''] = /^(?:re[qs]\.)?([a-z_-]+)\(([^),]+)\)$/.exec(expression) ?? [];
  const from = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  return from === undefined ? undefined : { from, name };
}

/** A source for each key of requests; one that responses tell is learnt from them, from requests as well if a rule says so. */
export function stickSources(rules: readonly StickRule[]): readonly WrittenSource[] | Refused {
  const looked = rules.filter(({ does }) => does === 'on' || does === 'match');
  const learnt = rules.filter(({ does }) => does === 'store-response').map(({ sample }) => sample);
  const blind = rules.find(({ does, sample }) => does === 'store-request' && !looked.some(isOf(sample)));
  if (looked.length === 0 || blind !== undefined)
    return refused('a "stick match" or "stick on" that looks up what is stored', 'none');
  const places = learnt.map(({ from }) => from);
  const isLearnable = ({ from }: StickSample, index: number): boolean =>
    (from === 'cookie' || from === 'header') && places.indexOf(from) === index;
  if (!learnt.every(isLearnable))
    return refused(
      '"stick store-response" of a cookie, of a header, or of one of each',
      places.join(' and '),
    );
  const kept = rules.filter(({ does }) => does === 'on' || does === 'store-request');
  return looked.map(({ sample }) => stickSource(sample, learnt, kept.some(isOf(sample))));
}

const isOf =
  (sample: StickSample) =>
  (rule: StickRule): boolean =>
    rule.sample.from === sample.from && rule.sample.name === sample.name;

/**
 * @param learnt what responses tell the key by, a cookie and a header at most; none: only requests do
 * @param isKept whether a key is kept that only a request has told
 */
export function stickSource(
  { from, name, ipv4Prefix, ipv6Prefix }: StickSample,
  learnt: readonly StickSample[],
  isKept: boolean,
): WrittenSource {
  if (from !== 'src') return sourceOf({ from, name }, learntOf(learnt), isKept || learnt.length === 0);
  return {
    type: 'source-ip',
    ...(ipv4Prefix !== undefined && { ipv4Prefix }),
    ...(ipv6Prefix !== undefined && { ipv6Prefix }),
  };
}

const learntOf = (samples: readonly StickSample[]): Learnt =>
  Object.fromEntries(samples.map(({ from, name }) => [from, name]));

/** How long a table keeps what is not used, in milliseconds; HAProxy's default is for ever, which a year is here. */
export function readStickTable(line: string): { readonly expireMs: number } | Refused {
  const words = haproxyWords(line.replace(/^\s*stick-table\s+/, '')) ?? [];
  const behind = (keyword: string): string | undefined => {
    const at = words.indexOf(keyword);
    return at < 0 ? undefined : (words[at + 1] ?? '');
  };
  if (behind('type') === undefined || behind('size') === undefined)
    return refused('type and size, such as type ip size 1m expire 30m', line);
  const expire = behind('expire');
  const expireMs = expire === undefined ? YEAR_MS : haproxyTimeMs(expire);
  return expireMs === undefined || expireMs < 1_000 || expireMs > YEAR_MS
    ? refused('a time from 1s to 365d behind expire', expire ?? '')
    : { expireMs };
}
