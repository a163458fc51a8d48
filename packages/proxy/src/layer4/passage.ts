import type { PoolConfig } from '@holdfast/shared/config';
import type { Affinity } from '../affinity/affinity.ts';
import type { EndpointQueues } from '../pool/endpoint-queues.ts';
import type { Pool } from '../pool/pool.ts';

/** What leads connections and flows to the endpoints of a pool: its part in them, without a socket. */
export interface Passage {
  readonly pool: Pool;
  readonly affinity: Affinity;
  /** Where connections wait for an endpoint that has as many as it may have. */
  readonly queues: EndpointQueues;
  readonly connectTimeoutMs: number;
  /** How often a connection or flow keeps its session alive; infinity for never. */
  readonly keepAliveEveryMs: number;
  /** What every connection to an endpoint begins with, if anything. */
  readonly proxyProtocol: PoolConfig['proxyProtocol'];
}
