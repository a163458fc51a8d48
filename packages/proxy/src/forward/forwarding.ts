import { type ErrorCode, HoldfastError, type MoveReason } from '@holdfast/shared';
import type { Resolution } from '../affinity/affinity.ts';
import type { Claim } from '../affinity/claim.ts';
import { NO_RESPONSE_COOKIES } from '../affinity/response-cookies.ts';
import { withoutPathParameters } from '../affinity/target-parameter.ts';
import { FieldKind, type FieldSection, fieldLine } from '../codec/index.ts';
import type { Exchange, ExchangeEvents } from '../exchange/exchange.ts';
import type { OutlierEvent } from '../health/outlier-detection.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Turn, Waiting } from '../pool/endpoint-queues.ts';
import type { RequestTrace, StepName } from '../tracing/request-trace.ts';
import type {
  ResponseHeadView,
  UpstreamEvents,
  UpstreamProgress,
  UpstreamRequest,
} from '../upstream/upstream.ts';
import { debugLines } from './debug-lines.ts';
import { respondWithError } from './error-response.ts';
import { type Forwarded, forwardedOf } from './forwarded-lines.ts';
import type { Forwarder, ListenerContext } from './forwarder.ts';
import { PausableExchange } from './pausable-exchange.ts';
import { asksForUpgrade, finishHead, givenRequestId, hostLine, upstreamHeadOf } from './request-head.ts';
import type { RequestRecord } from './request-record.ts';
import { downstreamLines } from './response-head.ts';
import { isIdempotent, mayRetry } from './retry.ts';

/** The status that stands in the log for a client that left before it got an answer (nginx's word for it). */
const CLIENT_CLOSED_REQUEST = 499;

/**
 * One request on its way: between the exchange, which is the client's side, and the upstream request, which is the
 * endpoint's. It carries bytes both ways, holds either side back when the other cannot keep up, and ends both when
 * one of them ends.
 */
export class Forwarding implements ExchangeEvents, UpstreamEvents, Waiting, RequestRecord {
  readonly route: string;
  readonly requestId: string;
  readonly trace: RequestTrace | undefined;
  resolution: Resolution | undefined = undefined;
  attempts = 0;
  affinityMs = 0;
  upstreamMs: number | undefined = undefined;
  status = 0;
  error: ErrorCode | undefined = undefined;
  bytesIn = 0;
  bytesOut = 0;

  readonly #forwarder: Forwarder;
  readonly #exchange: Exchange;
  /** The same, where responses may have to wait for the session map. */
  readonly #pausable: PausableExchange | undefined;
  readonly #listener: ListenerContext;
  readonly #startedAtMs: number;
  readonly #forwarded: Forwarded;
  readonly #claim: Claim;
  /** The head for the endpoint, without what differs between attempts. */
  readonly #head: string;
  #endpoint: Endpoint | undefined;
  #upstream: UpstreamRequest | undefined;
  #attemptedAtMs = 0;
  #durationMs: number | undefined = undefined;
  /** When the request came, by the wall clock: what is told to the client of its session is as of then. */
  #nowMs = 0;
  #bodyTaken = false;
  /** Why the attempt before this one failed. */
  #failure: HoldfastError | undefined;
  #isOver = false;

  constructor(forwarder: Forwarder, exchange: Exchange, listener: ListenerContext, route: string) {
    this.#forwarder = forwarder;
    this.#pausable = forwarder.affinity.learner && new PausableExchange(exchange);
    this.#exchange = this.#pausable ?? exchange;
    this.trace = exchange.trace;
    this.#listener = listener;
    this.route = route;
    this.#startedAtMs = forwarder.clock.elapsed();
    const { request, peer } = exchange;
    const { trustedProxies } = listener;
    this.#forwarded = forwardedOf(request, peer, trustedProxies);
    const givenId = trustedProxies.has(peer.address) ? givenRequestId(request.fields) : undefined;
    this.requestId = givenId ?? forwarder.newRequestId();
    this.#claim = forwarder.affinity.claimOf(request, this.#forwarded.clientAddress);
    this.#head = upstreamHeadOf(request, {
      forwarded: this.#forwarded.lines,
      requestId: this.requestId,
      cookieLines: this.#claim.cookieLines,
      isTraced: this.trace?.isToldByAttempts === true,
    });
  }

  // What is known of the request, for those who record it.

  get listener(): string {
    return this.#listener.name;
  }

  get pool(): string {
    return this.#forwarder.pool.name;
  }

  get method(): string {
    return this.#exchange.request.method;
  }

  get path(): string {
    return withoutPathParameters(this.#exchange.request.path);
  }

  get httpVersion(): string {
    return this.#exchange.request.httpVersion;
  }

  get clientAddress(): string {
    return this.#forwarded.clientAddress;
  }

  get isSecure(): boolean {
    return this.#forwarded.isSecure;
  }

  get flags(): string | undefined {
    return this.#claim.label?.flags;
  }

  /** As of when it is first asked for, which is when the request is over: whoever records it, the clock is read once. */
  get durationMs(): number {
    this.#durationMs ??= this.#forwarder.clock.elapsed() - this.#startedAtMs;
    return this.#durationMs;
  }

  begin(): void {
    const { affinity, clock, retries } = this.#forwarder;
    this.#exchange.listen(this);
    retries.deposit();
    if (this.#isTooLarge(this.#exchange.request.contentLength))
      return this.#refuse('DOWNSTREAM_BODY_TOO_LARGE', 'declared length');
    const nowMs = clock.now();
    this.#nowMs = nowMs;
    const near = affinity.resolveNear(this.#claim, nowMs);
    if (near !== undefined) return this.#attempt(near);
    this.#step('affinity.resolve', () => affinity.resolve(this.#claim, nowMs))
      .then((resolution) => {
        this.affinityMs = clock.elapsed() - this.#startedAtMs;
        this.#attempt(resolution);
      })
      .catch((error) => this.#fail(HoldfastError.from(error)));
  }

  /** Does what the request may have to wait for, as a part of its trace where it has one. */
  #step<T>(name: StepName, work: () => T): T {
    return this.trace === undefined ? work() : this.trace.step(name, work);
  }

  #attempt(resolution: Resolution): void {
    if (this.#isOver) return;
    this.resolution = resolution;
    const { endpoint, refusal } = resolution;
    if (endpoint === undefined) {
      // A request that broke at the only endpoint is answered with what happened there.
      if (this.#failure !== undefined && eventOf(this.#failure) === 'request-failed')
        return this.#fail(this.#failure);
      const code = refusal === 'store-unavailable' ? 'STORE_UNAVAILABLE' : 'UPSTREAM_NONE_AVAILABLE';
      return this.#refuse(code, refusal ?? 'no endpoint');
    }
    this.#endpoint = endpoint;
    if (endpoint.inFlight++ >= endpoint.connectionsMax) return this.#wait(endpoint);
    // A warm session has cost no time worth looking at the clock for.
    const isFirst = this.attempts === 0 && this.affinityMs === 0;
    this.#send(endpoint, resolution, isFirst ? this.#startedAtMs : this.#forwarder.clock.elapsed());
  }

  #wait(endpoint: Endpoint): void {
    if (!this.#forwarder.queues.join(endpoint, this)) this.#refuse('UPSTREAM_QUEUE_FULL', 'queue');
  }

  onTurn(turn: Turn): void {
    switch (turn) {
      case 'place':
        return this.#send(
          this.#endpoint as Endpoint,
          this.resolution as Resolution,
          this.#forwarder.clock.elapsed(),
        );
      case 'timeout':
        return this.#refuse('UPSTREAM_QUEUE_TIMEOUT', 'queue');
      case 'shutdown':
        return this.#refuse('INTERNAL_SHUTDOWN', 'queue');
      case 'endpoint-down':
        this.#leave();
        return this.#failOver('endpoint-down');
    }
  }

  #send(endpoint: Endpoint, resolution: Resolution, nowMs: number): void {
    this.attempts++;
    this.#attemptedAtMs = nowMs;
    const { request, hasBody } = this.#exchange;
    const isUpgrade = asksForUpgrade(request);
    const upstream = this.#forwarder.upstreams.of(endpoint);
    if (isUpgrade && !upstream.allowsUpgrade) return this.#refuse('UPSTREAM_NO_UPGRADE', 'upgrade');
    const lines = hostLine(request, endpoint.origin) + movedLine(resolution);
    const traceLines = this.trace === undefined ? '' : this.trace.beginAttempt(endpoint, nowMs);
    this.#upstream = upstream.request(
      {
        method: request.method,
        text: finishHead(this.#head, lines + traceLines),
        body: hasBody ? (request.isChunked ? 'chunked' : 'length') : 'none',
        isUpgrade,
        isReplayable: !hasBody && isIdempotent(request.method),
      },
      this,
    );
    this.#upstream.start();
  }

  // The client's side.

  onRequestBody(chunk: Buffer): void {
    this.bytesIn += chunk.length;
    if (this.#isTooLarge(this.bytesIn)) return this.#refuse('DOWNSTREAM_BODY_TOO_LARGE', 'received length');
    this.#upstream?.write(chunk);
  }

  onRequestFlush(): void {
    if (this.#upstream?.flush() === false) this.#exchange.pauseRequest();
  }

  onRequestEnd(trailers: readonly string[]): void {
    this.#upstream?.end(trailers);
  }

  onResponseDrain(): void {
    this.#upstream?.resume();
  }

  onClientGone(): void {
    this.#giveUp('DOWNSTREAM_DISCONNECTED', CLIENT_CLOSED_REQUEST);
  }

  onRequestBroken(code: ErrorCode, status: number): string {
    this.#giveUp(code, status);
    return this.requestId;
  }

  #giveUp(code: ErrorCode, status: number): void {
    if (this.#isOver) return;
    this.error = code;
    this.status ||= status;
    this.#release();
    this.#finish();
  }

  // The endpoint's side.

  /** What takes longer than the idle timeout, such as a WebSocket or an event stream, does not lose its session by that. */
  onUpstreamHeld(): void {
    const { affinity, clock } = this.#forwarder;
    affinity.keepAlive(this.resolution as Resolution, clock.now());
  }

  onUpstreamWritable(): void {
    this.#bodyTaken = this.#exchange.hasBody;
    this.#exchange.resumeRequest();
  }

  onUpstreamInformation({ status, reason, fields }: ResponseHeadView): void {
    // The server has answered an Expect by itself; another 100 would answer nothing (RFC 9110 section 10.1.1).
    if (status !== 100) this.#exchange.inform(status, reason, downstreamLines(fields, NO_RESPONSE_COOKIES));
  }

  onUpstreamHead({ status, reason, fields, contentLength }: ResponseHeadView): void {
    const { clock, pool, attempts } = this.#forwarder;
    const endpoint = this.#endpoint as Endpoint;
    pool.reported(endpoint, 'answered');
    this.upstreamMs = clock.elapsed() - this.#attemptedAtMs;
    attempts?.attemptFinished(endpoint, this.method, status, this.upstreamMs, undefined);
    this.status = status;
    const lines = this.#downstreamLines(fields);
    if (this.#pausable !== undefined) this.#learn(this.#pausable, status, fields);
    if (status === SWITCHING_PROTOCOLS) this.#exchange.switchProtocols(reason, lines + upgradeLines(fields));
    else this.#exchange.respond({ status, reason, lines, contentLength });
  }

  #downstreamLines(fields: FieldSection): string {
    const { affinity, node } = this.#forwarder;
    const resolution = this.resolution as Resolution;
    const nowMs = this.#nowMs;
    const { isSecure } = this.#forwarded;
    const cookies = affinity.responseCookies(this.#claim, resolution, fields, isSecure, nowMs);
    const lines = downstreamLines(fields, cookies);
    return this.#listener.debugHeaders ? lines + debugLines(resolution, this.flags, node, nowMs) : lines;
  }

  #learn(exchange: PausableExchange, status: number, fields: FieldSection): void {
    const { affinity, clock } = this.#forwarder;
    const response = { status, fields, resolution: this.resolution as Resolution };
    const learn = () => affinity.learner?.learn(this.#claim, response, this.#nowMs);
    const learning = this.#step('affinity.learn', learn);
    if (learning instanceof Promise) exchange.pauseUntil(learning);
    else if (learning !== undefined) exchange.pauseFor(learning, clock);
  }

  onUpstreamBody(chunk: Buffer): void {
    this.bytesOut += chunk.length;
    this.#exchange.write(chunk);
  }

  onUpstreamFlush(): void {
    if (!this.#exchange.flush()) this.#upstream?.pause();
  }

  onUpstreamEnd(trailers: readonly string[]): void {
    if (this.#isOver) return;
    this.#exchange.end(trailers);
    this.#finish();
  }

  onUpstreamError(error: HoldfastError, progress: UpstreamProgress): void {
    if (this.#isOver) return;
    const { pool, attempts, clock } = this.#forwarder;
    const endpoint = this.#endpoint as Endpoint;
    // One that has been answered is over as an attempt, whatever becomes of its body.
    if (this.status === 0)
      attempts?.attemptFinished(endpoint, this.method, 0, clock.elapsed() - this.#attemptedAtMs, error.code);
    this.trace?.failAttempt(error.code);
    this.#leave();
    // Our own doing says nothing of the endpoint, and moves no session.
    if (error.source !== 'upstream') return this.#fail(error);
    this.#failure = error;
    pool.reported(endpoint, eventOf(error));
    const attempt = {
      error,
      progress,
      method: this.#exchange.request.method,
      bodyTaken: this.#bodyTaken,
      attempts: this.attempts,
    };
    // What no endpoint has seen puts no load on any; the budget is for requests that were sent.
    if (mayRetry(attempt) && (progress === 'nothing-sent' || this.#forwarder.retries.withdraw()))
      this.#failOver(eventOf(error));
    else this.#fail(error);
  }

  #failOver(reason: MoveReason): void {
    const { affinity, clock, log } = this.#forwarder;
    const failed = this.resolution as Resolution;
    log.debug({ request_id: this.requestId, endpoint: failed.endpoint?.id }, 'failing over');
    this.#step('affinity.failover', () => affinity.failover(this.#claim, failed, reason, clock.now()))
      .then((resolution) => this.#attempt(resolution))
      .catch((error) => this.#fail(HoldfastError.from(error)));
  }

  #refuse(code: ErrorCode, what: string): void {
    this.#fail(new HoldfastError(code, `refused: ${what}`));
  }

  /** Answers with an error while the client has no response yet; else breaks the response off, visibly. */
  #fail(error: HoldfastError): void {
    if (this.#isOver) return;
    this.#release();
    this.error = error.code;
    if (error.code === 'INTERNAL')
      this.#forwarder.log.error(failureFields(error, this.requestId, this.trace), error.message);
    if (this.status === 0) this.status = respondWithError(this.#exchange, error, this.requestId);
    else this.#exchange.abort();
    this.#finish();
  }

  /** Gives up what is still under way at the endpoint. */
  #release(): void {
    this.#upstream?.abort();
  }

  #leave(): void {
    const endpoint = this.#endpoint;
    if (endpoint === undefined) return;
    this.#endpoint = undefined;
    this.#upstream = undefined;
    endpoint.inFlight--;
    if (endpoint.waiting > 0) this.#forwarder.queues.leave(endpoint, this);
  }

  #finish(): void {
    this.#isOver = true;
    this.#leave();
    this.#forwarder.recorder.requestFinished(this);
  }

  #isTooLarge(bytes: number): boolean {
    const { bodyBytesMax } = this.#listener;
    return bodyBytesMax !== undefined && bytes > bodyBytesMax;
  }
}

const SWITCHING_PROTOCOLS = 101;

/** What the client is told of the protocol that the endpoint has switched to. */
function upgradeLines(fields: FieldSection): string {
  const protocol = fields.indexOf(FieldKind.upgrade);
  return (
    fieldLine('Connection', 'Upgrade') + (protocol < 0 ? '' : fieldLine('Upgrade', fields.value(protocol)))
  );
}

/** The endpoint is told of a session that has just come from another, so that the application can react. */
function movedLine({ movedFrom, reason }: Resolution): string {
  return movedFrom === undefined
    ? ''
    : fieldLine('Holdfast-Session-Moved', `from=${movedFrom}; reason=${reason ?? 'unknown'}`);
}

/** What a failed request says of its endpoint, and why it goes to another. */
const eventOf = ({ code }: HoldfastError): OutlierEvent & MoveReason =>
  code === 'UPSTREAM_CONNECT_FAILED' || code === 'UPSTREAM_CONNECT_TIMEOUT'
    ? 'connect-failed'
    : 'request-failed';

/** What is logged of a request that failed by a defect. */
export const failureFields = (error: HoldfastError, requestId: string, trace: RequestTrace | undefined) => ({
  request_id: requestId,
  trace_id: trace?.traceId,
  code: error.code,
  stack: error.cause instanceof Error ? error.cause.stack : error.stack,
});
