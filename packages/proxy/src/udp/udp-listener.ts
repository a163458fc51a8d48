import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { type Clock, type Logger, sleep, type Ticker, type Ticking } from '@holdfast/shared';
import type { ListenAddress, ListenerConfig } from '@holdfast/shared/config';
import { ClientConnections } from '../entrance/client-connections.ts';
import { canonicalAddress } from '../exchange/peer.ts';
import type { ConnectionRecorder } from '../layer4/connection-record.ts';
import type { Passage } from '../layer4/passage.ts';
import type { Listener } from '../listener/listener.ts';
import type { TransportAddress } from '../proxy-protocol/proxy-header.ts';
import type { Tracer } from '../tracing/tracer.ts';
import { type FlowHost, UdpFlow } from './udp-flow.ts';

/** What a udp listener does with its clients. All of it may be replaced while it listens. */
export interface UdpListenerSettings {
  readonly config: ListenerConfig;
  readonly passage: Passage;
}

export interface UdpListenerOptions extends UdpListenerSettings {
  readonly ticker: Ticker;
  readonly clock: Clock;
  readonly recorder: ConnectionRecorder;
  readonly log: Logger;
  /** Default: nothing is traced. */
  readonly tracer?: Tracer | undefined;
}

/** How long a listener that closes waits for answers that are on their way. */
const LINGER_MS = 500;
const SWEEP_MS = 50;

/** A listener that carries datagrams, and the table of their flows: one for each address and port of a client. */
export class UdpListener implements Listener, FlowHost, Ticking {
  readonly ticker: Ticker;
  readonly clock: Clock;
  readonly log: Logger;
  readonly recorder: ConnectionRecorder;
  readonly tracer: Tracer | undefined;
  readonly #socket: Socket;
  /** In the order in which they were last heard of, to within a tick. */
  readonly #flows = new Map<string, UdpFlow>();
  readonly #clients = new ClientConnections(Number.POSITIVE_INFINITY);
  #settings: UdpListenerSettings;
  #isLeaving = false;
  #isClosed = false;

  constructor(options: UdpListenerOptions) {
    this.ticker = options.ticker;
    this.clock = options.clock;
    this.log = options.log;
    this.recorder = options.recorder;
    this.tracer = options.tracer;
    this.#settings = options;
    this.#socket = createSocket(isIPv6(options.config.listen.host) ? 'udp6' : 'udp4');
    this.reconfigure(options);
  }

  get name(): string {
    return this.#settings.config.name;
  }

  get idleTimeoutMs(): number {
    return this.#settings.config.timeouts.idle;
  }

  /** Flows, as that is what takes the place of connections here. */
  get openConnections(): number {
    return this.#flows.size;
  }

  open(): Promise<ListenAddress> {
    const { host, port } = this.#settings.config.listen;
    return new Promise((resolve, reject) => {
      this.#socket.once('error', reject);
      this.#socket.bind({ address: host, port }, () => {
        this.#socket.off('error', reject);
        this.#socket.on('error', ({ message }) => this.log.warn({ listener: this.name }, message));
        this.#socket.on('message', (datagram, from) => this.#received(datagram, from));
        this.ticker.add(this);
        resolve({ host, port: this.#socket.address().port });
      });
    });
  }

  /** Flows that are there stay where they are. */
  reconfigure(settings: UdpListenerSettings): void {
    this.#settings = settings;
    this.#clients.perClientMax = settings.config.limits.connectionsPerClient ?? Number.POSITIVE_INFINITY;
  }

  /** There is no word of UDP by which clients are asked to come back elsewhere. */
  leave(): void {}

  async close(deadlineMs: number, lingerMs = LINGER_MS): Promise<void> {
    this.#isLeaving = true;
    const startedAtMs = this.clock.elapsed();
    const passedMs = (): number => this.clock.elapsed() - startedAtMs;
    const isAwaited = (): boolean => [...this.#flows.values()].some((flow) => flow.isAwaited);
    while (isAwaited() && passedMs() < Math.min(deadlineMs, lingerMs)) await sleep(this.clock, SWEEP_MS);
    this.abort();
  }

  abort(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.ticker.remove(this);
    for (const flow of [...this.#flows.values()]) flow.finish('shutdown');
    this.#socket.close();
  }

  tick(now: number): void {
    for (const flow of this.#flows.values()) flow.tick(now);
  }

  reply(datagram: Buffer, { address, port }: TransportAddress): void {
    if (!this.#isClosed) this.#socket.send(datagram, port, address, ignoreFailure);
  }

  removed(flow: UdpFlow): void {
    this.#flows.delete(keyOf(flow.client));
    this.#clients.leave(flow.clientAddress);
  }

  #received(datagram: Buffer, from: RemoteInfo): void {
    const client = { address: from.address, port: from.port };
    const key = keyOf(client);
    const flow = this.#flows.get(key) ?? this.#begin(key, client);
    if (flow?.take(datagram) !== true) return;
    this.#flows.delete(key);
    this.#flows.set(key, flow);
  }

  /** Undefined where the client is not to have another flow: its datagram is lost. */
  #begin(key: string, client: TransportAddress): UdpFlow | undefined {
    const { config, passage } = this.#settings;
    if (this.#isLeaving || !this.#clients.enter(canonicalAddress(client.address))) return undefined;
    if (this.#flows.size >= config.limits.connections) this.#evict();
    const flow = new UdpFlow(client, passage, this);
    this.#flows.set(key, flow);
    flow.begin();
    return flow;
  }

  #evict(): void {
    const [silentLongest] = this.#flows.values();
    silentLongest?.finish('evicted');
  }
}

const keyOf = ({ address, port }: TransportAddress): string => `${address} ${port}`;

const ignoreFailure = (): void => {};
