import { type ConfigPath, valueAt } from './config-path.ts';
import { configJsonSchema, type JsonSchema } from './json-schema.ts';

/** Made when it is first asked for: a configuration without problems never needs it. */
let cached: JsonSchema | undefined;

function rootSchema(): JsonSchema {
  cached ??= configJsonSchema();
  return cached;
}

/** The keys that name the variant of a union. */
const DISCRIMINATORS = ['type', 'policy'];

/** The keys that the mapping at `path` may have; of a union, those of the variant that `root` has chosen there. */
export function knownKeys(path: ConfigPath, root: unknown): readonly string[] {
  const schemas = schemasAt(path);
  const chosen = schemas.filter(({ properties }) =>
    DISCRIMINATORS.some((key) => {
      const variant = properties?.[key]?.const;
      return variant !== undefined && variant === valueAt(root, [...path, key]);
    }),
  );
  const open = chosen.length > 0 ? chosen : schemas;
  return [...new Set(open.flatMap(({ properties }) => Object.keys(properties ?? {})))];
}

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
