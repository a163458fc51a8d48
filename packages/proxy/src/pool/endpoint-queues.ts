import type { Ticker, Ticking } from '@holdfast/shared';
import type { Endpoint } from './endpoint.ts';

/**
 * How waiting for a place ended.
 *
 * - `place`: the request may go to the endpoint
 * - `timeout`: it has waited for as long as it may
 * - `endpoint-down`: there will be no place; nothing of the request has been sent
 * - `shutdown`: the node ends
 */
export type Turn = 'place' | 'timeout' | 'endpoint-down' | 'shutdown';

/** A request that waits for a place at an endpoint. */
export interface Waiting {
  /** The end of its wait. Called once, unless it leaves before. */
  onTurn(turn: Turn): void;
}

export interface QueueSettings {
  /** Requests that wait at one endpoint at most. */
  readonly lengthMax: number;
  /** How long one of them waits at most. */
  readonly timeoutMs: number;
}

/**
 * The requests that wait because their endpoint has as many as it may have: first come, first served. Whoever forwards
 * counts in `inFlight` of the endpoint, from before it joins until before it leaves.
 */
export class EndpointQueues implements Ticking {
  readonly #ticker: Ticker;
  /** Requests by the tick at which they have waited long enough; an endpoint is here while some wait for it. */
  readonly #queues = new Map<Endpoint, Map<Waiting, number>>();
  #settings: QueueSettings;

  constructor(settings: QueueSettings, ticker: Ticker) {
    this.#settings = settings;
    this.#ticker = ticker;
  }

  /** From now on requests wait by these settings. Those that wait already keep theirs. */
  configure(settings: QueueSettings): void {
    this.#settings = settings;
  }

  /** Has the request wait. False: as many as may do so already. */
  join(endpoint: Endpoint, request: Waiting): boolean {
    const { lengthMax, timeoutMs } = this.#settings;
    if (endpoint.waiting >= lengthMax) return false;
    const queue = this.#queues.get(endpoint) ?? new Map<Waiting, number>();
    this.#queues.set(endpoint, queue);
    this.#ticker.add(this);
    queue.set(request, this.#ticker.deadline(timeoutMs));
    endpoint.waiting++;
    return true;
  }

  /** The request is done with the endpoint, whether it had a place there or waited for one. */
  leave(endpoint: Endpoint, request: Waiting): void {
    this.#take(endpoint, request);
    this.#advance(endpoint);
  }

  tick(now: number): void {
    for (const [endpoint, queue] of [...this.#queues]) {
      const isDown = endpoint.standing === 'down';
      for (const [request, deadlineTick] of [...queue])
        if (isDown) this.#end(endpoint, request, 'endpoint-down');
        else if (now >= deadlineTick) this.#end(endpoint, request, 'timeout');
      // The limit may have been raised meanwhile.
      this.#advance(endpoint);
    }
  }

  /** Ends every wait: the node shuts down. */
  close(): void {
    for (const [endpoint, queue] of [...this.#queues])
      for (const request of [...queue.keys()]) this.#end(endpoint, request, 'shutdown');
  }

  #advance(endpoint: Endpoint): void {
    const queue = this.#queues.get(endpoint);
    if (queue === undefined) return;
    while (endpoint.inFlight - endpoint.waiting < endpoint.connectionsMax) {
      const [first] = queue.keys();
      if (first === undefined) return;
      this.#end(endpoint, first, 'place');
    }
  }

  #end(endpoint: Endpoint, request: Waiting, turn: Turn): void {
    if (this.#take(endpoint, request)) request.onTurn(turn);
  }

  #take(endpoint: Endpoint, request: Waiting): boolean {
    const queue = this.#queues.get(endpoint);
    if (queue?.delete(request) !== true) return false;
    endpoint.waiting--;
    if (queue.size === 0) this.#queues.delete(endpoint);
    if (this.#queues.size === 0) this.#ticker.remove(this);
    return true;
  }
}
