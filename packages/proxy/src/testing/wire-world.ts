import { type ErrorCode, Ticker } from '@holdfast/shared';
import { configSchema, type ListenerConfig } from '@holdfast/shared/config';
import { ManualClock } from '@holdfast/shared/testing';
import { eventually } from '@holdfast/store/testing';
import type { Exchange, ExchangeEvents } from '../exchange/exchange.ts';
import type { Refusal } from '../wire/refusal.ts';
import { WireListener } from '../wire/wire-listener.ts';
import { TestSocket } from './test-socket.ts';

/** An exchange as the test took it over, and what has happened to it. */
export class TakenExchange implements ExchangeEvents {
  readonly exchange: Exchange;
  readonly method: string;
  readonly target: string;
  body = '';
  pieces = 0;
  /** How often all that had arrived was told. */
  flushes = 0;
  trailers: readonly string[] | undefined;
  drains = 0;
  isClientGone = false;
  broken: { readonly code: ErrorCode; readonly status: number } | undefined;

  constructor(exchange: Exchange) {
    this.exchange = exchange;
    this.method = exchange.request.method;
    this.target = exchange.request.target;
    exchange.listen(this);
  }

  /** Whether the request has arrived to its end. */
  get isReceived(): boolean {
    return this.trailers !== undefined;
  }

  onRequestBody(chunk: Buffer): void {
    this.body += chunk.toString('latin1');
    this.pieces++;
  }

  onRequestFlush(): void {
    this.flushes++;
  }

  onRequestEnd(trailers: readonly string[]): void {
    this.trailers = trailers;
  }

  onResponseDrain(): void {
    this.drains++;
  }

  onClientGone(): void {
    this.isClientGone = true;
  }

  onRequestBroken(code: ErrorCode, status: number): string {
    this.isClientGone = true;
    this.broken = { code, status };
    return 'request-1';
  }

  /** Answers with this text, whose length is told. */
  answer(text = '', status = 200): void {
    this.exchange.respond({ status, reason: 'OK', lines: '', contentLength: text.length });
    if (text !== '') this.exchange.write(Buffer.from(text, 'latin1'));
    this.exchange.end([]);
  }
}

/** The settings of a listener as a configuration file gives them. */
export function listenerConfig(settings: object = {}): ListenerConfig {
  const config = configSchema.parse({
    listeners: [{ name: 'web', listen: '127.0.0.1:0', pool: 'shop', ...settings }],
    pools: [{ name: 'shop', endpoints: [{ url: 'http://10.0.0.1' }] }],
  });
  return config.listeners[0] as ListenerConfig;
}

/** A wire listener on a real socket, whose requests the test answers, and whose time the test moves. */
export class WireWorld {
  readonly clock = new ManualClock();
  readonly taken: TakenExchange[] = [];
  /** The requests that were refused before the test could take them. */
  readonly refusals: Refusal[] = [];
  readonly listener: WireListener;
  readonly #clients: TestSocket[] = [];
  #port = 0;
  #isFailing = false;

  private constructor(settings: object) {
    this.listener = new WireListener({
      config: listenerConfig(settings),
      handle: (exchange) => this.#take(exchange),
      refused: (refusal) => {
        this.refusals.push(refusal);
        return 'refused-1';
      },
      ticker: new Ticker(this.clock, 100),
      clock: this.clock,
    });
  }

  /** The next request meets a defect. */
  failOnNext(): void {
    this.#isFailing = true;
  }

  #take(exchange: Exchange): void {
    if (this.#isFailing) {
      this.#isFailing = false;
      throw new TypeError('a defect');
    }
    this.taken.push(new TakenExchange(exchange));
  }

  static async open(settings: object = {}): Promise<WireWorld> {
    const world = new WireWorld(settings);
    world.#port = (await world.listener.open()).port;
    return world;
  }

  async client(): Promise<TestSocket> {
    const client = await TestSocket.connect(this.#port);
    this.#clients.push(client);
    return client;
  }

  /** A client that has sent this. */
  async clientThatSends(text: string): Promise<TestSocket> {
    const client = await this.client();
    client.send(text);
    return client;
  }

  /** The exchange of that number, from 1, once it has been handed over. */
  async exchange(number: number): Promise<TakenExchange> {
    await eventually(`request ${number}`, () => this.taken.length >= number);
    return this.taken[number - 1] as TakenExchange;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.destroy();
    await this.listener.close(0);
  }
}
