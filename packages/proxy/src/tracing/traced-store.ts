import type { SessionStore, Store } from '@holdfast/store';
import { currentStep } from './step.ts';

/**
 * Decorates a store so that what a traced request asks of it becomes part of its trace. Touches are not: they go in
 * batches, behind the requests.
 */
export const tracedStore = (store: Store): Store => ({
  sessions: tracedSessions(store.sessions),
  inventory: store.inventory,
  invalidations: store.invalidations,
  get unreadable() {
    return store.unreadable ?? 0;
  },
  ...(store.partOf !== undefined && { partOf: store.partOf }),
  drains: store.drains,
  membership: store.membership,
  close: () => store.close(),
});

const tracedSessions = (sessions: SessionStore): SessionStore => ({
  find: (key, nowMs) => traced('find', () => sessions.find(key, nowMs)),
  pin: (key, proposed, nowMs) => traced('pin', () => sessions.pin(key, proposed, nowMs)),
  repin: (key, expectedVersion, proposed, nowMs) =>
    traced('repin', () => sessions.repin(key, expectedVersion, proposed, nowMs)),
  touch: (touches, nowMs) => sessions.touch(touches, nowMs),
  unpin: (key, expectedVersion, nowMs) => traced('unpin', () => sessions.unpin(key, expectedVersion, nowMs)),
});

const traced = <T>(operation: keyof SessionStore, work: () => Promise<T>): Promise<T> =>
  currentStep.getStore()?.operation(operation, work) ?? work();
