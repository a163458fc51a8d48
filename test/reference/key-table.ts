import type { JsonSchema } from '@holdfast/shared/config';
import { formatTable } from '../../bench/src/report/table.ts';

/** A key of an object, or of some variants of one. */
export interface Key {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly isRequired: boolean;
  /** The variants that have it, by what tells them apart; none where there is but one form. */
  readonly variants: readonly string[];
}

/** Where more is said about the keys of a value, as a link; undefined where there is no more to say. */
export type LinkOf = (key: Key) => string | undefined;

/** The sentence of a description that says what holds where the key is missing, and no schema can. */
const DEFAULT_IN_WORDS = /\s*Default: (.+?)\.(?=\s|$)/s;

const noLink: LinkOf = () => undefined;

/** A table of what may be written: what keys are called, what they take, what holds without them, and what they mean. */
export function keyTable(keys: readonly Key[], linkOf = noLink): string {
  const hasVariants = keys.some(({ variants }) => variants.length > 0);
  const heading = ['key', ...(hasVariants ? ['of'] : []), 'value', 'default', 'meaning'];
  const rows = keys.map((key) => {
    const [meaning, absent] = meaningOf(key);
    const value = linkOf(key) ?? valueInWords(key.schema);
    const cells = [code(key.name), ...(hasVariants ? [key.variants.map(code).join(', ')] : [])];
    return [...cells, value, absent, meaning].map(asCell);
  });
  return formatTable([heading, ...rows], heading.length);
}

/** A table of what is told: what members are called, what they are, whether they are always there, and what they mean. */
export function memberTable(members: readonly Key[]): string {
  const heading = ['member', 'value', 'is there', 'meaning'];
  const rows = members.map(({ name, schema, isRequired }) => {
    const { description = '' } = schema;
    return [code(name), valueInWords(schema), isRequired ? 'always' : 'sometimes', description].map(asCell);
  });
  return formatTable([heading, ...rows], heading.length);
}

/** What a key means, and what holds where it is missing. */
function meaningOf({ schema, isRequired }: Key): readonly [meaning: string, absent: string] {
  const meaning = withoutDefault(schema.description ?? '');
  const [, inWords] = DEFAULT_IN_WORDS.exec(schema.description ?? '') ?? [];
  if (isRequired) return [meaning, 'required'];
  if (inWords !== undefined) return [meaning, inWords];
  return [meaning, isWorthShowing(schema.default) ? code(written(schema.default)) : ''];
}

/** What a description says beside that. */
export const withoutDefault = (description: string): string => description.replace(DEFAULT_IN_WORDS, '');

/** An object without keys only says that its keys have defaults of their own. */
const isWorthShowing = (value: unknown): boolean =>
  value !== undefined && value !== '' && JSON.stringify(value) !== '{}';

/** What a value may be, in words. */
export function valueInWords(schema: JsonSchema): string {
  const alternatives = schema.anyOf ?? [];
  if (alternatives.length > 0) return alternatives.map(valueInWords).join(' or ');
  if (schema.const !== undefined) return code(written(schema.const));
  if (schema.enum !== undefined) return schema.enum.map((value) => code(written(value))).join(', ');
  if (schema.type === 'array') return listInWords(schema.items ?? {});
  const secret = schema.writeOnly === true ? ', secret' : '';
  if (schema.title !== undefined) return schema.title + secret;
  switch (schema.type) {
    case 'boolean':
      return `${code('true')}, ${code('false')}`;
    case 'integer':
      return `whole number${rangeInWords(schema)}`;
    case 'number':
      return `number${rangeInWords(schema)}`;
    case 'string':
      return `text${secret}`;
    default:
      return 'keys';
  }
}

function listInWords(items: JsonSchema): string {
  const tuple = items.type === undefined && items.anyOf === undefined && items.enum === undefined;
  return tuple ? 'list' : `list: ${valueInWords(items)}`;
}

function rangeInWords({ minimum, maximum }: JsonSchema): string {
  const from = isBound(minimum) ? ` from ${grouped(minimum)}` : '';
  return isBound(maximum) ? `${from} to ${grouped(maximum)}` : from;
}

const grouped = (value: number | undefined): string => (value ?? 0).toLocaleString('en-US');

/** Whether it is a bound of ours, and not that of the whole numbers that JSON can carry. */
const isBound = (value: number | undefined): boolean =>
  value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;

/** As a configuration file would have it. */
const written = (value: unknown): string =>
  typeof value === 'string'
    ? value
    : JSON.stringify(value)
        .replaceAll(/"([\w-]+)"/g, '$1')
        .replaceAll(',', ', ');

const code = (text: string): string => `\`${text}\``;

/** A bar would end the cell. */
const asCell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
