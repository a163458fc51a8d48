import { type EndpointId, endpointOfPin, HoldfastError, isAlive } from '@holdfast/shared';
import { InvalidationListeners } from '../invalidation-listeners.ts';
import { FORGOTTEN, type Invalidations } from '../invalidations.ts';
import { boundedPin, decideTouch } from '../pin-rules.ts';
import type { SessionEntry, SessionInventory } from '../session-inventory.ts';
import type { SessionStore } from '../session-store.ts';
import type { Store } from '../store.ts';
import { memoryDrains } from './memory-drains.ts';
import { memoryMembership } from './memory-membership.ts';
import { SessionMap, type SessionMapOptions } from './session-map.ts';

export interface MemoryStoreOptions extends SessionMapOptions {
  /** The map to open. Default: a new one. Stores on one map see each other's sessions and changes. */
  readonly map?: SessionMap;
}

/** Throws `STORE_CLOSED` once the store is closed. */
type OpenCheck = (what: string) => void;

/**
 * A session map inside this process: for one node, for tests, and for reading what the other adapters do.
 * Nothing survives the process, and nothing ever fails but a closed store.
 */
export function openMemoryStore(options: MemoryStoreOptions = {}): Store {
  const map = options.map ?? new SessionMap(options);
  const listeners = new InvalidationListeners();
  map.listeners.add(listeners);
  let isOpen = true;
  const assertOpen: OpenCheck = (what) => {
    if (!isOpen) throw new HoldfastError('STORE_CLOSED', `${what}: the store is closed`);
  };
  return {
    sessions: memorySessions(map, assertOpen),
    inventory: memoryInventory(map, assertOpen),
    invalidations: memoryInvalidations(listeners, () => isOpen),
    drains: memoryDrains(map, assertOpen),
    membership: memoryMembership(map, assertOpen),
    async close() {
      isOpen = false;
      map.listeners.delete(listeners);
    },
  };
}

function memorySessions(map: SessionMap, assertOpen: OpenCheck): SessionStore {
  return {
    async find(key, nowMs) {
      assertOpen('find');
      return map.get(key, nowMs);
    },

    async pin(key, proposed, nowMs) {
      assertOpen('pin');
      const current = map.get(key, nowMs);
      if (current !== undefined) return { kind: 'already-pinned', pin: current };
      const pin = boundedPin(proposed);
      map.set(key, pin, nowMs);
      return { kind: 'pinned', pin };
    },

    async repin(key, expectedVersion, proposed, nowMs) {
      assertOpen('repin');
      const current = map.get(key, nowMs);
      if (current !== undefined && current.version !== expectedVersion) return { kind: 'lost', pin: current };
      const pin = boundedPin(proposed);
      map.set(key, pin, nowMs);
      map.announce(key, pin.version);
      return { kind: 'repinned', pin };
    },

    async touch(touches, nowMs) {
      assertOpen('touch');
      return touches.map((touch) => {
        const { result, write } = decideTouch(map.get(touch.key, nowMs), touch);
        if (write !== undefined) map.set(touch.key, write, nowMs);
        return result;
      });
    },

    async unpin(key, expectedVersion, nowMs) {
      assertOpen('unpin');
      const current = map.get(key, nowMs);
      if (current === undefined) return false;
      if (expectedVersion !== undefined && current.version !== expectedVersion) return false;
      map.delete(key);
      map.announce(key, FORGOTTEN);
      return true;
    },
  };
}

function memoryInventory(map: SessionMap, assertOpen: OpenCheck): SessionInventory {
  return {
    async countByEndpoint(nowMs) {
      assertOpen('count');
      const counts = new Map<EndpointId, number>();
      for (const [, { pin }] of map.entries()) {
        if (isAlive(pin, nowMs)) counts.set(pin.endpoint, (counts.get(pin.endpoint) ?? 0) + 1);
      }
      return counts;
    },

    async list({ endpoint, cursor, limit }, nowMs) {
      assertOpen('list');
      const afterSerial = parseCursor(cursor);
      const sessions: SessionEntry[] = [];
      let lastSerial = afterSerial;
      for (const [key, { serial, pin }] of map.entries()) {
        if (serial <= afterSerial || !isAlive(pin, nowMs)) continue;
        if (endpoint !== undefined && endpointOfPin(pin.endpoint) !== endpoint) continue;
        if (sessions.length === limit) return { sessions, next: String(lastSerial) };
        sessions.push({ key, pin });
        lastSerial = serial;
      }
      return { sessions };
    },
  };
}

const parseCursor = (cursor: string | undefined): number =>
  cursor !== undefined && /^\d{1,15}$/.test(cursor) ? Number(cursor) : 0;

const memoryInvalidations = (listeners: InvalidationListeners, isLive: () => boolean): Invalidations => ({
  isLive,
  subscribe: (listener) => listeners.add(listener),
});
