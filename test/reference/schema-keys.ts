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

/** What a form is called among others: by the value that tells it apart. */
export function nameOfForm({ properties = {} }: JsonSchema): string {
  const telling = TELLING.map((key) => properties[key]).find((schema) => namesIn(schema).length > 0);
  return namesIn(telling).join(' ');
}

const namesIn = (schema: JsonSchema | undefined): readonly string[] =>
  [schema?.const ?? schema?.enum ?? []].flat().map(String);

/**
 * The keys of an object that has one form or several. A key that means the same in several of them is one, with their
 * names beside it; where all of them have it, with none.
 */
export function keysOf(forms: readonly JsonSchema[]): readonly Key[] {
  const found = new Map<string, Key>();
  for (const form of forms) {
    for (const [name, schema] of Object.entries(form.properties ?? {})) {
      if (schema.not !== undefined) continue;
      const isRequired = form.required?.includes(name) === true;
      const identity = JSON.stringify([name, schema, isRequired]);
      const variants = [...(found.get(identity)?.variants ?? []), nameOfForm(form)];
      found.set(identity, { name, schema, isRequired, variants });
    }
  }
  return sideBySide([...found.values()]).map((key) => ({
    ...key,
    variants: key.variants.length === forms.length ? [] : [...new Set(key.variants)].filter(isNamed),
  }));
}

const isNamed = (name: string): boolean => name !== '';

/** Keys of one name beside each other, in the order in which each name came first. */
function sideBySide(keys: readonly Key[]): readonly Key[] {
  const names = [...new Set(keys.map(({ name }) => name))];
  return names.flatMap((name) => keys.filter((key) => key.name === name));
}
