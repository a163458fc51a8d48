import type { ConfigPath } from './config-path.ts';
import { endpointAddress } from './fields.ts';
import type { Finding } from './problem.ts';
import type { EndpointConfig } from './schema.ts';

/** Every item whose identity an earlier one has already. */
export function duplicates<Item>(
  items: readonly Item[],
  identify: (item: Item) => string,
  pathOf: (index: number) => ConfigPath,
): readonly Finding[] {
  const seen = new Set<string>();
  return items.flatMap((item, index) => {
    const identity = identify(item);
    if (!seen.has(identity)) {
      seen.add(identity);
      return [];
    }
    const message = `expected to be unique, found ${identity} a second time`;
    return [{ path: pathOf(index), about: 'value' as const, message }];
  });
}

/**
 * Endpoints of one list that have the id or the address of an earlier one.
 *
 * @param listPath where the list stands
 */
export function duplicateEndpoints(
  endpoints: readonly EndpointConfig[],
  listPath: ConfigPath,
): readonly Finding[] {
  const pathOf = (key: string) => (index: number) => [...listPath, index, key];
  const ids = duplicates(endpoints, ({ id }) => id, pathOf('id'));
  const addresses = duplicates(endpoints, ({ url }) => endpointAddress(url), pathOf('url'));
  const twice = new Set(addresses.map(({ path }) => path.at(-2)));
  // Two endpoints of one address that take their ids from it are one mistake, not two.
  return [...ids.filter(({ path }) => !twice.has(path.at(-2))), ...addresses];
}
