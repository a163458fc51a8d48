import { z } from 'zod';
import { configSchema } from './schema.ts';

/** The parts of a JSON Schema that Holdfast's own has. */
export interface JsonSchema {
  /** What kind of value it is, in a word or two. */
  readonly title?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  /** `{}` where the key must not be there. */
  readonly not?: JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
  readonly anyOf?: readonly JsonSchema[];
  readonly description?: string;
  readonly writeOnly?: boolean;
}

/**
 * The JSON Schema (draft 2020-12) of the configuration file, for editors. It knows every key and its form, not
 * what the keys say about each other: a file that it accepts may still be refused.
 */
export function configJsonSchema(): JsonSchema {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, {
    io: 'input',
    target: 'draft-2020-12',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      if (zodSchema._zod.def.type === 'undefined') jsonSchema.not = {};
    },
  });
  return { $schema, title: 'Holdfast configuration', ...schema } as JsonSchema;
}
