import type { SessionStore } from './session-store.ts';
import type { Store } from './store.ts';

/**
 * Does an operation of a session map and looks at it.
 *
 * @param sessions how many sessions it is about: more than one for a batch of touches
 */
export type Observe = <Result>(
  operation: keyof SessionStore,
  sessions: number,
  work: () => Promise<Result>,
) => Promise<Result>;

/** The same store, of whose session map each operation is done by `observe`. */
export function observedStore(store: Store, observe: Observe): Store {
  const { sessions } = store;
  return {
    sessions: {
      find: (key, nowMs) => observe('find', 1, () => sessions.find(key, nowMs)),
      pin: (key, proposed, nowMs) => observe('pin', 1, () => sessions.pin(key, proposed, nowMs)),
      repin: (key, expectedVersion, proposed, nowMs) =>
        observe('repin', 1, () => sessions.repin(key, expectedVersion, proposed, nowMs)),
      touch: (touches, nowMs) => observe('touch', touches.length, () => sessions.touch(touches, nowMs)),
      unpin: (key, expectedVersion, nowMs) =>
        observe('unpin', 1, () => sessions.unpin(key, expectedVersion, nowMs)),
    },
    get unreadable() {
      return store.unreadable ?? 0;
    },
    ...(store.partOf !== undefined && { partOf: store.partOf }),
    inventory: store.inventory,
    invalidations: store.invalidations,
    drains: store.drains,
    membership: store.membership,
    close: () => store.close(),
  };
}
