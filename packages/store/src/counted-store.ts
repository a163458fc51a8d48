import { type Observe, observedStore } from './observed-store.ts';
import type { Store } from './store.ts';

/** How often each operation was asked for since the store was decorated. */
export interface StoreCounts {
  readonly find: number;
  readonly pin: number;
  readonly repin: number;
  /** Sessions touched, however many to a batch. */
  readonly touch: number;
  readonly unpin: number;
  /** Operations that failed, of any name. */
  readonly failures: number;
  /** Records that somebody else has written or damaged: each is taken for no session, and written over. */
  readonly unreadable: number;
}

/** A store that counts its operations. */
export interface CountedStore extends Store {
  /** The counts as they stand: one object that changes as operations run. */
  readonly counts: StoreCounts;
}

/** Decorates a store so that tests and metrics can see how much work it is asked to do. */
export function countedStore(store: Store): CountedStore {
  const counts = {
    ...{ find: 0, pin: 0, repin: 0, touch: 0, unpin: 0, failures: 0 },
    get unreadable() {
      return store.unreadable ?? 0;
    },
  };
  const counted: Observe = async (operation, sessions, work) => {
    counts[operation] += sessions;
    try {
      return await work();
    } catch (error) {
      counts.failures += 1;
      throw error;
    }
  };
  return Object.assign(observedStore(store, counted), { counts });
}
