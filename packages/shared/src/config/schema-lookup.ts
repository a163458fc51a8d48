import { type ConfigPath, valueAt } from './config-path.ts';
import { configJsonSchema, type JsonSchema } from './json-schema.ts';

/** Made when it is first asked for: a configuration without problems never needs it. */
let cached: JsonSchema | undefined;

function rootSchema(): JsonSchema {
  cached ??= configJsonSchema();
  return cached;
}

/** The keys that name the variant of a union. */
const DISCRIMINATORS = ['profile', 'type', 'policy'];

/** The keys that the mapping at `path` may have; of a union, those of the variants that `root` has chosen there. */
export function knownKeys(path: ConfigPath, root: unknown): readonly string[] {
  const all = schemasAt(path);
  let chosen = all;
  for (const key of DISCRIMINATORS) {
    const value = valueAt(root, [...path, key]);
    const fitting = chosen.filter(
      ({ properties }) => value !== undefined && properties?.[key]?.const === value,
    );
    if (fitting.length > 0) chosen = fitting;
  }
  if (chosen !== all) return keysOf(chosen, ({ not }) => not === undefined);
  const unnamed = all.filter(isUnnamed);
  // A key that this variant must not have names another one, which may have been meant.
  return keysOf(unnamed.length > 0 ? unnamed : all);
}

/** Whether it is the variant that is meant where none is named. */
const isUnnamed = ({ properties, required = [] }: JsonSchema): boolean =>
  DISCRIMINATORS.some((key) => properties?.[key]?.const !== undefined && !required.includes(key));

const keysOf = (
  schemas: readonly JsonSchema[],
  isAllowed: (property: JsonSchema) => boolean = () => true,
): readonly string[] => [
  ...new Set(
    schemas
      .flatMap(({ properties }) => Object.entries(properties ?? {}))
      .flatMap(([key, property]) => (isAllowed(property) ? [key] : [])),
  ),
];

/** Whether the value at `path`, or one that it lies in, must never be shown. */
export const isSecretAt = (path: ConfigPath): boolean =>
  path.some((_, index) => schemasAt(path.slice(0, index + 1)).some(({ writeOnly }) => writeOnly === true));

/** What the schema says of `path`: more than one schema where a union leaves it open. */
function schemasAt(path: ConfigPath): readonly JsonSchema[] {
  let schemas = variants(rootSchema());
  for (const step of path) {
    const below = typeof step === 'number' ? (schema: JsonSchema) => schema.items : memberOf(step);
    schemas = schemas.flatMap((schema) => variants(below(schema)));
  }
  return schemas;
}

const memberOf = (key: string) => (schema: JsonSchema) =>
  Object.hasOwn(schema.properties ?? {}, key) ? schema.properties?.[key] : undefined;

const variants = (schema: JsonSchema | undefined): readonly JsonSchema[] =>
  schema === undefined
    ? []
    : [schema, ...[...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].flatMap(variants)];
