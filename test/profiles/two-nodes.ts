import { beforeAll } from 'vitest';
import type { EndpointProcess } from '../support/endpoint-process.ts';
import type { HoldfastNode, ReloadAnswer } from '../support/holdfast-node.ts';
import type { ClientRequest, HttpClient } from '../support/http-client.ts';
import type { ConfigPart, EndpointAddress, NodeWishes } from '../support/node-config.ts';
import { reloadAll } from '../support/reloading.ts';
import { type Stage, useStage } from '../support/stage.ts';
import { type Visit, visit } from '../support/visitor.ts';

/** Where visits went, in their order. */
export const placesOf = (visits: readonly Visit[]): readonly (string | undefined)[] =>
  visits.map(({ servedBy }) => servedBy);

/** Two nodes with one Redis and three endpoints, for all tests of a file. Clients say which address they have. */
export class TwoNodes {
  readonly stage: () => Stage = useStage('file');
  #wishes: NodeWishes = { endpoints: [] };
  #clients: readonly HttpClient[] = [];

  /** @param pool by which the nodes go at first */
  constructor(pool: ConfigPart) {
    beforeAll(async () => {
      const endpoints = await this.stage().startEndpoints(3);
      this.#wishes = {
        endpoints: endpoints.map(({ id, url }) => ({ id, url })),
        storeUrl: (await this.stage().startRedis()).url,
        listener: { trustedProxies: ['127.0.0.1'] },
        pool,
      };
      this.#clients = this.stage().clients(await this.stage().startNodes(2, this.#wishes));
    });
  }

  get nodes(): readonly [HoldfastNode, HoldfastNode] {
    const [first, second] = this.stage().nodes;
    return [first as HoldfastNode, second as HoldfastNode];
  }

  get endpoints(): readonly EndpointProcess[] {
    return this.stage().endpoints;
  }

  /** What both nodes were told at first. */
  get wishes(): NodeWishes {
    return this.#wishes;
  }

  /** The endpoints as a configuration has them, with the labels `a`, `b` and `c`. */
  get labelled(): readonly (EndpointAddress & { readonly label: string })[] {
    return this.#wishes.endpoints.map((endpoint, index) => ({ ...endpoint, label: 'abc'.charAt(index) }));
  }

  /** A client of the first node. */
  get one(): HttpClient {
    return this.#clients[0] as HttpClient;
  }

  /** A client of the second node. */
  get two(): HttpClient {
    return this.#clients[1] as HttpClient;
  }

  endpointOf(id: string | undefined): EndpointProcess {
    return this.endpoints.find((endpoint) => endpoint.id === id) as EndpointProcess;
  }

  /** Has both nodes go by that pool. */
  configure(pool: ConfigPart, more: Partial<NodeWishes> = {}): Promise<ReloadAnswer> {
    return reloadAll(this.nodes, { ...this.#wishes, ...more, pool });
  }

  /** Visits to both nodes in turn, so many to each. */
  async visits(request: ClientRequest, times = 3): Promise<readonly Visit[]> {
    const found: Visit[] = [];
    for (let count = 0; count < times; count++)
      found.push(await visit(this.one, request), await visit(this.two, request));
    return found;
  }
}
