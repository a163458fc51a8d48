import type { Store } from '@holdfast/store';
import type { SessionMap } from '@holdfast/store/memory';
import type { Pool } from '../../packages/proxy/src/pool/pool.ts';
import type { Upstream } from '../../packages/proxy/src/upstream/upstream.ts';
import type { Dice } from './dice.ts';

/** What a variant may go by at one node. */
export interface NodeContext {
  readonly node: string;
  /** Counted from 0. */
  readonly number: number;
  readonly pool: Pool;
  readonly dice: Dice;
}

/** Where a world puts in something else than the real part. Nothing given: the product as it is. */
export interface Variant {
  /** The session map itself, for all nodes. */
  readonly redis?: (store: Store, map: SessionMap) => Store;
  /** What one node has of the session map, behind its guard. */
  readonly store?: (store: Store, context: NodeContext) => Store;
  /** What the affinity of a node sees of its pool. */
  readonly pool?: (context: NodeContext) => Pool;
  /** The connections of a node to an endpoint. */
  readonly upstream?: (upstream: Upstream) => Upstream;
  /** The secrets by which a node opens cookies, newest first. */
  readonly secrets?: (secrets: readonly string[]) => readonly string[];
}

/** The product as it is. */
export const NO_VARIANT: Variant = {};
