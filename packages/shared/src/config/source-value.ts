import { type ConfigPath, valueAt } from './config-path.ts';
import { configSchema } from './schema.ts';
import type { YamlSource } from './yaml-source.ts';

const NUMBER = /^-?\d+(?:\.\d+)?$/;
const BOOLEANS: Readonly<Record<string, boolean>> = { true: true, false: false };

/**
 * The value of a source in which unquoted references are numbers and booleans wherever the schema asks for one:
 * `weight: ${WEIGHT}` means a number, `name: ${RELEASE}` a text, whatever the variables hold.
 */
export function withMeantTypes(source: YamlSource): unknown {
  const parsed = configSchema.safeParse(source.value);
  if (parsed.success) return source.value;
  let value = source.value;
  for (const issue of parsed.error.issues) {
    if (issue.code !== 'invalid_type') continue;
    const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
    const text = valueAt(value, path);
    if (typeof text !== 'string' || source.referenceAt(path)?.isSole !== true) continue;
    value = replaceAt(value, path, readAs(issue.expected, text) ?? text);
  }
  return value;
}

function readAs(expected: string, text: string): number | boolean | undefined {
  if (expected === 'boolean') return BOOLEANS[text];
  return (expected === 'number' || expected === 'int') && NUMBER.test(text) ? Number(text) : undefined;
}

/** A copy of `root` without the keys at `paths`. Items of lists stay, so that every other path keeps its meaning. */
export const withoutKeys = (root: unknown, paths: readonly ConfigPath[]): unknown =>
  paths.reduce(
    (value, path) => (typeof path.at(-1) === 'string' ? replaceAt(value, path, undefined) : value),
    root,
  );

/** A copy of `value` with the one at `path` replaced; undefined takes the key away. A path that leads nowhere changes nothing. */
function replaceAt(value: unknown, path: ConfigPath, replacement: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((item, index) => (index === step ? replaceAt(item, rest, replacement) : item));
  if (value === null || typeof value !== 'object') return value;
  const members = Object.entries(value).map(
    ([key, member]) => [key, key === step ? replaceAt(member, rest, replacement) : member] as const,
  );
  return Object.fromEntries(members.filter(([key, member]) => key !== step || member !== undefined));
}
