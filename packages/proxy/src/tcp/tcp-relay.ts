import type { Socket } from 'node:net';
import type { ErrorCode, HoldfastError } from '@holdfast/shared';
import type { Resolution } from '../affinity/affinity.ts';
import { addressClaim } from '../affinity/claim.ts';
import type { ConnectionEnd, ConnectionRecord, ConnectionRecorder } from '../layer4/connection-record.ts';
import type { Passage } from '../layer4/passage.ts';
import { SessionInUse } from '../layer4/session-in-use.ts';
import type { TransportAddress } from '../proxy-protocol/proxy-header.ts';
import { writeProxyHeader } from '../proxy-protocol/write-proxy-header.ts';
import { receivePieces } from '../socket/direct-read.ts';
import type { ConnectionTrace } from '../tracing/connection-trace.ts';
import type { Tracer } from '../tracing/tracer.ts';
import { Approach, type ApproachEvents, type ApproachHost } from './approach.ts';
import { Lane } from './lane.ts';

/** A client's connection that has been admitted and has a route. */
export interface TcpDownstream {
  /** Stands still. */
  readonly socket: Socket;
  readonly client: TransportAddress;
  /** Where the client arrived, at us or at the proxy before us. */
  readonly destination: TransportAddress;
  /** What has been read of it already. */
  readonly early: Buffer;
  readonly serverName: string | undefined;
}

/** What relays have from the listener that accepted them. */
export interface RelayHost extends ApproachHost {
  /** Without a byte either way. */
  readonly idleTimeoutMs: number;
  readonly recorder: ConnectionRecorder;
  /** Undefined: no connection is traced. */
  readonly tracer: Tracer | undefined;
  /** A relay is over. */
  removed(relay: TcpRelay): void;
}

/** The two sides of a relay, once there are two. */
interface Joined {
  readonly socket: Socket;
  readonly toEndpoint: Lane;
  readonly toClient: Lane;
}

/** A client's connection joined with one to an endpoint: bytes go both ways as they are, and what ends one side ends the other. */
export class TcpRelay implements ApproachEvents, ConnectionRecord {
  readonly protocol = 'tcp';
  readonly trace: ConnectionTrace | undefined;
  end: ConnectionEnd = 'closed';
  error: ErrorCode | undefined = undefined;

  readonly #downstream: TcpDownstream;
  readonly #passage: Passage;
  readonly #host: RelayHost;
  readonly #approach: Approach;
  readonly #session: SessionInUse;
  readonly #startedAtMs: number;
  readonly #idleTicks: number;
  #joined: Joined | undefined;
  /** The last tick before which a byte came. */
  #heardTick: number;
  #isOver = false;

  constructor(downstream: TcpDownstream, passage: Passage, host: RelayHost) {
    const { affinity, keepAliveEveryMs } = passage;
    const { ticker, clock } = host;
    this.#downstream = downstream;
    this.#passage = passage;
    this.#host = host;
    this.#approach = new Approach(passage, addressClaim(affinity, downstream.client.address), host, this);
    this.#session = new SessionInUse(affinity, keepAliveEveryMs, ticker, clock);
    this.#startedAtMs = clock.elapsed();
    this.trace = host.tracer?.beginConnection();
    this.#idleTicks = ticker.deadline(host.idleTimeoutMs) - ticker.now;
    this.#heardTick = ticker.now;
  }

  // What is known of the connection, for those who record it.

  get listener(): string {
    return this.#host.name;
  }

  get pool(): string {
    return this.#passage.pool.name;
  }

  get clientAddress(): string {
    return this.#downstream.client.address;
  }

  get clientPort(): number {
    return this.#downstream.client.port;
  }

  get serverName(): string | undefined {
    return this.#downstream.serverName;
  }

  get resolution(): Resolution | undefined {
    return this.#approach.resolution;
  }

  get attempts(): number {
    return this.#approach.attempts;
  }

  get affinityMs(): number {
    return this.#approach.affinityMs;
  }

  get connectMs(): number | undefined {
    return this.#approach.connectMs;
  }

  get bytesIn(): number {
    return this.#joined?.toEndpoint.bytes ?? 0;
  }

  get bytesOut(): number {
    return this.#joined?.toClient.bytes ?? 0;
  }

  get durationMs(): number {
    return this.#host.clock.elapsed() - this.#startedAtMs;
  }

  begin(): void {
    const { socket } = this.#downstream;
    socket.on('error', () => this.#broken('client-reset'));
    socket.on('close', () => this.#closed());
    this.#approach.begin();
  }

  /** Looks at what has taken too long, and keeps the session alive that the connection belongs to. */
  tick(now: number): void {
    if (this.#joined === undefined) this.#approach.tick(now);
    else if (now >= this.#heardTick + this.#idleTicks) this.#finish('idle');
    else this.#session.tick(now);
  }

  /** The listener has closed. */
  destroy(): void {
    this.#finish('shutdown');
  }

  reached(socket: Socket): void {
    const { client, destination, early, socket: downstream } = this.#downstream;
    const { proxyProtocol } = this.#passage;
    const toEndpoint = new Lane(downstream, socket);
    this.#joined = { socket, toEndpoint, toClient: new Lane(socket, downstream) };
    this.#session.resolution = this.resolution;
    this.#heard();
    socket.on('error', () => this.#broken('endpoint-reset'));
    socket.on('close', () => this.#closed());
    if (proxyProtocol !== undefined) socket.write(writeProxyHeader(proxyProtocol, client, destination));
    receivePieces(downstream, (piece) => this.#sent(piece));
    if (early.length > 0) toEndpoint.carry(early);
  }

  /** A client that cannot be served sees what it would see without us: a connection that is broken off. */
  failed(error: HoldfastError): void {
    const { log } = this.#host;
    this.error = error.code;
    if (error.code === 'INTERNAL') log.error({ listener: this.listener, code: error.code }, error.message);
    this.#downstream.socket.resetAndDestroy();
    this.#finish('refused');
  }

  received(piece: Buffer): void {
    this.#heard();
    this.#joined?.toClient.carry(piece);
  }

  #sent(piece: Buffer): void {
    this.#heard();
    this.#joined?.toEndpoint.carry(piece);
  }

  #heard(): void {
    this.#heardTick = this.#host.ticker.now;
  }

  /** A side has broken off; the other one learns it the same way. */
  #broken(end: ConnectionEnd): void {
    this.#joined?.socket.resetAndDestroy();
    this.#downstream.socket.resetAndDestroy();
    this.#finish(end);
  }

  /** Each socket closes by itself when both directions have ended. */
  #closed(): void {
    const { destroyed } = this.#downstream.socket;
    if (destroyed && (this.#joined === undefined || this.#joined.socket.destroyed)) this.#finish('closed');
  }

  #finish(end: ConnectionEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.end = end;
    this.#downstream.socket.destroy();
    this.#approach.leave();
    this.#host.removed(this);
    this.#host.recorder.connectionFinished(this);
  }
}
