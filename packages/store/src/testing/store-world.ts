import {
  type EndpointId,
  endpointId,
  type Pin,
  poolName,
  type SessionKey,
  sessionKey,
} from '@holdfast/shared';
import { afterEach, beforeEach } from 'vitest';
import type { Store } from '../store.ts';

/** One session map, empty at first, that any number of nodes can open. */
export interface StoreWorld {
  /** Opens the map, as one more node of its cluster. */
  open(): Promise<Store>;
  /** Frees what the map occupies, after all of its stores were closed. */
  end?(): Promise<void>;
}

/** Makes a new world for each test. */
export type ArrangeWorld = () => Promise<StoreWorld>;

/** Two nodes on one map, and how to open more. */
export interface Nodes {
  readonly a: Store;
  readonly b: Store;
  open(): Promise<Store>;
}

/** Arranges a world with two nodes before each test of the surrounding suite, and closes every node after it. */
export function useNodes(arrange: ArrangeWorld): () => Nodes {
  let world: StoreWorld;
  let opened: Store[] = [];
  let nodes: Nodes;
  const open = async (): Promise<Store> => {
    const store = await world.open();
    opened.push(store);
    return store;
  };
  beforeEach(async () => {
    world = await arrange();
    nodes = { a: await open(), b: await open(), open };
  });
  afterEach(async () => {
    for (const store of opened) await store.close();
    opened = [];
    await world.end?.();
  });
  return () => nodes;
}

/** When the contract's stories begin. */
export const START_MS = 1_700_000_000_000;

export const IDLE_TIMEOUT_MS = 60_000;
export const ABSOLUTE_TIMEOUT_MS = 600_000;

/** A key of the right shape for every number. */
export const keyOf = (index: number): SessionKey => sessionKey(String(index).padStart(22, 'k'));

/** `shop/shop-1`, `shop/shop-2` and so on. */
export const endpointOf = (index: number): EndpointId => endpointId(poolName('shop'), `shop-${index}`);

/** The first pin of a session that begins at {@link START_MS}, with what a test wants otherwise. */
export const pinWith = (changes: Partial<Pin> = {}): Pin => ({
  endpoint: endpointOf(1),
  version: 1,
  pinnedAtMs: START_MS,
  expiresAtMs: START_MS + IDLE_TIMEOUT_MS,
  endsAtMs: START_MS + ABSOLUTE_TIMEOUT_MS,
  ...changes,
});
