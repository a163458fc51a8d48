import { type ErrorCode, HoldfastError, type MoveReason } from '@holdfast/shared';
import type { Resolution } from '../affinity/affinity.ts';
import { FieldKind, type FieldSection, fieldLine } from '../codec/index.ts';
import type { Exchange, ExchangeEvents } from '../exchange/exchange.ts';
import type { OutlierEvent } from '../health/outlier-detection.ts';
import type { Endpoint } from '../pool/endpoint.ts';
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
import { asksForUpgrade, finishHead, givenRequestId, hostLine, upstreamHeadOf } from './request-head.ts';
import type { RequestRecord } from './request-record.ts';
import { downstreamLines, noCookie } from './response-head.ts';
import { isIdempotent, mayRetry } from './retry.ts';

/** The status that stands in the log for a client that left before it got an answer (nginx's word for it). */
const CLIENT_CLOSED_REQUEST = 499;

/**
 * One request on its way: between the exchange, which is the client's side, and the upstream request, which is the
 * endpoint's. It carries bytes both ways, holds either side back when the other cannot keep up, and ends both when
 * one of them ends.
 */
export class Forwarding implements ExchangeEvents, UpstreamEvents, RequestRecord {
  readonly route: string;
  readonly requestId: string;
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
  readonly #listener: ListenerContext;
  readonly #startedAtMs: number;
  readonly #forwarded: Forwarded;
  /** The head for the endpoint, without what differs between attempts. */
  readonly #head: string;
  #endpoint: Endpoint | undefined;
  #upstream: UpstreamRequest | undefined;
  #attemptedAtMs = 0;
  /** When the request came, by the wall clock: what is told to the client of its session is as of then. */
  #nowMs = 0;
  #bodyTaken = false;
  /** Why the attempt before this one failed. */
  #failure: HoldfastError | undefined;
  #isOver = false;

  constructor(forwarder: Forwarder, exchange: Exchange, listener: ListenerContext, route: string) {
    this.#forwarder = forwarder;
    this.#exchange = exchange;
    this.#listener = listener;
    this.route = route;
    this.#startedAtMs = forwarder.clock.elapsed();
    const { request, peer } = exchange;
    const { trustedProxies } = listener;
    this.#forwarded = forwardedOf(request, peer, trustedProxies);
    const givenId = trustedProxies.has(peer.address) ? givenRequestId(request.fields) : undefined;
    this.requestId = givenId ?? forwarder.newRequestId();
    this.#head = upstreamHeadOf(request, {
      forwarded: this.#forwarded.lines,
      requestId: this.requestId,
      cookieName: forwarder.affinity.cookieName,
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
    return this.#exchange.request.path;
  }

  get httpVersion(): string {
    return `1.${this.#exchange.request.minorVersion}`;
  }

  get clientAddress(): string {
    return this.#forwarded.clientAddress;
  }

  get durationMs(): number {
    return this.#forwarder.clock.elapsed() - this.#startedAtMs;
  }

  begin(): void {
    const { affinity, clock, retries } = this.#forwarder;
    this.#exchange.listen(this);
    retries.deposit();
    const { contentLength, fields } = this.#exchange.request;
    if (this.#isTooLarge(contentLength)) return this.#refuse('DOWNSTREAM_BODY_TOO_LARGE', 'declared length');
    const nowMs = clock.now();
    this.#nowMs = nowMs;
    const near = affinity.resolveNear(fields, nowMs);
    if (near !== undefined) return this.#attempt(near);
    affinity.resolve(fields, nowMs).then(
      (resolution) => {
        this.affinityMs = clock.elapsed() - this.#startedAtMs;
        this.#attempt(resolution);
      },
      (error) => this.#fail(HoldfastError.from(error)),
    );
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
    this.attempts++;
    // A warm session has cost no time worth looking at the clock for.
    const isFirst = this.attempts === 1 && this.affinityMs === 0;
    this.#attemptedAtMs = isFirst ? this.#startedAtMs : this.#forwarder.clock.elapsed();
    this.#endpoint = endpoint;
    endpoint.inFlight++;
    const { request, hasBody } = this.#exchange;
    this.#upstream = this.#forwarder.upstreamOf(endpoint).request(
      {
        method: request.method,
        text: finishHead(this.#head, hostLine(request, endpoint.origin) + movedLine(resolution)),
        body: hasBody ? (request.isChunked ? 'chunked' : 'length') : 'none',
        isUpgrade: asksForUpgrade(request),
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
    if (this.#upstream?.write(chunk) === false) this.#exchange.pauseRequest();
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

  onUpstreamWritable(): void {
    this.#bodyTaken = this.#exchange.hasBody;
    this.#exchange.resumeRequest();
  }

  onUpstreamInformation({ status, reason, fields }: ResponseHeadView): void {
    // The server has answered an Expect by itself; another 100 would answer nothing (RFC 9110 section 10.1.1).
    if (status !== 100) this.#exchange.inform(status, reason, downstreamLines(fields, noCookie));
  }

  onUpstreamHead({ status, reason, fields, contentLength }: ResponseHeadView): void {
    const { clock, pool } = this.#forwarder;
    pool.reported(this.#endpoint as Endpoint, 'answered');
    this.upstreamMs = clock.elapsed() - this.#attemptedAtMs;
    this.status = status;
    const lines = this.#downstreamLines(fields);
    if (status === SWITCHING_PROTOCOLS) this.#exchange.switchProtocols(reason, lines + upgradeLines(fields));
    else this.#exchange.respond({ status, reason, lines, contentLength });
  }

  #downstreamLines(fields: FieldSection): string {
    const { affinity, node } = this.#forwarder;
    const resolution = this.resolution as Resolution;
    const nowMs = this.#nowMs;
    const setCookie = affinity.setCookie(resolution, this.#forwarded.isSecure, nowMs);
    const lines = downstreamLines(fields, { name: affinity.cookieName, setCookie });
    return this.#listener.debugHeaders ? lines + debugLines(resolution, node, nowMs) : lines;
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
    const { pool } = this.#forwarder;
    const endpoint = this.#endpoint as Endpoint;
    this.#leave();
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
      this.#failOver();
    else this.#fail(error);
  }

  #failOver(): void {
    const { affinity, clock, log } = this.#forwarder;
    const failed = this.resolution as Resolution;
    log.debug({ request_id: this.requestId, endpoint: failed.endpoint?.id }, 'failing over');
    affinity.failover(failed, reasonOf(this.#failure), clock.now()).then(
      (resolution) => this.#attempt(resolution),
      (error) => this.#fail(HoldfastError.from(error)),
    );
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
      this.#forwarder.log.error(failureFields(error, this.requestId), error.message);
    if (this.status === 0) this.status = respondWithError(this.#exchange, error, this.requestId);
    else this.#exchange.abort();
    this.#finish();
  }

  /** Gives up what is still under way at the endpoint. */
  #release(): void {
    this.#upstream?.abort();
  }

  #leave(): void {
    if (this.#endpoint === undefined) return;
    this.#endpoint.inFlight--;
    this.#endpoint = undefined;
    this.#upstream = undefined;
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

/** Why a request goes to another endpoint. */
const reasonOf = (failure: HoldfastError | undefined): MoveReason =>
  failure !== undefined && eventOf(failure) === 'request-failed' ? 'request-failed' : 'connect-failed';

const eventOf = ({ code }: HoldfastError): OutlierEvent =>
  code === 'UPSTREAM_CONNECT_FAILED' || code === 'UPSTREAM_CONNECT_TIMEOUT'
    ? 'connect-failed'
    : 'request-failed';

const failureFields = (error: HoldfastError, requestId: string) => ({
  request_id: requestId,
  code: error.code,
  stack: error.cause instanceof Error ? error.cause.stack : error.stack,
});
