import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { type Clock, type ErrorCode, HoldfastError, type Logger, type Ticker } from '@holdfast/shared';
import type { Resolution } from '../affinity/affinity.ts';
import { addressClaim, type Claim } from '../affinity/claim.ts';
import { canonicalAddress } from '../exchange/peer.ts';
import type { ConnectionEnd, ConnectionRecord, ConnectionRecorder } from '../layer4/connection-record.ts';
import type { Passage } from '../layer4/passage.ts';
import { SessionInUse } from '../layer4/session-in-use.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { TransportAddress } from '../proxy-protocol/proxy-header.ts';
import type { ConnectionTrace } from '../tracing/connection-trace.ts';
import type { Tracer } from '../tracing/tracer.ts';
import { endpointAddressOf } from '../upstream/endpoint-address.ts';

/** What flows have from the listener to which their datagrams come. */
export interface FlowHost {
  readonly name: string;
  /** Without a datagram either way. */
  readonly idleTimeoutMs: number;
  readonly ticker: Ticker;
  readonly clock: Clock;
  readonly log: Logger;
  readonly recorder: ConnectionRecorder;
  /** Undefined: no flow is traced. */
  readonly tracer: Tracer | undefined;
  /** Sends what an endpoint has answered, from the address to which the client has sent. */
  reply(datagram: Buffer, client: TransportAddress): void;
  /** A flow is over. */
  removed(flow: UdpFlow): void;
}

/**
 * Where a flow is.
 *
 * - `placing`: the endpoint of its session is looked for
 * - `opening`: its socket is on its way to be connected
 * - `carrying`: datagrams go both ways
 * - `over`: the next datagram of the client begins another flow
 */
type Phase =
  | { readonly kind: 'placing' }
  | { readonly kind: 'over' }
  | { readonly kind: 'opening' | 'carrying'; readonly endpoint: Endpoint; readonly socket: Socket };

/** Datagrams that wait for the endpoint of their flow; more are lost, as datagrams may be. */
const WAITING_MAX = 16;
/** Endpoints that are tried in a row without an answer. */
const ATTEMPTS_MAX = 3;

/** The datagrams between one address and port of a client and the endpoint of its session, on a socket of their own. */
export class UdpFlow implements ConnectionRecord {
  readonly protocol = 'udp';
  readonly serverName = undefined;
  readonly connectMs = undefined;
  readonly trace: ConnectionTrace | undefined;
  /** Where answers go. */
  readonly client: TransportAddress;
  readonly clientAddress: string;
  resolution: Resolution | undefined = undefined;
  attempts = 0;
  affinityMs = 0;
  end: ConnectionEnd = 'closed';
  error: ErrorCode | undefined = undefined;
  bytesIn = 0;
  bytesOut = 0;

  readonly #passage: Passage;
  readonly #host: FlowHost;
  readonly #claim: Claim;
  readonly #session: SessionInUse;
  readonly #startedAtMs: number;
  readonly #idleTicks: number;
  readonly #waiting: Buffer[] = [];
  /** The last datagram of the client, while nothing has been answered to it: another endpoint may have to get it. */
  #unanswered: Buffer | undefined;
  #attemptsInARow = 0;
  #heardTick: number;
  #phase: Phase = { kind: 'placing' };

  constructor(client: TransportAddress, passage: Passage, host: FlowHost) {
    this.client = client;
    this.clientAddress = canonicalAddress(client.address);
    this.#passage = passage;
    this.#host = host;
    this.#claim = addressClaim(passage.affinity, this.clientAddress);
    const { affinity, keepAliveEveryMs } = passage;
    this.#session = new SessionInUse(affinity, keepAliveEveryMs, host.ticker, host.clock);
    this.#startedAtMs = host.clock.elapsed();
    this.trace = host.tracer?.beginConnection();
    this.#idleTicks = host.ticker.deadline(host.idleTimeoutMs) - host.ticker.now;
    this.#heardTick = host.ticker.now;
  }

  get listener(): string {
    return this.#host.name;
  }

  get pool(): string {
    return this.#passage.pool.name;
  }

  get clientPort(): number {
    return this.client.port;
  }

  get durationMs(): number {
    return this.#host.clock.elapsed() - this.#startedAtMs;
  }

  /** Whether the client waits for an answer. */
  get isAwaited(): boolean {
    return this.#unanswered !== undefined;
  }

  begin(): void {
    const { affinity } = this.#passage;
    const nowMs = this.#host.clock.now();
    const near = affinity.resolveNear(this.#claim, nowMs);
    if (near !== undefined) return this.#place(near);
    const askedAtMs = this.#host.clock.elapsed();
    affinity.resolve(this.#claim, nowMs).then(
      (resolution) => {
        this.affinityMs = this.#host.clock.elapsed() - askedAtMs;
        this.#place(resolution);
      },
      (error) => this.#refuse(HoldfastError.from(error)),
    );
  }

  /** Takes a datagram of the client. Answers whether it is the first in this tick, of a flow that goes on. */
  take(datagram: Buffer): boolean {
    const isFirst = this.#heardTick !== this.#host.ticker.now;
    this.#heardTick = this.#host.ticker.now;
    const phase = this.#phase;
    if (phase.kind === 'carrying' && this.#mayServe(phase.endpoint)) this.#send(phase.socket, datagram);
    else if (this.#waiting.length < WAITING_MAX) this.#waiting.push(datagram);
    if (phase.kind === 'carrying' && !this.#mayServe(phase.endpoint)) this.#move();
    return isFirst && this.#phase.kind !== 'over';
  }

  tick(now: number): void {
    if (now >= this.#heardTick + this.#idleTicks) this.finish('idle');
    else this.#session.tick(now);
  }

  finish(end: ConnectionEnd): void {
    if (this.#phase.kind === 'over') return;
    this.#leave();
    this.#phase = { kind: 'over' };
    this.end = end;
    this.#host.removed(this);
    this.#host.recorder.connectionFinished(this);
  }

  #place(resolution: Resolution): void {
    if (this.#phase.kind === 'over') return;
    this.resolution = resolution;
    this.#session.resolution = resolution;
    const { endpoint, refusal } = resolution;
    if (endpoint === undefined) {
      const code = refusal === 'store-unavailable' ? 'STORE_UNAVAILABLE' : 'UPSTREAM_NONE_AVAILABLE';
      return this.#refuse(new HoldfastError(code, refusal ?? 'no endpoint'));
    }
    if (!endpoint.hasRoom) return this.#refuse(new HoldfastError('UPSTREAM_QUEUE_FULL', 'flows do not wait'));
    this.#open(endpoint);
  }

  #open(endpoint: Endpoint): void {
    endpoint.inFlight++;
    this.attempts++;
    this.#attemptsInARow++;
    const { address, port } = endpointAddressOf(endpoint.origin);
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    this.#phase = { kind: 'opening', endpoint, socket };
    socket.on('error', () => this.#failed(socket, endpoint));
    socket.on('message', (datagram) => this.#answered(endpoint, datagram));
    // A callback of `connect` would be called with its failure, too.
    socket.once('connect', () => this.#opened(socket, endpoint));
    socket.connect(port, address);
  }

  #opened(socket: Socket, endpoint: Endpoint): void {
    if (this.#phase.kind !== 'opening' || this.#phase.socket !== socket) return;
    this.#phase = { kind: 'carrying', endpoint, socket };
    for (const datagram of this.#waiting.splice(0)) this.#send(socket, datagram);
  }

  #send(socket: Socket, datagram: Buffer): void {
    this.bytesIn += datagram.length;
    this.#unanswered = datagram;
    // What cannot be sent is lost on the way; a refusal comes as an error of the socket.
    socket.send(datagram, ignoreFailure);
  }

  #answered(endpoint: Endpoint, datagram: Buffer): void {
    if (this.#unanswered !== undefined) this.#passage.pool.reported(endpoint, 'answered');
    this.#unanswered = undefined;
    this.#attemptsInARow = 0;
    this.#heardTick = this.#host.ticker.now;
    this.bytesOut += datagram.length;
    this.#host.reply(datagram, this.client);
  }

  /** Nobody listens at the endpoint's port any more, as its machine says; or its name is not known. */
  #failed(socket: Socket, endpoint: Endpoint): void {
    const phase = this.#phase;
    if (phase.kind === 'placing' || phase.kind === 'over' || phase.socket !== socket) return;
    this.#passage.pool.reported(endpoint, 'connect-failed');
    if (this.#attemptsInARow >= ATTEMPTS_MAX)
      return this.#refuse(new HoldfastError('UPSTREAM_CONNECT_FAILED', 'no endpoint took it'));
    if (this.#unanswered !== undefined) this.#waiting.unshift(this.#unanswered);
    this.#failOver();
  }

  #failOver(): void {
    const { affinity } = this.#passage;
    this.#leave();
    this.#phase = { kind: 'placing' };
    affinity
      .failover(this.#claim, this.resolution as Resolution, 'connect-failed', this.#host.clock.now())
      .then(
        (resolution) => this.#place(resolution),
        (error) => this.#refuse(HoldfastError.from(error)),
      );
  }

  /** The endpoint is down or no longer in the pool: where the session is now is asked again. */
  #move(): void {
    this.#leave();
    this.#phase = { kind: 'placing' };
    this.begin();
  }

  #mayServe(endpoint: Endpoint): boolean {
    return endpoint.isUsable && this.#passage.pool.find(endpoint.id) === endpoint;
  }

  #refuse(error: HoldfastError): void {
    if (this.#phase.kind === 'over') return;
    this.error = error.code;
    if (error.code === 'INTERNAL')
      this.#host.log.error({ listener: this.listener, code: error.code }, error.message);
    this.finish('refused');
  }

  #leave(): void {
    const phase = this.#phase;
    if (phase.kind === 'placing' || phase.kind === 'over') return;
    phase.endpoint.inFlight--;
    phase.socket.close();
  }
}

const ignoreFailure = (): void => {};
