import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Exchange } from '../exchange/exchange.ts';
import { listOf } from '../exchange/field-lines.ts';
import type { Peer } from '../exchange/peer.ts';
import { type Refusal, type RefusalReason, refusalFields, refusalOf, refusalText } from '../wire/refusal.ts';
import { NodeExchange, type NodeExchangeHost } from './node-exchange.ts';
import { readHttp1Head } from './node-http1-head.ts';
import { awaitTurn, turnOf } from './response-turn.ts';

/** What a connection needs of the listener that accepted it. */
export interface Http1Host {
  /** Whether clients are asked to use another connection for their next request. */
  readonly isLeaving: boolean;
  /** Takes a request over. */
  handle(exchange: Exchange): void;
  /** A request was refused before it was handed over. Answers with the id that the refusal carries. */
  refused(refusal: Refusal, peer: Peer): string;
}

/** One connection of a client on Node's HTTP/1.1 server: has each request answered before it takes the next. */
export class NodeHttp1Connection implements NodeExchangeHost {
  readonly peer: Peer;
  readonly #host: Http1Host;
  #exchange: NodeExchange | undefined;

  constructor(peer: Peer, host: Http1Host) {
    this.peer = peer;
    this.#host = host;
  }

  get isLeaving(): boolean {
    return this.#host.isLeaving;
  }

  /** Node has read a request. */
  received(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const turn = turnOf(outgoing);
    if (turn === 'now') this.#take(incoming, outgoing);
    else if (turn === 'later') void this.#takeInTurn(incoming, outgoing);
  }

  /** Tells the exchange that is on the connection that the client is gone. */
  ended(): void {
    this.#exchange?.clientGone();
  }

  async #takeInTurn(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    if (await awaitTurn(incoming, outgoing)) this.#take(incoming, outgoing);
  }

  #take(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const head = readHttp1Head(incoming);
    if (typeof head === 'string') return this.#refuse(outgoing, head);
    const exchange = new NodeExchange(incoming, outgoing, head, this);
    this.#exchange = exchange;
    outgoing.on('close', () => {
      if (this.#exchange === exchange) this.#exchange = undefined;
    });
    this.#handOver(exchange, outgoing);
  }

  /** A fault in handling one request must not reach the others. */
  #handOver(exchange: NodeExchange, outgoing: ServerResponse): void {
    try {
      this.#host.handle(exchange);
    } catch {
      if (outgoing.headersSent) exchange.abort();
      else this.#refuse(outgoing, 'internal');
    }
  }

  /** Answers and closes, so that nothing behind it gets its turn: nobody knows where the next request would begin. */
  #refuse(outgoing: ServerResponse, reason: RefusalReason): void {
    const refusal = refusalOf(reason);
    const requestId = this.#host.refused(refusal, this.peer);
    const text = refusalText(refusal, requestId);
    const fields = [...listOf(refusalFields(requestId)), 'Content-Length', String(text.length)];
    outgoing.writeHead(refusal.status, [...fields, 'Connection', 'close']).end(text);
  }
}
