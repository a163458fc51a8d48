import type { EpochMs } from '@holdfast/shared';
import type { NamedEndpoint, RegistryAnswer } from './registry.ts';

/** An endpoint that a registry has named, and may have ceased to. */
export interface KnownEndpoint {
  readonly endpoint: NamedEndpoint;
  /** Since when it is missing from the answers; undefined while it is named. */
  readonly missingSinceMs: EpochMs | undefined;
}

export interface ReconcileRules {
  /** How long an endpoint stays that is missing. 0: not at all. */
  readonly removeAfterMs: number;
}

/**
 * What is known of the endpoints of a pool after another answer.
 *
 * - An answer that names nobody, or that is none, changes nothing: a registry that fails must not take a pool with it.
 * - Who is missing leaves for a while before it is gone, and serves on if it comes back. Where another one has its
 *   address, it is gone at once: the sessions of one are not those of the other.
 * - Of two that have one id, the first in the order of their URLs counts. The order of an answer does not matter.
 *
 * @returns in the order of their ids
 */
export function reconcile(
  known: readonly KnownEndpoint[],
  answer: RegistryAnswer,
  nowMs: EpochMs,
  { removeAfterMs }: ReconcileRules,
): readonly KnownEndpoint[] {
  if (answer.kind === 'failed' || answer.endpoints.length === 0) return known;
  const taken = new Set(answer.endpoints.map(({ url }) => url));
  const next = new Map<string, KnownEndpoint>();
  for (const { endpoint, missingSinceMs = nowMs } of known) {
    const isGone = nowMs - missingSinceMs >= removeAfterMs || taken.has(endpoint.url);
    if (!isGone) next.set(endpoint.id, { endpoint, missingSinceMs });
  }
  for (const endpoint of [...answer.endpoints].sort(byUrl).reverse()) {
    next.set(endpoint.id, { endpoint, missingSinceMs: undefined });
  }
  return [...next.values()].sort(byId);
}

/** When the next one of those that are missing is to go; undefined if there is none. */
export function nextRemovalMs(
  known: readonly KnownEndpoint[],
  { removeAfterMs }: ReconcileRules,
): EpochMs | undefined {
  const missing = known.flatMap(({ missingSinceMs }) => missingSinceMs ?? []);
  return missing.length === 0 ? undefined : Math.min(...missing) + removeAfterMs;
}

const byUrl = (one: NamedEndpoint, other: NamedEndpoint): number => compare(one.url, other.url);
const byId = (one: KnownEndpoint, other: KnownEndpoint): number =>
  compare(one.endpoint.id, other.endpoint.id);

/** By code units, which every node compares alike. */
const compare = (one: string, other: string): number => (one < other ? -1 : one > other ? 1 : 0);
