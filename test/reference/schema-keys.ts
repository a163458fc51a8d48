import type { JsonSchema } from '@holdfast/shared/config';
import type { Key } from './key-table.ts';

/** The forms that a value may have which are objects, however deep one choice stands in another. */
export function formsOf(schema: JsonSchema): readonly JsonSchema[] {
  if (schema.properties !== undefined) return [schema];
  if (schema.items !== undefined) return formsOf(schema.items);
  return [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])].flatMap(formsOf);
}

/** The keys by whose values forms are told apart, the first that a form has. */
const TELLING = ['profile', 'type', 'policy'];

/** What a form is called among others: by the values that tell it apart. */
const namesOfForm = ({ properties = {} }: JsonSchema): readonly string[] =>
  TELLING.map((key) => namesIn(properties[key])).find((names) => names.length > 0) ?? [];

const namesIn = (schema: JsonSchema | undefined): readonly string[] =>
  [schema?.const ?? schema?.enum ?? []].flat().map(String);

/**
 * The keys of an object that has one form or several. A key that means the same in several of them is one, with their
 * names beside it; where all of them have it, with none.
 */
export function keysOf(forms: readonly JsonSchema[]): readonly Key[] {
  const found = new Map<string, { readonly key: Key; readonly of: JsonSchema[] }>();
  for (const form of forms) {
    for (const [name, schema] of Object.entries(form.properties ?? {})) {
      if (schema.not !== undefined) continue;
      const isRequired = form.required?.includes(name) === true;
      const identity = JSON.stringify([name, schema, isRequired]);
      const entry = found.get(identity) ?? { key: { name, schema, isRequired, variants: [] }, of: [] };
      entry.of.push(form);
      found.set(identity, entry);
    }
  }
  const keys = [...found.values()].map(({ key, of }) => ({
    ...key,
    variants: of.length === forms.length ? [] : [...new Set(of.flatMap(namesOfForm))],
  }));
  return sideBySide(keys);
}

/** Keys of one name beside each other, in the order in which each name came first. */
function sideBySide(keys: readonly Key[]): readonly Key[] {
  const names = [...new Set(keys.map(({ name }) => name))];
  return names.flatMap((name) => keys.filter((key) => key.name === name));
}
