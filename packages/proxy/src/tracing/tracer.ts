import type { Clock, Random } from '@holdfast/shared';
import type { TelemetryConfig } from '@holdfast/shared/config';
import type { RequestHead } from '../exchange/exchange.ts';
import type { Peer } from '../exchange/peer.ts';
import type { ConnectionTrace } from './connection-trace.ts';
import { type Incoming, RecordedTrace } from './recorded-trace.ts';
import type { RequestTrace } from './request-trace.ts';
import { contextLines, parentOf, SAMPLED, stateOf } from './trace-context.ts';
import { TraceIds } from './trace-ids.ts';
import { PassedTrace, SkippedTrace } from './unsampled-trace.ts';

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
    const { host, fields } = request;
    const given = this.#believes(peer, trusted) ? parentOf(fields) : undefined;
    if (given === undefined)
      return this.#isChosen() ? this.#recorded({ host, parent: undefined }) : this.#skipped();
    if ((given.flags & SAMPLED) === 0) return new PassedTrace(given.traceId);
    return this.#recorded({ host, parent: { ...given, state: stateOf(fields) } });
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

  #recorded(incoming: Incoming): RecordedTrace {
    return new RecordedTrace(incoming, this.#ids, this.#clock);
  }

  /** With ids of its own: an endpoint without any would decide by itself. */
  #skipped(): SkippedTrace {
    const traceId = this.#ids.newTraceId();
    const parentId = this.#ids.newSpanId();
    return new SkippedTrace(contextLines({ traceId, parentId, flags: 0, state: '' }));
  }
}
