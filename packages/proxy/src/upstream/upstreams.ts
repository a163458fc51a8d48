import type { Endpoint } from '../pool/endpoint.ts';
import type { EndpointsChange } from '../pool/endpoint-change.ts';
import type { Pool, PoolWatcher } from '../pool/pool.ts';
import type { Upstream } from './upstream.ts';

/** Makes what keeps the connections to an endpoint, without opening any. */
export type OpenUpstream = (endpoint: Endpoint) => Upstream;

/**
 * The kept connections to the endpoints of a pool: made when the first request goes to an endpoint, retired when it
 * leaves the pool.
 */
export class Upstreams implements PoolWatcher {
  readonly #pool: Pool;
  readonly #upstreams = new Map<Endpoint, Upstream>();
  #open: OpenUpstream;
  #isRetired = false;

  constructor(pool: Pool, open: OpenUpstream) {
    this.#pool = pool;
    this.#open = open;
    pool.watch(this);
  }

  of(endpoint: Endpoint): Upstream {
    return this.#upstreams.get(endpoint) ?? this.#make(endpoint);
  }

  endpointsChanged({ removed }: EndpointsChange): void {
    for (const endpoint of removed) {
      this.#upstreams.get(endpoint)?.retire();
      this.#upstreams.delete(endpoint);
    }
  }

  /** From now on connections are made by `open`; those that are there end with the requests on them. */
  replace(open: OpenUpstream): void {
    this.#open = open;
    for (const upstream of this.#upstreams.values()) upstream.retire();
    this.#upstreams.clear();
  }

  /** The pool is no longer routed to: nothing is kept from now on. */
  retire(): void {
    this.#isRetired = true;
    this.replace(this.#open);
  }

  /** Ends all connections, and the requests on them. */
  close(): void {
    for (const upstream of this.#upstreams.values()) upstream.close();
  }

  #make(endpoint: Endpoint): Upstream {
    const upstream = this.#open(endpoint);
    // A request that was placed before its endpoint left gets a connection that ends with it.
    if (this.#isRetired || this.#pool.find(endpoint.id) !== endpoint) upstream.retire();
    else this.#upstreams.set(endpoint, upstream);
    return upstream;
  }
}
