import { type Clock, type EpochMs, unreachable } from '@holdfast/shared';
import type { SessionArrival } from './shop/shop-app.ts';

/** What happens in the demo. Only the arrival of a session belongs to one visitor; the rest is everybody's. */
export type DemoEvent =
  | { readonly kind: 'endpoint-killed'; readonly endpoint: string }
  | { readonly kind: 'endpoint-revived'; readonly endpoint: string }
  | { readonly kind: 'node-restarted'; readonly node: string }
  | { readonly kind: 'process-lost'; readonly name: string; readonly how: string }
  | { readonly kind: 'act-failed'; readonly why: string }
  | ({ readonly kind: 'session-arrived' } & SessionArrival);

/** One line of the timeline, for a person. */
export interface TimelineEntry {
  readonly id: number;
  readonly atMs: EpochMs;
  readonly kind: DemoEvent['kind'];
  readonly text: string;
}

interface StoredEvent {
  readonly id: number;
  readonly atMs: EpochMs;
  readonly event: DemoEvent;
}

const EVENTS_MAX = 500;
const ENTRIES_MAX = 30;

/** What happened, newest first, as each visitor may see it: the last 500 events are remembered. */
export class Timeline {
  readonly #clock: Clock;
  #events: readonly StoredEvent[] = [];
  #nextId = 1;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  record(event: DemoEvent): void {
    this.#events = [{ id: this.#nextId, atMs: this.#clock.now(), event }, ...this.#events].slice(
      0,
      EVENTS_MAX,
    );
    this.#nextId += 1;
  }

  /** The last 30 entries for the visitor with this cart; without a cart, only what is everybody's. */
  entriesFor(cart: string | undefined): readonly TimelineEntry[] {
    return this.#events
      .filter(({ event }) => event.kind !== 'session-arrived' || event.cart === cart)
      .slice(0, ENTRIES_MAX)
      .map(({ id, atMs, event }) => ({ id, atMs, kind: event.kind, text: describeEvent(event) }));
  }
}

/** The event in a sentence. */
export function describeEvent(event: DemoEvent): string {
  switch (event.kind) {
    case 'endpoint-killed':
      return `Endpoint ${event.endpoint} was killed (SIGKILL), and its memory with it`;
    case 'endpoint-revived':
      return `Endpoint ${event.endpoint} is back as a new process`;
    case 'node-restarted':
      return `${event.node} was restarted`;
    case 'process-lost':
      return `${event.name} ended by itself: ${event.how}`;
    case 'act-failed':
      return `That did not work: ${event.why}`;
    case 'session-arrived':
      return describeArrival(event);
    default:
      return unreachable(event, 'demo event');
  }
}

function describeArrival({ endpoint, moved, hasLostCart }: SessionArrival): string {
  if (moved !== undefined)
    return `Your session moved from ${localId(moved.from)} to ${endpoint}: ${moved.reason}`;
  if (hasLostCart) return `Your session is on ${endpoint}, whose process has no memory of its cart`;
  return `Your session was pinned to ${endpoint}`;
}

/** `a` of `shop/a`: the demo has one pool that people care about. */
export const localId = (endpoint: string): string => endpoint.slice(endpoint.indexOf('/') + 1);
