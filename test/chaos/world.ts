import type { Random } from '@holdfast/shared';
import { type FaultyLink, openFaultyLink, type RedisProcess, redisCommand } from '@holdfast/store/testing';
import type { EndpointProcess } from '../support/endpoint-process.ts';
import type { Fact, History, Terms } from '../support/history/history.ts';
import type { HoldfastNode, StatusReport } from '../support/holdfast-node.ts';
import type { Sender } from '../support/http-client.ts';
import { testRandom } from '../support/seed.ts';
import type { Stage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { Crowd } from './crowd.ts';
import { instantMs } from './timeline.ts';
import { verdictsOf } from './verdicts.ts';
import { IDLE_TIMEOUT_MS, wishesFor } from './world-node.ts';

const NODES = 3;
const ENDPOINTS = 4;
const PATIENCE_MS = 30_000;

/** What a cluster promises that is configured as in {@link World}. */
const TERMS: Terms = {
  idleTimeoutMs: IDLE_TIMEOUT_MS,
  staleMsMax: 2_000,
  noticeMsMax: 3_000,
  drainKnownAfterMs: 1_000,
  clockSkewMsMax: 0,
};

export interface WorldOptions {
  /** Whether nodes reach endpoints by links as well. Default: false. */
  readonly isLinked?: boolean;
  /** Of the store. Default: what nodes have by default, which a machine with more to do than it can may exceed. */
  readonly commandTimeout?: string;
}

type WorldParts = Pick<
  World,
  'stage' | 'redis' | 'endpoints' | 'links' | 'endpointLinks' | 'nodes' | 'random'
>;

/**
 * Three nodes, each with a way of its own to one Redis, before four endpoints, with everything as it is by default: health checks,
 * deadlines, patience. Pool `shop` knows sessions by the proxy's cookie; below `/keyed`, pool `keyed` by a header of the client's.
 */
export class World {
  readonly stage: Stage;
  readonly redis: RedisProcess;
  readonly endpoints: readonly EndpointProcess[];
  /** The ways to Redis, in the order of the nodes. */
  readonly links: readonly FaultyLink[];
  /** The ways to the endpoints, in their order; none where nodes reach them directly. */
  readonly endpointLinks: readonly FaultyLink[];
  readonly nodes: readonly HoldfastNode[];
  /** One of each node, in their order; every answer says which node it is of, the proxy's own as well. */
  readonly clients: readonly Sender[];
  readonly random: Random;
  readonly #facts: Fact[] = [];
  #crowds = 0;

  /** @param title tells the seed of the world's chance from others; printed with it */
  static async open(stage: Stage, title: string, options: WorldOptions = {}): Promise<World> {
    const { isLinked = false, commandTimeout } = options;
    const redis = await stage.startRedis();
    const endpoints = await stage.startEndpoints(ENDPOINTS);
    const links = await Promise.all(Array.from({ length: NODES }, () => openFaultyLink(redis.port)));
    const endpointLinks = isLinked
      ? await Promise.all(endpoints.map(({ port }) => openFaultyLink(port)))
      : [];
    const addresses = isLinked
      ? endpoints.map(({ id }, index) => ({ id, url: `http://127.0.0.1:${endpointLinks[index]!.port}` }))
      : endpoints;
    const nodes = await Promise.all(
      links.map(({ port }) =>
        stage.startNode(wishesFor(addresses, `redis://127.0.0.1:${port}`, commandTimeout)),
      ),
    );
    const world = new World({
      stage,
      redis,
      endpoints,
      links,
      endpointLinks,
      nodes,
      random: testRandom(title),
    });
    await world.untilWhole();
    return world;
  }

  private constructor(parts: WorldParts) {
    this.stage = parts.stage;
    this.redis = parts.redis;
    this.endpoints = parts.endpoints;
    this.links = parts.links;
    this.endpointLinks = parts.endpointLinks;
    this.nodes = parts.nodes;
    this.random = parts.random;
    this.clients = this.nodes.map((node) => naming(node.name, this.stage.client(node)));
    for (const { name: node } of this.nodes)
      this.note({ kind: 'configured', node, endpoints: this.endpoints.map(({ id }) => id) });
  }

  /** A crowd before the nodes, whose names no other has. */
  crowd(): Crowd {
    return new Crowd(`crowd-${++this.#crowds}`, this.clients, this.random);
  }

  /** Writes down what has been brought about just now. */
  note(fact: Untimed<Fact>): void {
    this.#facts.push({ ...fact, atMs: instantMs() });
  }

  /** What has happened, as far as this crowd was concerned. */
  history({ seen }: Crowd): History {
    const visits = seen.map((visit) => ({ ...visit, reached: this.reachedBy(visit.id) }));
    const facts = [...this.#facts, ...this.nodes.flatMap(verdictsOf)].sort((a, b) => a.atMs - b.atMs);
    return { visits, facts, terms: TERMS };
  }

  /** The endpoints whose handler was given the request with that id, each as often as it was. */
  reachedBy(id: string): readonly string[] {
    return this.endpoints.flatMap((endpoint) => Array<string>(endpoint.timesSeen(id)).fill(endpoint.id));
  }

  async kill(endpoint: EndpointProcess): Promise<void> {
    this.note({ kind: 'endpoint-down', endpoint: endpoint.id });
    await endpoint.kill();
  }

  async revive(endpoint: EndpointProcess): Promise<void> {
    await endpoint.start();
    this.note({ kind: 'endpoint-up', endpoint: endpoint.id });
  }

  /** Waits until every node takes every endpoint for serving, and has the store and its news. */
  untilWhole(): Promise<void> {
    return this.#untilAll(
      'all is well',
      (status) => hasStore(status) && standingsIn(status).every(isServing),
    );
  }

  untilStoreIsThere(): Promise<void> {
    return this.#untilAll('the store and its news are there', hasStore);
  }

  /** Waits until every node takes the endpoint of pool `shop` for down, and they agree. */
  untilDown(endpoint: string): Promise<void> {
    return this.#untilAll(`${endpoint} is down`, (status) =>
      standingsIn(status).some(({ id, standing }) => id === `shop/${endpoint}` && standing === 'down'),
    );
  }

  async #untilAll(what: string, isSo: (status: StatusReport) => boolean): Promise<void> {
    for (const node of this.nodes)
      await until(`to ${node.name}, ${what}`, async () => isSo(await node.status()), PATIENCE_MS);
  }

  /** The connections on which nodes hear news, by the ports from which Redis sees them. */
  async newsPorts(): Promise<ReadonlySet<number>> {
    const list = String(await redisCommand(this.redis, 'CLIENT', 'LIST', 'TYPE', 'pubsub'));
    return new Set([...list.matchAll(/ addr=\S+:(\d+) /g)].map(([, port]) => Number(port)));
  }

  /** Ends what is not the stage's to end. */
  async close(): Promise<void> {
    await Promise.all([...this.links, ...this.endpointLinks].map((link) => link.close()));
  }
}

const hasStore = ({ store }: StatusReport): boolean => store.state === 'available' && store.invalidationsLive;

const standingsIn = ({ pools }: StatusReport) => pools.flatMap(({ endpoints }) => endpoints);

const isServing = ({ standing }: { readonly standing: string }): boolean => standing === 'serving';

const naming = (node: string, client: Sender): Sender => ({
  async send(request) {
    const response = await client.send(request);
    return { ...response, headers: { ...response.headers, 'holdfast-node': node } };
  },
});

type Untimed<T> = T extends unknown ? Omit<T, 'atMs'> : never;
