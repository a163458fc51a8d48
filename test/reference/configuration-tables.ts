import { configJsonSchema, type JsonSchema } from '@holdfast/shared/config';
import { anchorsOf } from '../architecture/markdown.ts';
import { type Key, keyTable, withoutDefault } from './key-table.ts';
import { formsOf, keysOf } from './schema-keys.ts';

/** Keys that stand together somewhere in a file. */
interface Part {
  /** Where they stand, as messages name it, such as `pools[].affinity`; empty for the top of the file. */
  readonly path: string;
  readonly heading: string;
  readonly description: string;
  readonly keys: readonly Key[];
}

/** Every key of the configuration file, part by part. */
export function configurationTables(): string {
  const parts: Part[] = [];
  addParts(parts, '', [configJsonSchema()]);
  return parts.map((part) => sectionOf(part, parts)).join('\n\n');
}

/**
 * Adds the part at a path, and those below it. Keys that were explained at another path already are not explained again.
 *
 * @param schemas what may stand there
 */
function addParts(parts: Part[], path: string, schemas: readonly JsonSchema[]): void {
  const forms = schemas.flatMap(formsOf);
  const [{ description = '' } = {}] = schemas;
  for (const [suffix, group] of groupsOf(forms)) {
    const keys = keysOf(group);
    if (explained(keys, parts) !== undefined) continue;
    const heading = path === '' ? '## The file' : `## \`${path}\`${suffix}`;
    parts.push({ path, heading, description, keys });
    for (const [deeper, below] of belowOf(path, keys)) addParts(parts, deeper, below);
  }
}

/** The words of other systems stand beside each other, and not among ours. */
function groupsOf(
  forms: readonly JsonSchema[],
): readonly (readonly [suffix: string, forms: readonly JsonSchema[]])[] {
  const isProfile = ({ properties }: JsonSchema): boolean => properties?.profile?.const !== undefined;
  const groups = [
    ['', forms.filter((form) => !isProfile(form))],
    [' by a profile', forms.filter(isProfile)],
  ] as const;
  return groups.filter(([, group]) => group.length > 0);
}

/** What may stand at each path right below one; keys of one name are at one path. */
function belowOf(path: string, keys: readonly Key[]): ReadonlyMap<string, readonly JsonSchema[]> {
  const below = new Map<string, readonly JsonSchema[]>();
  for (const { name, schema } of keys.filter(hasKeys)) {
    const deeper = `${path === '' ? name : `${path}.${name}`}${schema.type === 'array' ? '[]' : ''}`;
    below.set(deeper, [...(below.get(deeper) ?? []), schema]);
  }
  return below;
}

const hasKeys = ({ schema }: Key): boolean => formsOf(schema).length > 0;

/** The part that explains all of these keys. */
const explained = (keys: readonly Key[], parts: readonly Part[]): Part | undefined =>
  parts.find((part) => keys.every((key) => part.keys.some((other) => isSame(key, other))));

const isSame = (one: Key, other: Key): boolean =>
  one.name === other.name && JSON.stringify(one.schema) === JSON.stringify(other.schema);

function sectionOf({ path, heading, description, keys }: Part, parts: readonly Part[]): string {
  const about = path === '' ? 'What stands at the top of a file.' : withoutDefault(description);
  return [heading, about, keyTable(keys, (key) => linkOf(key, parts))]
    .filter((piece) => piece !== '')
    .join('\n\n');
}

/** The value of a key that has keys itself, as links to where they are explained. */
function linkOf(key: Key, parts: readonly Part[]): string | undefined {
  if (!hasKeys(key)) return undefined;
  const links = groupsOf(formsOf(key.schema)).flatMap(([suffix, group]) => {
    const part = explained(keysOf(group), parts);
    const [anchor = ''] = anchorsOf(part?.heading ?? '');
    return part === undefined ? [] : [`[keys${suffix}](#${anchor})`];
  });
  const names = (key.schema.anyOf ?? []).filter(({ enum: values }) => values !== undefined);
  const words = names.flatMap((schema) => schema.enum ?? []).map((value) => `\`${value}\``);
  const list = key.schema.type === 'array' ? 'list: ' : '';
  return list + [...words, ...links].join(', ');
}
