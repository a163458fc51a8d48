import type { z } from 'zod';
import { type ConfigPath, valueAt } from './config-path.ts';
import { withoutCredentials } from './redact.ts';
import { isSecretAt } from './schema-lookup.ts';
import type { YamlSource } from './yaml-source.ts';

/** An objection of the schema to one value. */
export type Issue = z.core.$ZodIssue;

/** The schema's own messages complete the sentence and start in lower case; those of the library do neither. */
export const isOwnMessage = ({ message }: Issue): boolean => /^[a-z]/.test(message);

/** The rest of a sentence that starts with "expected". */
export function expectation(issue: Issue): string {
  if (isOwnMessage(issue)) return issue.message;
  const options = choices(issue);
  if (options.length > 0) return options.length === 1 ? options[0]! : `one of ${options.join(', ')}`;
  if (issue.code === 'invalid_type') return TYPE_WORDS[issue.expected] ?? issue.expected;
  if (issue.code === 'too_small') return `at least ${issue.minimum}${unitWord(issue.origin, issue.minimum)}`;
  if (issue.code === 'too_big') return `at most ${issue.maximum}${unitWord(issue.origin, issue.maximum)}`;
  return issue.message;
}

const TYPE_WORDS: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a whole number',
  object: 'a mapping',
  string: 'text',
};

const UNIT_WORDS: Readonly<Record<string, readonly [one: string, many: string]>> = {
  array: [' entry', ' entries'],
  string: [' character', ' characters'],
};

const unitWord = (origin: string, count: number | bigint): string =>
  UNIT_WORDS[origin]?.[Number(count) === 1 ? 0 : 1] ?? '';

/** The values that may stand there, where the schema names them one by one. */
export function choices(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  const options = issue.code === 'invalid_union' && 'options' in issue ? issue.options : undefined;
  return Array.isArray(options) ? options.filter((option) => option !== undefined).map(String) : [];
}

/** What stands there, as far as it may be shown: never a secret, nor what a variable of the environment holds. */
export function found(issue: Issue, path: ConfigPath, source: YamlSource): string {
  if (issue.code === 'custom' && typeof issue.params?.found === 'string') return issue.params.found;
  const value = valueAt(source.value, path);
  if (isLengthIssue(issue) && typeof value === 'string') return `${value.length}`;
  const reference = source.referenceAt(path);
  if (reference !== undefined) return `what ${reference.written} stands for`;
  const isTextExpected = issue.code === 'invalid_type' && issue.expected === 'string' && !isOwnMessage(issue);
  return describeValue(value, isSecretAt(path) || isContainerExpected(issue), isTextExpected);
}

const isLengthIssue = (issue: Issue): boolean =>
  (issue.code === 'too_small' || issue.code === 'too_big') && issue.origin === 'string';

/** A text where a mapping or a list belongs may be one of the secrets that belong further inside. */
const isContainerExpected = (issue: Issue): boolean =>
  issue.code === 'invalid_type' && (issue.expected === 'object' || issue.expected === 'array');

/** A value in a few words, as what was found; its own text only where it is short and `isHidden` is not said. */
export function describeValue(value: unknown, isHidden = false, isTextExpected = false): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'an empty value';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a mapping';
  const hint = isTextExpected ? ' (quotes make it text)' : '';
  if (isHidden) return (typeof value === 'string' ? 'text' : `a ${typeof value}`) + hint;
  const shown = typeof value === 'string' ? JSON.stringify(withoutCredentials(value)) : String(value);
  return shorten(shown) + hint;
}

const SHOWN_LENGTH_MAX = 60;

const shorten = (text: string): string =>
  text.length <= SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX)}...`;
