import type { Clock, Logger, NodeId } from '@holdfast/shared';
import type { Affinity } from '../affinity/affinity.ts';
import type { Exchange } from '../exchange/exchange.ts';
import type { EndpointQueues } from '../pool/endpoint-queues.ts';
import type { Pool } from '../pool/pool.ts';
import type { Upstreams } from '../upstream/upstreams.ts';
import { Forwarding } from './forwarding.ts';
import type { AttemptRecorder, RequestRecorder } from './request-record.ts';
import { RetryBudget } from './retry.ts';
import type { TrustedProxies } from './trusted-proxies.ts';

/** What a listener says of the requests that arrive on it. */
export interface ListenerContext {
  readonly name: string;
  readonly trustedProxies: TrustedProxies;
  /** Largest request body in bytes; undefined: no limit. */
  readonly bodyBytesMax: number | undefined;
  readonly debugHeaders: boolean;
}

export interface ForwarderOptions {
  readonly pool: Pool;
  readonly affinity: Affinity;
  /** The kept connections to the endpoints of the pool. */
  readonly upstreams: Upstreams;
  /** Where requests wait for an endpoint that has as many as it may have. */
  readonly queues: EndpointQueues;
  readonly recorder: RequestRecorder;
  /** Default: nobody wants to know. */
  readonly attempts?: AttemptRecorder | undefined;
  readonly node: NodeId;
  readonly newRequestId: () => string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Forwards requests to one pool: the session decides where, the rest is carrying bytes. */
export class Forwarder {
  readonly pool: Pool;
  readonly affinity: Affinity;
  readonly recorder: RequestRecorder;
  readonly attempts: AttemptRecorder | undefined;
  readonly node: NodeId;
  readonly newRequestId: () => string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly retries: RetryBudget;
  readonly upstreams: Upstreams;
  readonly queues: EndpointQueues;

  constructor(options: ForwarderOptions) {
    this.pool = options.pool;
    this.affinity = options.affinity;
    this.recorder = options.recorder;
    this.attempts = options.attempts;
    this.node = options.node;
    this.newRequestId = options.newRequestId;
    this.clock = options.clock;
    this.log = options.log;
    this.retries = new RetryBudget(options.clock);
    this.upstreams = options.upstreams;
    this.queues = options.queues;
  }

  /** Takes the exchange over; it is answered, in any case, without further help. */
  forward(exchange: Exchange, listener: ListenerContext, route: string): void {
    new Forwarding(this, exchange, listener, route).begin();
  }
}
