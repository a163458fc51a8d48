import type { SessionStore } from './session-store.ts';
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
  const counted = async <T>(
    operation: keyof SessionStore,
    sessions: number,
    work: () => Promise<T>,
  ): Promise<T> => {
    counts[operation] += sessions;
    try {
      return await work();
    } catch (error) {
      counts.failures += 1;
      throw error;
    }
  };
  const { sessions } = store;
  return {
    counts,
    sessions: {
      find: (key, nowMs) => counted('find', 1, () => sessions.find(key, nowMs)),
      pin: (key, proposed, nowMs) => counted('pin', 1, () => sessions.pin(key, proposed, nowMs)),
      repin: (key, expectedVersion, proposed, nowMs) =>
        counted('repin', 1, () => sessions.repin(key, expectedVersion, proposed, nowMs)),
      touch: (touches, nowMs) => counted('touch', touches.length, () => sessions.touch(touches, nowMs)),
      unpin: (key, expectedVersion, nowMs) =>
        counted('unpin', 1, () => sessions.unpin(key, expectedVersion, nowMs)),
    },
    ...(store.partOf !== undefined && { partOf: store.partOf }),
    inventory: store.inventory,
    invalidations: store.invalidations,
    drains: store.drains,
    membership: store.membership,
    close: () => store.close(),
  };
}
