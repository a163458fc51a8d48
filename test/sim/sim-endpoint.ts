import { type ErrorCode, HoldfastError } from '@holdfast/shared';
import type { Endpoint } from '../../packages/proxy/src/pool/endpoint.ts';
import { responseHeadOf } from '../../packages/proxy/src/testing/response-head.ts';
import type {
  Upstream,
  UpstreamEvents,
  UpstreamHead,
  UpstreamProgress,
  UpstreamRequest,
} from '../../packages/proxy/src/upstream/upstream.ts';
import type { Dice } from './dice.ts';
import type { SimClock } from './sim-clock.ts';

/**
 * How an endpoint is.
 *
 * - `up`: it answers
 * - `refusing`: nobody listens
 * - `frozen`: it accepts and says nothing
 * - `resetting`: it breaks off what has reached it, before or after its handler has seen it
 */
export type EndpointMood = 'up' | 'refusing' | 'frozen' | 'resetting';

/** Who is told that a request has reached a handler. */
export type Reached = (requestId: string, endpoint: string) => void;

const CONNECT_TIMEOUT_MS = 200;
const RESPONSE_TIMEOUT_MS = 1_000;
const REQUEST_ID = /^x-request-id: (\S+)/im;

/** A process that serves requests, as all nodes see it. */
export class SimEndpoint {
  readonly id: string;
  readonly origin: string;
  /** What it answers: who it is. */
  readonly answer: ReturnType<typeof responseHeadOf>;
  #mood: EndpointMood = 'up';
  /** Which life it is in: what was under way in an earlier one has no answer. */
  #life = 0;

  constructor(id: string) {
    this.id = id;
    this.origin = `http://${id}.internal:8080`;
    this.answer = responseHeadOf(['Content-Length', '0', 'X-Served-By', id]);
  }

  get mood(): EndpointMood {
    return this.#mood;
  }

  set mood(mood: EndpointMood) {
    if (mood === 'refusing') this.#life += 1;
    this.#mood = mood;
  }

  get life(): number {
    return this.#life;
  }
}

/** What connections of one node go through. */
export interface Path {
  readonly clock: SimClock;
  readonly dice: Dice;
  readonly reached: Reached;
  /** Whether the node can reach an endpoint. */
  isOpen(endpoint: string): boolean;
  /** Whether the node is there to hear of anything. */
  isAlive(): boolean;
}

/** The connections of one node to one endpoint. */
export class SimUpstream implements Upstream {
  readonly allowsUpgrade = true;
  readonly #endpoint: SimEndpoint;
  readonly #path: Path;

  constructor(endpoint: SimEndpoint, path: Path) {
    this.#endpoint = endpoint;
    this.#path = path;
  }

  request(head: UpstreamHead, events: UpstreamEvents): UpstreamRequest {
    return new SimRequest(this.#endpoint, this.#path, head, events);
  }

  retire(): void {}

  close(): void {}
}

class SimRequest implements UpstreamRequest {
  readonly #endpoint: SimEndpoint;
  readonly #path: Path;
  readonly #head: UpstreamHead;
  readonly #events: UpstreamEvents;
  /** Of the endpoint, when the connection was made. */
  #life = 0;
  #isOver = false;

  constructor(endpoint: SimEndpoint, path: Path, head: UpstreamHead, events: UpstreamEvents) {
    this.#endpoint = endpoint;
    this.#path = path;
    this.#head = head;
    this.#events = events;
  }

  start(): void {
    const { dice } = this.#path;
    this.#after(dice.between(0.2, 2), () => {
      if (!this.#path.isOpen(this.#endpoint.id))
        return this.#after(CONNECT_TIMEOUT_MS, () => this.#fail('UPSTREAM_CONNECT_TIMEOUT', 'nothing-sent'));
      if (this.#endpoint.mood === 'refusing') return this.#fail('UPSTREAM_CONNECT_FAILED', 'nothing-sent');
      this.#life = this.#endpoint.life;
      if (this.#head.body === 'none') this.#arrive();
      else this.#events.onUpstreamWritable();
    });
  }

  write(): void {}

  flush(): boolean {
    return true;
  }

  end(): void {
    this.#arrive();
  }

  pause(): void {}

  resume(): void {}

  abort(): void {
    this.#isOver = true;
  }

  #arrive(): void {
    const { dice } = this.#path;
    this.#after(dice.between(0.2, 2), () => {
      const { mood } = this.#endpoint;
      if (!this.#isAnswerable || mood === 'refusing') return this.#fail('UPSTREAM_RESET', 'sent');
      if (mood === 'frozen')
        return this.#after(RESPONSE_TIMEOUT_MS, () => this.#fail('UPSTREAM_TIMEOUT', 'sent'));
      if (mood === 'resetting' && dice.isLucky(0.5)) return this.#fail('UPSTREAM_RESET', 'sent');
      this.#path.reached(REQUEST_ID.exec(this.#head.text)?.[1] ?? '', this.#endpoint.id);
      this.#after(dice.between(1, 40), () => this.#answer());
    });
  }

  #answer(): void {
    const { mood } = this.#endpoint;
    if (!this.#isAnswerable || mood !== 'up') return this.#fail('UPSTREAM_RESET', 'sent');
    this.#isOver = true;
    this.#events.onUpstreamHead(this.#endpoint.answer);
    this.#events.onUpstreamFlush();
    this.#events.onUpstreamEnd([]);
  }

  /** Whether it is still the process that the connection was made to, and still can be reached. */
  get #isAnswerable(): boolean {
    return this.#life === this.#endpoint.life && this.#path.isOpen(this.#endpoint.id);
  }

  #fail(code: ErrorCode, progress: UpstreamProgress): void {
    this.#isOver = true;
    this.#events.onUpstreamError(new HoldfastError(code, 'simulated endpoint'), progress);
  }

  #after(delayMs: number, happen: () => void): void {
    this.#path.clock.after(delayMs, () => {
      if (!this.#isOver && this.#path.isAlive()) happen();
    });
  }
}

/** What a pool knows of a simulated endpoint. */
export const specOf = (id: Endpoint['id'], { origin }: SimEndpoint) => ({
  id,
  origin,
  weight: 1,
  isBackup: false,
  connectionsMax: Number.POSITIVE_INFINITY,
});
