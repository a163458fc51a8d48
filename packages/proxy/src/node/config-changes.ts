import { isDeepStrictEqual } from 'node:util';
import type { Config } from '@holdfast/shared/config';
import { z } from 'zod';

/** Names of what came, went, and is there under the same name with another content. */
export interface Changes {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

/** How a configuration became another, in names that may be shown: no value of either is among them. */
export interface ConfigChanges {
  readonly listeners: Changes;
  /** By name; changes of their endpoints are told apart. */
  readonly pools: Changes;
  /** As `pool/id`. */
  readonly endpoints: Changes;
  /** The keys of what concerns the node as a whole: `secrets`, `log`, `admin`, `shutdown`. */
  readonly settings: readonly string[];
}

const nameList = z.array(z.string()).readonly();
const changesSchema = z.object({ added: nameList, removed: nameList, changed: nameList });

/** Changes as another process tells of them. */
export const configChangesSchema = z.object({
  listeners: changesSchema,
  pools: changesSchema,
  endpoints: changesSchema,
  settings: nameList,
}) satisfies z.ZodType<ConfigChanges>;

const SETTINGS = ['secrets', 'admin', 'log', 'shutdown'] as const;

export function configChanges(before: Config, after: Config): ConfigChanges {
  return {
    listeners: changesOf(byName(before.listeners), byName(after.listeners)),
    pools: changesOf(poolsOf(before), poolsOf(after)),
    endpoints: changesOf(endpointsOf(before), endpointsOf(after)),
    settings: SETTINGS.filter((key) => !isDeepStrictEqual(before[key], after[key])),
  };
}

/** The changes in the flat words of a log line: only what there is. */
export function changeFields({ settings, ...named }: ConfigChanges): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {};
  for (const [what, changes] of Object.entries(named)) {
    for (const [how, names] of Object.entries(changes as Changes))
      if (names.length > 0) fields[`${what}_${how}`] = names.join(', ');
  }
  if (settings.length > 0) fields.settings_changed = settings.join(', ');
  return fields;
}

type Named = ReadonlyMap<string, unknown>;

const byName = (items: readonly { readonly name: string }[]): Named =>
  new Map(items.map((item) => [item.name, item]));

const poolsOf = ({ pools }: Config): Named =>
  new Map(pools.map(({ endpoints: _, ...settings }) => [settings.name, settings]));

const endpointsOf = ({ pools }: Config): Named =>
  new Map(
    pools.flatMap(({ name, endpoints }) => endpoints.map((endpoint) => [`${name}/${endpoint.id}`, endpoint])),
  );

function changesOf(before: Named, after: Named): Changes {
  const names = [...after.keys()];
  return {
    added: names.filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    changed: names.filter(
      (name) => before.has(name) && !isDeepStrictEqual(before.get(name), after.get(name)),
    ),
  };
}
