import { describe, expect, it } from 'vitest';
import { configJsonSchema, type JsonSchema } from './json-schema.ts';

interface Property {
  readonly path: string;
  readonly schema: JsonSchema;
}

const children = (schema: JsonSchema, path: string): Property[] => [
  ...Object.entries(schema.properties ?? {}).flatMap(([key, property]) => {
    const inner = path === '' ? key : `${path}.${key}`;
    return [{ path: inner, schema: property }, ...children(property, inner)];
  }),
  ...(schema.items === undefined ? [] : children(schema.items, `${path}[]`)),
  ...(schema.oneOf ?? []).flatMap((variant) => children(variant, path)),
];

const schema = configJsonSchema();
const properties = children(schema, '');
const at = (path: string): JsonSchema | undefined =>
  properties.find((property) => property.path === path)?.schema;

describe('the JSON Schema', () => {
  it('is of draft 2020-12, and plain JSON', () => {
    expect(schema).toHaveProperty('$schema', 'https://json-schema.org/draft/2020-12/schema');
    expect(JSON.parse(JSON.stringify(schema))).toEqual(schema);
  });

  it('describes every key', () => {
    expect(properties.length).toBeGreaterThan(60);
    expect(properties.filter((property) => property.schema.description === undefined)).toEqual([]);
  });

  it('knows durations and addresses as they are written, with their defaults', () => {
    expect(at('pools[].affinity.idleTimeout')).toMatchObject({ type: 'string', default: '20m' });
    expect(at('admin.listen')).toMatchObject({ type: 'string', default: '127.0.0.1:9900' });
  });

  it('asks for no key that has a default', () => {
    expect(schema).toHaveProperty('required', ['listeners', 'pools']);
  });

  it('wants of a listener either routes or a pool', () => {
    expect(at('listeners')?.items).toMatchObject({
      oneOf: [{ required: ['routes'] }, { required: ['pool'] }],
    });
  });

  it('marks what is secret', () => {
    const secret = properties.filter((property) => property.schema.writeOnly === true);
    expect(new Set(secret.map(({ path }) => path))).toEqual(
      new Set([
        'secrets',
        'admin.token',
        'telemetry.otlp.headers',
        'pools[].affinity.key',
        'pools[].affinity.sources[].key',
        'pools[].affinity.dynamic-cookie-key',
      ]),
    );
  });
});
