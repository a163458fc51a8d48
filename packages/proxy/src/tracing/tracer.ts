import type { Clock, Random } from '@holdfast/shared';
import type { TelemetryConfig } from '@holdfast/shared/config';
import type { RequestHead } from '../exchange/exchange.ts';
import type { Peer } from '../exchange/peer.ts';
import type { ConnectionTrace } from './connection-trace.ts';
import { RecordedTrace } from './recorded-trace.ts';
import type { RequestTrace } from './request-trace.ts';
import { contextLines, contextOf, SAMPLED, type TraceContext } from './trace-context.ts';
import { TraceIds } from './trace-ids.ts';
import { UnsampledTrace } from './unsampled-trace.ts';

export type TracingRules = NonNullable<TelemetryConfig['traces']>;

export interface TracerOptions {
  readonly rules: TracingRules;
  readonly clock: Clock;
  readonly random: Random;
}

/** Who a listener believes, as far as a tracer asks. */
export interface Trust {
  has(address: string): boolean;
}

/**
 * Decides of each request, once and before anything else, whether it is traced.
 *
 * An incoming trace that is believed decides: it goes on if it is sampled, and passes through as it is if not. Otherwise
 * a new trace begins, and the sampling ratio decides. An endpoint is told of either decision. What a client that is not
 * believed says of traces goes no further.
 */
export class Tracer {
  readonly #rules: TracingRules;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #ids: TraceIds;

  constructor({ rules, clock, random }: TracerOptions) {
    this.#rules = rules;
    this.#clock = clock;
    this.#random = random;
    this.#ids = new TraceIds(random);
  }

  /** @param trusted the proxies that the listener believes */
  begin(request: RequestHead, peer: Peer, trusted: Trust): RequestTrace {
    const parent = this.#believes(peer, trusted) ? contextOf(request.fields) : undefined;
    if (parent === undefined ? this.#isChosen() : (parent.flags & SAMPLED) !== 0) {
      return new RecordedTrace({ host: request.host, parent }, this.#ids, this.#clock);
    }
    if (parent !== undefined) return new UnsampledTrace(contextLines(parent), parent.traceId);
    return new UnsampledTrace(contextLines(this.#newContext()));
  }

  /** The trace of a connection or a flow. Nobody is told of it; undefined: it is not sampled. */
  beginConnection(): ConnectionTrace | undefined {
    if (!this.#isChosen()) return undefined;
    return { traceId: this.#ids.newTraceId(), spanId: this.#ids.newSpanId() };
  }

  newSpanId(): string {
    return this.#ids.newSpanId();
  }

  #believes(peer: Peer, trusted: Trust): boolean {
    const { trustIncoming } = this.#rules;
    if (trustIncoming === 'trusted-proxies') return trusted.has(peer.address);
    return trustIncoming === 'always';
  }

  #isChosen(): boolean {
    return this.#random.unit() < this.#rules.sampling;
  }

  /** Of a trace that nobody records. */
  #newContext(): TraceContext {
    return { traceId: this.#ids.newTraceId(), parentId: this.#ids.newSpanId(), flags: 0, state: '' };
  }
}
