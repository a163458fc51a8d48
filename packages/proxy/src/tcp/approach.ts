import { connect, type Socket } from 'node:net';
import { type Clock, HoldfastError, type Logger, type Ticker } from '@holdfast/shared';
import type { Resolution } from '../affinity/affinity.ts';
import type { Claim } from '../affinity/claim.ts';
import type { Passage } from '../layer4/passage.ts';
import type { Endpoint } from '../pool/endpoint.ts';
import type { Turn, Waiting } from '../pool/endpoint-queues.ts';
import { directRead } from '../socket/direct-read.ts';
import { endpointAddressOf } from '../upstream/endpoint-address.ts';
import { socketError } from '../upstream/socket-error.ts';

/** Who is told what an approach comes to: one of the two, once. */
export interface ApproachEvents {
  /** The endpoint has accepted; nothing has been sent. */
  reached(socket: Socket): void;
  /** No endpoint can be had. */
  failed(error: HoldfastError): void;
  /** A piece has come from the endpoint; see {@link directRead}. */
  received(piece: Buffer): void;
}

/** What approaches have from their listener. */
export interface ApproachHost {
  readonly name: string;
  readonly ticker: Ticker;
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Where an approach is.
 *
 * - `placing`: the endpoint of the session is looked for
 * - `waiting`: the endpoint has as many connections as it may have
 * - `connecting`: as nothing has been sent, another endpoint can still take over
 * - `reached`: the connection counts at its endpoint until it is left
 * - `over`: nothing is held any more
 */
type Phase =
  | { readonly kind: 'placing' }
  | { readonly kind: 'waiting'; readonly endpoint: Endpoint }
  | { readonly kind: 'connecting' | 'reached'; readonly endpoint: Endpoint; readonly socket: Socket }
  | { readonly kind: 'over' };

/** Endpoints that are tried for one connection. */
const ATTEMPTS_MAX = 3;
const NEVER = Number.POSITIVE_INFINITY;

/** A connection's way to the endpoint of its session, or to another one where that cannot be reached. */
export class Approach implements Waiting {
  resolution: Resolution | undefined = undefined;
  attempts = 0;
  affinityMs = 0;
  connectMs: number | undefined = undefined;

  readonly #passage: Passage;
  readonly #claim: Claim;
  readonly #host: ApproachHost;
  readonly #events: ApproachEvents;
  #attemptedAtMs = 0;
  #connectTick = NEVER;
  #phase: Phase = { kind: 'placing' };

  constructor(passage: Passage, claim: Claim, host: ApproachHost, events: ApproachEvents) {
    this.#passage = passage;
    this.#claim = claim;
    this.#host = host;
    this.#events = events;
  }

  begin(): void {
    const { affinity } = this.#passage;
    const { clock } = this.#host;
    const nowMs = clock.now();
    const near = affinity.resolveNear(this.#claim, nowMs);
    if (near !== undefined) return this.#place(near);
    const askedAtMs = clock.elapsed();
    affinity.resolve(this.#claim, nowMs).then(
      (resolution) => {
        this.affinityMs = clock.elapsed() - askedAtMs;
        this.#place(resolution);
      },
      (error) => this.#fail(HoldfastError.from(error)),
    );
  }

  /** Looks whether an endpoint takes too long to accept. */
  tick(now: number): void {
    if (now < this.#connectTick || this.#phase.kind !== 'connecting') return;
    const { socket, endpoint } = this.#phase;
    socket.destroy();
    const what = `connect to ${endpoint.origin}: timed out`;
    this.#notConnected(socket, new HoldfastError('UPSTREAM_CONNECT_TIMEOUT', what));
  }

  /** Gives up what is under way, or is done with what was reached. */
  leave(): void {
    const phase = this.#phase;
    this.#phase = { kind: 'over' };
    if (phase.kind === 'connecting' || phase.kind === 'reached') phase.socket.destroy();
    if (phase.kind !== 'placing' && phase.kind !== 'over') this.#release(phase.endpoint);
  }

  onTurn(turn: Turn): void {
    if (this.#phase.kind !== 'waiting') return;
    const { endpoint } = this.#phase;
    if (turn === 'place') this.#connect(endpoint);
    else if (turn === 'endpoint-down') this.#failOver(endpoint);
    else if (turn === 'shutdown') this.#fail(new HoldfastError('INTERNAL_SHUTDOWN', 'queue'));
    else this.#fail(new HoldfastError('UPSTREAM_QUEUE_TIMEOUT', 'queue'));
  }

  #place(resolution: Resolution): void {
    if (this.#phase.kind === 'over') return;
    this.resolution = resolution;
    const { endpoint, refusal } = resolution;
    if (endpoint === undefined) {
      const code = refusal === 'store-unavailable' ? 'STORE_UNAVAILABLE' : 'UPSTREAM_NONE_AVAILABLE';
      return this.#fail(new HoldfastError(code, refusal ?? 'no endpoint'));
    }
    if (endpoint.inFlight++ < endpoint.connectionsMax) return this.#connect(endpoint);
    this.#phase = { kind: 'waiting', endpoint };
    if (!this.#passage.queues.join(endpoint, this))
      this.#fail(new HoldfastError('UPSTREAM_QUEUE_FULL', 'queue'));
  }

  #connect(endpoint: Endpoint): void {
    const { ticker, clock } = this.#host;
    this.attempts++;
    this.#attemptedAtMs = clock.elapsed();
    this.#connectTick = ticker.deadline(this.#passage.connectTimeoutMs);
    const { address: host, port } = endpointAddressOf(endpoint.origin);
    const onread = directRead((piece) => this.#events.received(piece));
    const socket = connect({ host, port, noDelay: true, allowHalfOpen: true, onread });
    this.#phase = { kind: 'connecting', endpoint, socket };
    socket.on('connect', () => this.#connected(endpoint, socket));
    socket.on('error', (error) => this.#notConnected(socket, socketError(error, endpoint.origin, false)));
  }

  #connected(endpoint: Endpoint, socket: Socket): void {
    if (this.#phase.kind !== 'connecting' || this.#phase.socket !== socket) return;
    this.#phase = { kind: 'reached', endpoint, socket };
    this.connectMs = this.#host.clock.elapsed() - this.#attemptedAtMs;
    this.#passage.pool.reported(endpoint, 'answered');
    this.#events.reached(socket);
  }

  #notConnected(socket: Socket, error: HoldfastError): void {
    if (this.#phase.kind !== 'connecting' || this.#phase.socket !== socket) return;
    const { endpoint } = this.#phase;
    this.#passage.pool.reported(endpoint, 'connect-failed');
    if (this.attempts < ATTEMPTS_MAX) this.#failOver(endpoint);
    else this.#fail(error);
  }

  #failOver(failed: Endpoint): void {
    const { affinity } = this.#passage;
    const { name, clock, log } = this.#host;
    this.#release(failed);
    this.#phase = { kind: 'placing' };
    log.debug({ listener: name, endpoint: failed.id }, 'failing over');
    affinity.failover(this.#claim, this.resolution as Resolution, 'connect-failed', clock.now()).then(
      (resolution) => this.#place(resolution),
      (error) => this.#fail(HoldfastError.from(error)),
    );
  }

  #fail(error: HoldfastError): void {
    if (this.#phase.kind === 'over') return;
    this.leave();
    this.#events.failed(error);
  }

  #release(endpoint: Endpoint): void {
    endpoint.inFlight--;
    if (endpoint.waiting > 0) this.#passage.queues.leave(endpoint, this);
  }
}
