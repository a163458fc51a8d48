import type { JsonSchema } from '@holdfast/shared/config';
import { describe, expect, it } from 'vitest';
import { keyTable, memberTable } from './key-table.ts';
import { formsOf, keysOf } from './schema-keys.ts';

const object = (properties: Record<string, JsonSchema>, required: readonly string[] = []): JsonSchema => ({
  type: 'object',
  properties,
  required,
});

/** The rows of a table, without its heading, cell by cell. */
const rowsOf = (table: string): readonly (readonly string[])[] =>
  table
    .split('\n')
    .slice(2)
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

const rows = (...forms: readonly JsonSchema[]) => rowsOf(keyTable(keysOf(forms)));

describe('a table of keys', () => {
  it('takes the default from the schema, or from the sentence of the description that says it', () => {
    const keys = object({
      a: { type: 'boolean', default: true, description: 'Whether.' },
      b: { type: 'string', description: 'Who. Default: as a.b says. Needs c.' },
      c: { type: 'string', description: 'What.' },
      d: { type: 'object', default: {}, description: 'How.' },
    });
    expect(rows(keys).map(([, , absent, meaning]) => [absent, meaning])).toEqual([
      ['`true`', 'Whether.'],
      ['as a.b says', 'Who. Needs c.'],
      ['', 'What.'],
      ['', 'How.'],
    ]);
  });

  it('says that a key is required, whatever else its schema says', () => {
    expect(rows(object({ a: { type: 'string', default: 'x' } }, ['a']))[0]?.[2]).toBe('required');
  });

  it.each<[JsonSchema, string]>([
    [{ enum: ['a', 'b'] }, '`a`, `b`'],
    [{ const: 'a' }, '`a`'],
    [{ type: 'integer', minimum: 1, maximum: 20_000 }, 'whole number from 1 to 20,000'],
    [{ type: 'integer', minimum: 0, maximum: Number.MAX_SAFE_INTEGER }, 'whole number from 0'],
    [{ type: 'string', title: 'duration from 1s to 1h' }, 'duration from 1s to 1h'],
    [{ type: 'string', writeOnly: true }, 'text, secret'],
    [{ type: 'array', items: { type: 'string', title: 'network' } }, 'list: network'],
    [{ anyOf: [{ const: 'auto' }, { type: 'integer', minimum: 1 }] }, '`auto` or whole number from 1'],
    [{ type: 'string', enum: ['a|b'] }, String.raw`\`a\|b\``],
  ])('says of %j that it takes %s', (schema, words) => {
    expect(rows(object({ key: schema }))[0]?.[1]).toBe(words.replaceAll('\\`', '`'));
  });

  it('names the forms that have a key, unless all do, and keys of one name beside each other', () => {
    const name = { type: 'string' };
    const one = object({ type: { const: 'one' }, name, only: name });
    const two = object({ type: { const: 'two' }, name });
    expect(rows(one, two).map(([key, of]) => [key, of])).toEqual([
      ['`type`', '`one`'],
      ['`type`', '`two`'],
      ['`name`', ''],
      ['`only`', '`one`'],
    ]);
  });

  it('leaves out what must not be there', () => {
    expect(rows(object({ a: { type: 'string' }, b: { not: {} } }))).toHaveLength(1);
  });
});

describe('a table of members', () => {
  it('says which are always there', () => {
    const keys = keysOf([object({ a: { type: 'string' }, b: { type: 'string' } }, ['a'])]);
    expect(rowsOf(memberTable(keys)).map(([name, , isThere]) => [name, isThere])).toEqual([
      ['`a`', 'always'],
      ['`b`', 'sometimes'],
    ]);
  });
});

describe('the forms of a schema', () => {
  it('are its objects, however deep one choice stands in another', () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => object({ type: { const: name } }));
    const nested = { type: 'array', items: { anyOf: [{ enum: ['x'] }, { oneOf: [a, { oneOf: [b, c] }] }] } };
    expect(formsOf(nested as JsonSchema)).toEqual([a, b, c]);
  });
});
