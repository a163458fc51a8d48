/**
 * How a node goes about the session map. In normal mode it asks the map. In degraded mode it goes on without it. Once the
 * map answers again the node is reconciling: it asks, and writes back what the map has lost, no faster than it may.
 */
export type StoreMode =
  | { readonly kind: 'normal' }
  | { readonly kind: 'degraded' }
  | {
      readonly kind: 'reconciling';
      /** When it is over if no write-back is refused before, on the clock that never goes back. */
      readonly untilMs: number;
    };

export type StoreModeEvent =
  | { readonly kind: 'store-lost' }
  | { readonly kind: 'store-back'; readonly atMs: number }
  /** So much is to be written back that some of it must wait: the map has lost it, whether it was away or not. */
  | { readonly kind: 'write-back-refused'; readonly atMs: number }
  | { readonly kind: 'checked'; readonly atMs: number };

/** How long nothing must have waited before the map counts as repaired. */
export const QUIET_MS = 10_000;

/** The mode of a node whose store answers. */
export const normalMode: StoreMode = { kind: 'normal' };

/** The one place where a mode changes. An event that says nothing new leaves it as it is. */
export function nextMode(mode: StoreMode, event: StoreModeEvent): StoreMode {
  switch (event.kind) {
    case 'store-lost':
      return { kind: 'degraded' };
    case 'store-back':
      return mode.kind === 'degraded' ? reconcilingFrom(event.atMs) : mode;
    case 'write-back-refused':
      return mode.kind === 'degraded' ? mode : reconcilingFrom(event.atMs);
    case 'checked':
      return mode.kind === 'reconciling' && event.atMs >= mode.untilMs ? normalMode : mode;
  }
}

const reconcilingFrom = (atMs: number): StoreMode => ({ kind: 'reconciling', untilMs: atMs + QUIET_MS });
