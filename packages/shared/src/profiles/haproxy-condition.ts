import type { z } from 'zod';
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
  }
  return conditions.length > ALTERNATIVES_MAX
    ? refused(`at most ${ALTERNATIVES_MAX} alternatives`, String(conditions.length))
    : conditions;
}

/** Tests that must all hold, each of which may have several values. */
function readAlternative(text: string): readonly WrittenCondition[] | undefined {
  if (!/^(?:\{ [^{}]+ \}\s*)+$/.test(text)) return undefined;
  let conditions: readonly WrittenCondition[] = [{}];
  for (const [, test = ''] of text.matchAll(/\{ ([^{}]+) \}/g)) {
    const values = readTest(test.split(/\s+/));
    if (values === undefined) return undefined;
    conditions = conditions.flatMap((one) => values.map((value) => ({ ...one, ...value })));
  }
  return conditions;
}

function readTest([criterion = '', ...words]: readonly string[]): readonly WrittenCondition[] | undefined {
  const [, name] = /^(?:req\.)?f?hdr\(([\w-]+)\)$/.exec(criterion) ?? [];
  if (name !== undefined && words.join(' ') === '-m found') return [{ header: name }];
  const values = words.filter((word) => !/^(?:-m|str|--)$/.test(word));
  if (values.length === 0 || values.some((value) => value.startsWith('-'))) return undefined;
  if (name !== undefined) return values.map((value) => ({ header: name, value }));
  if (criterion === 'path_beg') return values.map((path) => ({ path }));
  return criterion === 'src' ? values.map((address) => ({ address })) : undefined;
}
