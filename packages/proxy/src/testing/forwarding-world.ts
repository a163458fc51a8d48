import { nodeId, Ticker } from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import { Forwarder, type ListenerContext } from '../forward/forwarder.ts';
import type { RequestRecord } from '../forward/request-record.ts';
import { TrustedProxies } from '../forward/trusted-proxies.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import { EndpointQueues } from '../pool/endpoint-queues.ts';
import type { Pool, PoolOptions } from '../pool/pool.ts';
import { Upstreams } from '../upstream/upstreams.ts';
import { LogBook } from './log-book.ts';
import { TestAffinity } from './test-affinity.ts';
import { TestExchange, type TestRequest } from './test-exchange.ts';
import { testPool } from './test-pool.ts';
import { TestUpstream, type TestUpstreamRequest } from './test-upstream.ts';

/** A forwarder between clients and endpoints that the test plays. */
export class ForwardingWorld {
  readonly clock = new ManualClock();
  readonly log = new LogBook();
  readonly records: RequestRecord[] = [];
  readonly pool: Pool;
  readonly affinity: TestAffinity;
  readonly forwarder: Forwarder;
  readonly queues: EndpointQueues;
  readonly #listener: ListenerContext;
  readonly #upstreams: ReadonlyMap<Endpoint, TestUpstream>;
  readonly #arrived: TestUpstreamRequest[] = [];

  constructor(listener: Partial<ListenerContext> = {}, pool: Partial<PoolOptions> = {}) {
    this.pool = testPool({ clock: this.clock, ...pool });
    this.affinity = new TestAffinity(this.pool);
    this.#upstreams = new Map(this.pool.endpoints.map((endpoint) => [endpoint, new TestUpstream()]));
    this.#listener = {
      name: 'web',
      trustedProxies: new TrustedProxies([]),
      bodyBytesMax: undefined,
      debugHeaders: false,
      ...listener,
    };
    this.queues = new EndpointQueues({ lengthMax: 3, timeoutMs: 1_000 }, new Ticker(this.clock, 100));
    this.forwarder = new Forwarder({
      pool: this.pool,
      affinity: this.affinity,
      upstreams: new Upstreams(this.pool, (endpoint) => this.#upstreams.get(endpoint) as TestUpstream),
      queues: this.queues,
      recorder: { requestFinished: (record) => this.records.push(record) },
      node: nodeId('node-1'),
      newRequestId: () => 'request-1',
      clock: this.clock,
      log: this.log,
    });
  }

  /** A client's request comes in. */
  receive(request: TestRequest = {}): TestExchange {
    const exchange = new TestExchange(request);
    this.forwarder.forward(exchange, this.#listener, 'shop.example/');
    return exchange;
  }

  /** From now on endpoints want a body within the call that starts its request. */
  makeEager(): void {
    for (const upstream of this.#upstreams.values()) upstream.isEager = true;
  }

  /** The requests that have arrived at endpoints, in the order of their arrival. */
  get arrived(): readonly TestUpstreamRequest[] {
    for (const { requests } of this.#upstreams.values()) {
      for (const request of requests) if (!this.#arrived.includes(request)) this.#arrived.push(request);
    }
    return this.#arrived;
  }

  /** The request that arrived last. */
  get upstream(): TestUpstreamRequest {
    return this.arrived.at(-1) as TestUpstreamRequest;
  }

  /** Requests under way at all endpoints, as the balance policy sees them. */
  get inFlight(): number {
    return this.pool.endpoints.reduce((sum, endpoint) => sum + endpoint.inFlight, 0);
  }
}
