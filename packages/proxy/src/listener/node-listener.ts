import { createServer, type IncomingMessage, type Server } from 'node:http';
import { Server as NetServer } from 'node:net';
import { type Clock, sleep } from '@holdfast/shared';
import type { ListenAddress, ListenerConfig } from '@holdfast/shared/config';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { canonicalAddress } from '../exchange/peer.ts';
import { unforwardedRecord } from '../forward/unforwarded-record.ts';
import { createProxyApp, type ProxyAppOptions } from '../route/proxy-app.ts';
import { listenOn } from './listen-on.ts';
import type { Listener } from './listener.ts';
import { MalformedRequest, NodeExchange } from './node-exchange.ts';

export type NodeListenerOptions = Omit<ProxyAppOptions, 'alreadySent' | 'routes'> & {
  readonly config: ListenerConfig;
  readonly clock: Clock;
};

const HEADER_BYTES_MAX = 16 * 1024;
const HEADER_LINES_MAX = 100;
/** How long connections without a request are kept once the listener has closed, in case a request is on its way. */
const LINGER_MS = 500;

/** A listener on Node's HTTP server, with the Hono app on @hono/node-server. */
export class NodeListener implements Listener {
  readonly name: string;
  readonly #server: Server;
  readonly #config: ListenerConfig;
  readonly #clock: Clock;
  #openConnections = 0;
  #isLeaving = false;

  constructor(options: NodeListenerOptions) {
    const { config } = options;
    this.name = config.name;
    this.#config = config;
    this.#clock = options.clock;
    const app = createProxyApp({ ...options, routes: config.routes, alreadySent: RESPONSE_ALREADY_SENT });
    const fetch = (request: Request, { incoming, outgoing }: HttpBindings): Response | Promise<Response> => {
      try {
        return app.fetch(request, { exchange: new NodeExchange(incoming, outgoing, this.#isLeaving) });
      } catch (error) {
        if (error instanceof MalformedRequest) return refusal(options, incoming);
        throw error;
      }
    };
    const listener = getRequestListener(fetch as Parameters<typeof getRequestListener>[0], {
      overrideGlobalObjects: false,
      // The forwarding reads or refuses every body by itself.
      autoCleanupIncoming: false,
    });
    this.#server = createServer(
      {
        maxHeaderSize: HEADER_BYTES_MAX,
        headersTimeout: config.timeouts.header,
        requestTimeout: 0,
        keepAliveTimeout: config.timeouts.idle,
        connectionsCheckingInterval: 1_000,
        noDelay: true,
      },
      listener,
    );
    this.#server.maxHeadersCount = HEADER_LINES_MAX;
    this.#server.maxConnections = config.limits.connections;
    this.#server.on('connection', (socket) => {
      this.#openConnections++;
      socket.once('close', () => this.#openConnections--);
    });
  }

  get openConnections(): number {
    return this.#openConnections;
  }

  open(): Promise<ListenAddress> {
    return listenOn(this.#server, this.#config.listen);
  }

  leave(): void {
    this.#isLeaving = true;
  }

  async close(deadlineMs: number): Promise<void> {
    this.leave();
    // Node's own close would also end connections on which a request may be arriving this moment.
    const closed = new Promise<void>(
      (resolve) => void NetServer.prototype.close.call(this.#server, () => resolve()),
    );
    const startedAtMs = this.#clock.elapsed();
    await Promise.race([closed, sleep(this.#clock, Math.min(LINGER_MS, deadlineMs))]);
    this.#server.closeIdleConnections();
    const idleSweep = setIntervalOn(this.#clock, 50, () => this.#server.closeIdleConnections());
    await Promise.race([closed, sleep(this.#clock, deadlineMs - (this.#clock.elapsed() - startedAtMs))]);
    idleSweep();
    this.abort();
    await closed;
  }

  abort(): void {
    this.#server.closeAllConnections();
  }
}

/** Calls `tick` every `everyMs` until the answer is called. */
function setIntervalOn(clock: Clock, everyMs: number, tick: () => void): () => void {
  let isOver = false;
  const plan = (): void => {
    clock.after(everyMs, () => {
      if (isOver) return;
      tick();
      plan();
    });
  };
  plan();
  return () => {
    isOver = true;
  };
}

/** Answers and records a request whose head Node lets pass and the codec does not. */
function refusal(
  { listener, newRequestId, recorder }: NodeListenerOptions,
  incoming: IncomingMessage,
): Response {
  const requestId = newRequestId();
  const clientAddress = canonicalAddress(incoming.socket.remoteAddress ?? '');
  const known = { listener: listener.name, clientAddress, requestId, status: 400 };
  recorder.requestFinished(unforwardedRecord({ ...known, error: 'DOWNSTREAM_BAD_REQUEST' }));
  const body = `400 Bad Request\ncode: DOWNSTREAM_BAD_REQUEST\nrequest: ${requestId}\n`;
  return new Response(body, { status: 400, headers: { 'x-request-id': requestId, connection: 'close' } });
}
