import type { EndpointId, EpochMs } from '@holdfast/shared';

/** That an endpoint is to be emptied: it serves the sessions that came before, and gets no new ones. */
export interface Drain {
  readonly endpoint: EndpointId;
  /** Sessions that were pinned there from this moment on move away. */
  readonly sinceMs: EpochMs;
  /** From when on every session moves away with its next request. Absent: each stays for as long as it lives. */
  readonly deadlineMs?: EpochMs;
}

/** What came of {@link Drains.change}: `lost` means that something else is recorded, and `drain` is that. */
export type DrainResult =
  | { readonly kind: 'changed' }
  | { readonly kind: 'lost'; readonly drain: Drain | undefined };

/**
 * Which endpoints drain, for all nodes of a cluster. For operators, never on the path of a request.
 *
 * Guarantees, the same for every adapter and checked by `drainsContract`:
 * - A change is atomic, and every node that lists afterwards sees it.
 * - A change is idempotent: repeated after a lost reply, it answers `changed` again.
 * - A drain stays until it is ended, whatever becomes of the endpoint or its sessions.
 * - Failure is a `HoldfastError` of source `store`; `STORE_UNAVAILABLE` leaves open whether a change took place.
 */
export interface Drains {
  /** All of them, in the order of their endpoints' ids. */
  list(): Promise<readonly Drain[]>;
  /** Compare-and-set: records `next`, or nothing more, of the endpoint if exactly `expected` is recorded of it. */
  change(endpoint: EndpointId, expected: Drain | undefined, next: Drain | undefined): Promise<DrainResult>;
}

/** Whether both say the same of an endpoint. */
export const isSameDrain = (one: Drain | undefined, other: Drain | undefined): boolean =>
  one?.sinceMs === other?.sinceMs && one?.deadlineMs === other?.deadlineMs;

/** What a compare-and-set comes to, and whether there is anything to write. */
export function decideDrain(
  current: Drain | undefined,
  expected: Drain | undefined,
  next: Drain | undefined,
): { readonly result: DrainResult; readonly writes: boolean } {
  if (isSameDrain(current, next)) return { result: { kind: 'changed' }, writes: false };
  if (isSameDrain(current, expected)) return { result: { kind: 'changed' }, writes: true };
  return { result: { kind: 'lost', drain: current }, writes: false };
}
