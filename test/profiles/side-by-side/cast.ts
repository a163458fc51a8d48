import { HoldfastError } from '@holdfast/shared';
import { CookieJar } from '../../support/cookie-jar.ts';
import { type ClientRequest, HttpClient } from '../../support/http-client.ts';
import type { Visit } from '../../support/visitor.ts';

/** What tells one client from another, wherever a backend may look for it. */
export interface Identity {
  /** An address of this machine. Default: 127.0.0.1. */
  readonly address?: string;
  readonly request?: ClientRequest;
}

interface Client {
  readonly identity: Identity;
  readonly jar: CookieJar;
  place: string | undefined;
}

/** What a client has seen, beside where it was the time before. */
export interface Seen {
  readonly visit: Visit;
  /** `s1` and so on; undefined: no endpoint has answered. */
  readonly place: string | undefined;
  readonly before: string | undefined;
}

/** The clients of one backend of one proxy, each of whom plays the same part at the other proxy. */
export class Cast {
  readonly #origin: string;
  readonly #host: string;
  readonly #identityOf: (number: number) => Identity;
  readonly #clients = new Map<string, Client>();
  readonly #connections = new Map<string, HttpClient>();
  #born = 0;

  /** @param identityOf the client of that number. Default: clients differ in nothing but their cookies. */
  constructor(origin: string, host: string, identityOf: (number: number) => Identity = () => ({})) {
    this.#origin = origin;
    this.#host = host;
    this.#identityOf = identityOf;
  }

  /** One request of the client of that name, who is new if nobody has heard of it. */
  async ask(name: string, wanted: ClientRequest = {}): Promise<Seen> {
    const client = this.#clients.get(name) ?? this.#join(name);
    return this.#send(client, wanted);
  }

  /** A request of somebody who has never been here and never comes again. */
  stranger(wanted?: ClientRequest, identity = this.#identityOf(this.#nextNumber())): Promise<Seen> {
    return this.#send(newClient(identity), wanted);
  }

  /** Looks among new clients for one that is at that place after so many requests, and gives it the name. */
  async settle(
    name: string,
    place: string,
    { wanted, visits = 1 }: { readonly wanted?: ClientRequest | undefined; readonly visits?: number } = {},
  ): Promise<Seen> {
    for (let tries = 0; tries < TRIES_MAX; tries++) {
      this.#clients.delete(name);
      for (let count = 1; count < visits; count++) await this.ask(name, wanted);
      const seen = await this.ask(name, wanted);
      if (seen.place === place) return seen;
    }
    throw new HoldfastError('INTERNAL', `${this.#host}: none of ${TRIES_MAX} new clients came to ${place}`);
  }

  /** The cookies of a client, as the field of a request has them. */
  cookiesOf(name: string): string {
    const jar = this.#clients.get(name)?.jar;
    return jar === undefined ? '' : jar.names.map((cookie) => `${cookie}=${jar.valueOf(cookie)}`).join('; ');
  }

  async close(): Promise<void> {
    await Promise.all([...this.#connections.values()].map((connection) => connection.close()));
  }

  /** Clients of an address each have 255 of them; whoever comes after that is one that has been forgotten. */
  #nextNumber(): number {
    this.#born = (this.#born % 255) + 1;
    return this.#born;
  }

  #join(name: string): Client {
    const client = newClient(this.#identityOf(this.#nextNumber()));
    this.#clients.set(name, client);
    return client;
  }

  async #send(client: Client, wanted: ClientRequest = {}): Promise<Seen> {
    const { address = '127.0.0.1', request } = client.identity;
    const path = wanted.path ?? request?.path ?? '/echo';
    const headers = { host: this.#host, ...request?.headers, ...wanted.headers };
    const visit = await client.jar.visit(this.#connectionFrom(address), { ...wanted, path, headers });
    const place = visit.servedBy?.replace('shop-', 's');
    const before = client.place;
    client.place = place ?? before;
    return { visit, place, before };
  }

  #connectionFrom(address: string): HttpClient {
    const known = this.#connections.get(address);
    if (known !== undefined) return known;
    const connection = new HttpClient(this.#origin, 1, address);
    this.#connections.set(address, connection);
    return connection;
  }
}

const TRIES_MAX = 60;

const newClient = (identity: Identity): Client => ({ identity, jar: new CookieJar(), place: undefined });
