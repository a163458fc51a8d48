import type { KnownEndpoint } from './reconcile.ts';

/** How what is known of the endpoints of a pool became something else, by their ids. */
export interface KnownChanges {
  readonly added: readonly string[];
  /** Named no longer, and still there. */
  readonly missing: readonly string[];
  /** Named again. */
  readonly returned: readonly string[];
  readonly removed: readonly string[];
}

export function knownChanges(
  before: readonly KnownEndpoint[],
  after: readonly KnownEndpoint[],
): KnownChanges {
  const was = byId(before);
  const is = byId(after);
  const idsWhere = (isSo: (known: KnownEndpoint, earlier: KnownEndpoint | undefined) => boolean) =>
    after.filter((known) => isSo(known, was.get(known.endpoint.id))).map(({ endpoint }) => endpoint.id);
  return {
    added: idsWhere((_, earlier) => earlier === undefined),
    missing: idsWhere((known, earlier) => isMissing(known) && earlier !== undefined && !isMissing(earlier)),
    returned: idsWhere((known, earlier) => !isMissing(known) && earlier !== undefined && isMissing(earlier)),
    removed: [...was.keys()].filter((id) => !is.has(id)),
  };
}

const byId = (known: readonly KnownEndpoint[]): ReadonlyMap<string, KnownEndpoint> =>
  new Map(known.map((each) => [each.endpoint.id, each]));

const isMissing = ({ missingSinceMs }: KnownEndpoint): boolean => missingSinceMs !== undefined;
