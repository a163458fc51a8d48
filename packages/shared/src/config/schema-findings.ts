import { type ConfigPath, valueAt } from './config-path.ts';
import { choices, expectation, found, type Issue, isOwnMessage } from './issue-wording.ts';
import { nearest } from './nearest.ts';
import type { Finding } from './problem.ts';
import { knownKeys } from './schema-lookup.ts';
import type { YamlSource } from './yaml-source.ts';

/** What the schema says against a configuration, in words for the person who wrote it. */
export function schemaFindings(all: readonly Issue[], source: YamlSource): readonly Finding[] {
  const issues = all.flatMap(meant);
  const unknownKeys = issues.flatMap((issue) => unknownKeyFindings(issue, source.value));
  const explained = new Set(
    unknownKeys.map(({ path, suggestion }) => keyId([...path.slice(0, -1), suggestion ?? ''])),
  );
  const others = issues.filter(
    ({ code, path }) => code !== 'unrecognized_keys' && !explained.has(keyId(path)),
  );
  return [...unknownKeys, ...others.map((issue) => valueFinding(issue, source))];
}

/**
 * Of a value that may have one of several forms, what the form objects to that it has: to somebody who wrote a mapping,
 * it is of no use that a text would do as well.
 */
function meant(issue: Issue): readonly Issue[] {
  if (issue.code !== 'invalid_union' || isOwnMessage(issue)) return [issue];
  const inside = issue.errors.filter((issues) =>
    issues.every(({ code, path }) => path.length > 0 || code === 'unrecognized_keys'),
  );
  const alike = issue.errors.filter((issues) => issues.every(({ code }) => code !== 'invalid_type'));
  const [form, ...others] = inside.length > 0 ? inside : alike;
  if (form === undefined || others.length > 0) return [issue];
  return form.flatMap((inner) => meant({ ...inner, path: [...issue.path, ...inner.path] }));
}

/** Identifies a key, so that a missing key is not reported where a misspelt one was meant to be it. */
const keyId = (path: readonly PropertyKey[]): string => JSON.stringify(path.map(String));

function unknownKeyFindings(issue: Issue, root: unknown): readonly Finding[] {
  if (issue.code !== 'unrecognized_keys') return [];
  const parent = asConfigPath(issue.path);
  const known = knownKeys(parent, root);
  return issue.keys.map((key) => {
    const suggestion = nearest(key, known);
    const message = `unknown key: expected one of ${known.join(', ')}`;
    return { path: [...parent, key], about: 'key', message, ...(suggestion !== undefined && { suggestion }) };
  });
}

function valueFinding(issue: Issue, source: YamlSource): Finding {
  const path = asConfigPath(issue.path);
  const value = valueAt(source.value, path);
  const message = `expected ${expectation(issue)}, found ${found(issue, path, source)}`;
  const suggestion = typeof value === 'string' ? nearest(value, choices(issue)) : undefined;
  return { path, about: 'value', message, ...(suggestion !== undefined && { suggestion }) };
}

const asConfigPath = (path: readonly PropertyKey[]): ConfigPath =>
  path.map((step) => (typeof step === 'number' ? step : String(step)));
