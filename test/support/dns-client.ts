import { setTimeout as pause } from 'node:timers/promises';
import { HoldfastError, type Random } from '@holdfast/shared';
import type { HoldfastNode } from './holdfast-node.ts';
import type { ClientRequest, ClientResponse, Sender } from './http-client.ts';
import { pick } from './seed.ts';
import { type BackgroundWork, inBackground } from './workers.ts';

/**
 * The nodes as clients find them by DNS: only ready ones are named, by records that are a little old, and a client
 * that cannot connect to one address takes the next. A request that has been sent is never sent again.
 */
export class DnsClient implements Sender {
  readonly #members: readonly { readonly node: HoldfastNode; readonly client: Sender }[];
  readonly #random: Random;
  readonly #resolver: BackgroundWork;
  #ready: readonly Sender[];

  constructor(nodes: readonly HoldfastNode[], clients: readonly Sender[], random: Random) {
    this.#members = nodes.map((node, index) => ({ node, client: clients[index] as Sender }));
    this.#random = random;
    this.#ready = clients;
    this.#resolver = inBackground(1, () => this.#resolve());
  }

  async send(request: ClientRequest = {}): Promise<ClientResponse> {
    let untried = this.#ready;
    for (;;) {
      if (untried.length === 0)
        throw new HoldfastError('UPSTREAM_NONE_AVAILABLE', 'connect: no node accepts');
      const client = pick(this.#random, untried);
      try {
        return await client.send(request);
      } catch (error) {
        if (!isRefused(error)) throw error;
        untried = untried.filter((other) => other !== client);
      }
    }
  }

  async close(): Promise<void> {
    await this.#resolver.stop();
  }

  async #resolve(): Promise<void> {
    const states = await Promise.all(this.#members.map(({ node }) => node.isReady()));
    this.#ready = this.#members.filter((_, index) => states[index]).map(({ client }) => client);
    await pause(LOOKUP_INTERVAL_MS);
  }
}

const LOOKUP_INTERVAL_MS = 50;

const isRefused = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ECONNREFUSED';
