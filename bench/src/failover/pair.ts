import type { Launch } from '../contenders/contender.ts';
import type { Endpoint } from '../endpoints/endpoints.ts';

/** The two proxies of a pair, by name. */
export const NODE_NAMES = ['n1', 'n2'] as const;

export type NodeName = (typeof NODE_NAMES)[number];

/** What one proxy of a pair is asked to be. */
export interface NodeSetup {
  readonly name: NodeName;
  /** A directory of its own. */
  readonly directory: string;
  /** The loopback port that takes requests. */
  readonly port: number;
  /** Where each of the two listens for the other, if they talk. */
  readonly peerPorts: Readonly<Record<NodeName, number>>;
  /** A Redis that both reach. */
  readonly redisPort: number;
  readonly endpoints: readonly Endpoint[];
}

/** Two proxies in front of the same endpoints. A value: what starts, fails and asks them is the same code for all. */
export interface Pair {
  /** The contender whose program it is. */
  readonly contender: string;
  /** What the report calls it. */
  readonly title: string;
  /** The command line and the files of one of the two. Pure: nothing is started or written here. */
  launch(setup: NodeSetup): Launch;
}

/** How often those who check actively ask each endpoint. One passed probe brings an endpoint back. */
export const PROBE_INTERVAL_MS = 250;
