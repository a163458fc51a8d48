import type { EndpointId, EpochMs, Pin, SessionKey } from '@holdfast/shared';

/** What came of {@link SessionStore.pin}: whose pin now stands. */
export type PinResult =
  | { readonly kind: 'pinned'; readonly pin: Pin }
  | { readonly kind: 'already-pinned'; readonly pin: Pin };

/** What came of {@link SessionStore.repin}: `lost` means that another node was first, and `pin` is what it wrote. */
export type RepinResult =
  | { readonly kind: 'repinned'; readonly pin: Pin }
  | { readonly kind: 'lost'; readonly pin: Pin };

/** Moves the idle deadline of one session, if it still is where the toucher believes. */
export interface Touch {
  readonly key: SessionKey;
  readonly endpoint: EndpointId;
  readonly version: number;
  /** The new idle deadline; an earlier one than the stored is ignored. Never past the pin's `endsAtMs`. */
  readonly expiresAtMs: EpochMs;
}

/** What came of one {@link Touch}: `moved` carries the pin that stands instead, `absent` means there is none. */
export type TouchResult =
  | { readonly kind: 'touched' }
  | { readonly kind: 'moved'; readonly pin: Pin }
  | { readonly kind: 'absent' };

/**
 * The shared session map: session key to pin.
 *
 * Guarantees, the same for every adapter and checked by `sessionStoreContract`:
 * - Each operation on one key is atomic and takes effect in one order that all nodes observe.
 * - Each operation is idempotent: repeated after a lost reply, it answers with the state that it left.
 * - Time comes only from `nowMs`; a pin whose deadline has passed by it is absent to every operation.
 * - Every pin ends: an adapter never keeps a record past its `endsAtMs`.
 * - A key that was never written is never returned, and a record that cannot be read is absent.
 * - Failure is a `HoldfastError` of source `store`; `STORE_UNAVAILABLE` leaves open whether a write took place,
 *   `STORE_READ_ONLY` says that it did not.
 *
 * Not guaranteed: durability. Redis may lose an acknowledged write at a failover, which is why the sealed
 * cookie can restore a pin and why the higher version wins.
 */
export interface SessionStore {
  /** The session's pin, if it has one that is alive at `nowMs`. */
  find(key: SessionKey, nowMs: EpochMs): Promise<Pin | undefined>;

  /** Writes `proposed` if the session has no living pin; else answers with the pin that it has. */
  pin(key: SessionKey, proposed: Pin, nowMs: EpochMs): Promise<PinResult>;

  /**
   * Compare-and-set: writes `proposed` if the living pin has exactly `expectedVersion`, or if there is none.
   * `proposed.version` is above `expectedVersion`. Other nodes are told of the change.
   */
  repin(key: SessionKey, expectedVersion: number, proposed: Pin, nowMs: EpochMs): Promise<RepinResult>;

  /** Compare-and-refresh for many sessions at once; results in the order of `touches`. Each is atomic, the batch is not. */
  touch(touches: readonly Touch[], nowMs: EpochMs): Promise<readonly TouchResult[]>;

  /**
   * Forgets the session, if it has a living pin of `expectedVersion`, or of any version where none is given.
   * Answers whether it did. Other nodes are told of the change.
   */
  unpin(key: SessionKey, expectedVersion: number | undefined, nowMs: EpochMs): Promise<boolean>;
}
