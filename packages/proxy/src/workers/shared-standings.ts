import type { Endpoint } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import type { EndpointNews } from './messages.ts';
import { NewsBoard } from './news-board.ts';

/** What the workers of a node find out about endpoints, each of them by itself, and tell all others. */
export class SharedStandings {
  readonly #tell: (news: EndpointNews) => void;
  readonly #board = new NewsBoard();
  readonly #pools = new Map<string, { readonly pool: Pool; readonly unwatch: () => void }>();

  constructor(tell: (news: EndpointNews) => void) {
    this.#tell = tell;
  }

  /** Tells of this pool from now on; what is known of its endpoints, it knows when this returns. */
  follow(pool: Pool): void {
    const unwatch = pool.watch({
      endpointsChanged: ({ added, removed }) => {
        for (const endpoint of removed) this.#found(newsOf(pool, endpoint, false));
        for (const endpoint of added) this.#teach(pool, endpoint);
      },
      standingChanged: (endpoint) => this.#found(newsOf(pool, endpoint, true)),
    });
    this.#pools.set(pool.name, { pool, unwatch });
    for (const endpoint of pool.endpoints) this.#teach(pool, endpoint);
  }

  /** The pool is no more. */
  forget(pool: Pool): void {
    this.#pools.get(pool.name)?.unwatch();
    this.#pools.delete(pool.name);
    for (const endpoint of pool.endpoints) this.#found(newsOf(pool, endpoint, false));
  }

  /** Takes in what another worker has found out, for a pool that there may only be later. */
  heard(news: EndpointNews): void {
    this.#board.take(news);
    const pool = this.#pools.get(news.pool)?.pool;
    const endpoint = pool?.endpoints.find(({ id }) => id === news.endpoint);
    if (pool !== undefined && endpoint !== undefined) this.#teach(pool, endpoint);
  }

  #found(news: EndpointNews): void {
    this.#board.take(news);
    this.#tell(news);
  }

  #teach(pool: Pool, endpoint: Endpoint): void {
    const verdict = this.#board.of(endpoint.id, endpoint.origin);
    if (verdict !== undefined) pool.learn(endpoint, verdict);
  }
}

function newsOf(
  pool: Pool,
  { id, origin, check, outlier, incarnation }: Endpoint,
  isThere: boolean,
): EndpointNews {
  const news = { pool: pool.name, endpoint: id, origin };
  return isThere ? { ...news, verdict: { check, outlier, incarnation } } : news;
}
