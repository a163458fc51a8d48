import type { SessionKey } from '@holdfast/shared';
import type { Drains } from './drains.ts';
import type { Invalidations } from './invalidations.ts';
import type { Membership } from './membership.ts';
import type { SessionInventory } from './session-inventory.ts';
import type { SessionStore } from './session-store.ts';

/** What an adapter opens: the ports of one session map over one set of connections. */
export interface Store {
  readonly sessions: SessionStore;
  readonly inventory: SessionInventory;
  readonly invalidations: Invalidations;
  /** Records of sessions and members that were found and could not be read. Absent where there can be none. */
  readonly unreadable?: number;
  /**
   * Which part of the store keeps a session at the moment, by any name. Parts fail apart from each other. Absent where the
   * store is of one piece.
   */
  readonly partOf?: (key: SessionKey) => string;
  readonly drains: Drains;
  readonly membership: Membership;
  /** Ends connections, timers and files. Operations after it, and those still under way, fail with `STORE_CLOSED`. */
  close(): Promise<void>;
}
