import { isDeepStrictEqual } from 'node:util';
import type { ListenerConfig } from '@holdfast/shared/config';

/** Which listener serves which part of the next configuration. */
export interface ListenerMatch<Running> {
  /** In the order of the next configuration; undefined: a new one is needed. */
  readonly next: readonly { readonly config: ListenerConfig; readonly running: Running | undefined }[];
  /** Those that no part of the next configuration is for. */
  readonly left: readonly Running[];
}

/**
 * A listener is the same as long as its address is, whatever it is called. Where several have one address, which only
 * port 0 allows, the name decides.
 */
export function matchListeners<Running extends { readonly config: ListenerConfig }>(
  running: readonly Running[],
  next: readonly ListenerConfig[],
): ListenerMatch<Running> {
  const left = new Set(running);
  const take = (
    wanted: ListenerConfig,
    isMatch: (config: ListenerConfig) => boolean,
  ): Running | undefined => {
    const found = [...left].find(
      ({ config }) => isDeepStrictEqual(config.listen, wanted.listen) && isMatch(config),
    );
    if (found !== undefined) left.delete(found);
    return found;
  };
  const named = next.map((wanted) => take(wanted, ({ name }) => name === wanted.name));
  const matched = next.map((config, index) => ({
    config,
    running: named[index] ?? take(config, () => true),
  }));
  return { next: matched, left: [...left] };
}
