import type { z } from 'zod';
import { network } from '../config/fields.ts';
import type { condition } from '../config/label-source-schema.ts';
import { haproxyWords } from './haproxy-words.ts';
import { type Refused, refused } from './refused.ts';

/** A condition on requests, as a file writes it. */
export type WrittenCondition = z.input<typeof condition>;

const EXPECTED = 'if with { path_beg … }, { src … } or { hdr(NAME) … }, "or" between alternatives';
const ALTERNATIVES_MAX = 16;

/** Reads what stands behind `force-persist` or `ignore-persist`: the conditions of which any will do. */
export function readHaproxyCondition(line: string): readonly WrittenCondition[] | Refused {
  const [keyword, ...words] = haproxyWords(line.replace(/^\s*(?:force|ignore)-persist\s+/, '')) ?? [];
  if (keyword !== 'if') return refused(EXPECTED, line);
  const conditions: WrittenCondition[] = [];
  for (const alternative of words.join(' ').split(/\s+(?:or|\|\|)\s+/)) {
    const read = readAlternative(alternative);
    if (read === undefined) return refused(EXPECTED, line);
    conditions.push(...read);
    if (conditions.length > ALTERNATIVES_MAX)
      return refused(`at most ${ALTERNATIVES_MAX} alternatives`, String(conditions.length));
  }
  return conditions;
}

/** Tests that must all hold, each of another kind. One with several values holds where any of them does. */
function readAlternative(text: string): readonly WrittenCondition[] | undefined {
  if (!/^(?:\{ [^{}]+ \}\s*)+$/.test(text)) return undefined;
  let conditions: readonly WrittenCondition[] = [{}];
  const kinds = new Set<string>();
  for (const [, words = ''] of text.matchAll(/\{ ([^{}]+) \}/g)) {
    const test = readTest(words.split(/\s+/));
    if (test === undefined || kinds.has(test.kind)) return undefined;
    kinds.add(test.kind);
    conditions = conditions.flatMap((one) => test.any.map((value) => ({ ...one, ...value })));
    if (conditions.length > ALTERNATIVES_MAX) break;
  }
  return conditions;
}

interface Test {
  readonly kind: 'header' | 'path' | 'address';
  readonly any: readonly WrittenCondition[];
}

function readTest([criterion = '', ...words]: readonly string[]): Test | undefined {
  const [, header] = /^(?:req\.)?f?hdr\(([\w-]+)\)$/.exec(criterion) ?? [];
  if (header !== undefined && words.join(' ') === '-m found') return { kind: 'header', any: [{ header }] };
  const flags = header !== undefined && words.slice(0, 2).join(' ') === '-m str' ? 2 : 0;
  const values = words.slice(words[flags] === '--' ? flags + 1 : flags);
  if (values.length === 0 || values.some((value) => value.startsWith('-'))) return undefined;
  if (header !== undefined) return { kind: 'header', any: values.map((value) => ({ header, value })) };
  if (criterion === 'path_beg' && values.every((value) => value.startsWith('/')))
    return { kind: 'path', any: values.map((path) => ({ path })) };
  if (criterion === 'src' && values.every((value) => network.safeParse(value).success))
    return { kind: 'address', any: values.map((address) => ({ address })) };
  return undefined;
}
