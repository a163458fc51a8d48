import { beforeAll } from 'vitest';
import type { CookieJar } from '../support/cookie-jar.ts';
import type { EndpointProcess } from '../support/endpoint-process.ts';
import type { HoldfastNode, ReloadAnswer } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import type { ConfigPart, EndpointAddress, NodeWishes } from '../support/node-config.ts';
import { untilServing } from '../support/reloading.ts';
import { type Stage, useStage } from '../support/stage.ts';
import type { Visit } from '../support/visitor.ts';

/** A path at which an endpoint sets the cookies of these lines. */
export const setting = (...lines: readonly string[]): string =>
  `/respond?${lines.map((line) => `header=${encodeURIComponent(`Set-Cookie: ${line}`)}`).join('&')}`;

/** Where the visits went, each place named once. */
export const distinctPlaces = (visits: readonly Visit[]): readonly (string | undefined)[] => [
  ...new Set(visits.map(({ servedBy }) => servedBy)),
];

/** A load balancer of two nodes with one Redis, three application servers behind it, and policies that come and go. */
export class ElbWorld {
  readonly #stage: Stage;
  readonly redisUrl: string;
  readonly nodes: readonly HoldfastNode[];
  readonly clients: readonly [HttpClient, HttpClient];
  readonly #wishes: NodeWishes;

  static async open(stage: Stage): Promise<ElbWorld> {
    const redis = await stage.startRedis();
    const endpoints = await stage.startEndpoints(3);
    const wishes = {
      endpoints: endpoints.map(({ id, url }) => ({ id, url })),
      storeUrl: redis.url,
      pool: { affinity: { type: 'none' } },
    };
    return new ElbWorld(stage, redis.url, await stage.startNodes(2, wishes), wishes);
  }

  private constructor(stage: Stage, redisUrl: string, nodes: readonly HoldfastNode[], wishes: NodeWishes) {
    this.#stage = stage;
    this.redisUrl = redisUrl;
    this.nodes = nodes;
    this.clients = stage.clients(nodes) as readonly [HttpClient, HttpClient];
    this.#wishes = wishes;
  }

  /** Has every node go by an affinity, by a reload; answers with what the first says of it. */
  async configure(affinity: ConfigPart, more: Partial<NodeWishes> = {}): Promise<ReloadAnswer> {
    const wishes = { ...this.#wishes, ...more, pool: { healthCheck: HEALTH_CHECK, affinity, ...more.pool } };
    const [answer] = await Promise.all(this.nodes.map((node) => node.reload(wishes)));
    return answer as ReloadAnswer;
  }

  /** What is said against an affinity, below that of its pool. */
  async refusal(affinity: ConfigPart, more?: Partial<NodeWishes>): Promise<string> {
    const { outcome, problems = [] } = await this.configure(affinity, more);
    return [outcome, ...problems.map((problem) => problem.replace(/^\S+ pools\[0\]\.affinity\./, ''))].join(
      '\n',
    );
  }

  /** Where each of the nodes sends a client, three times. */
  async tour(jar: CookieJar, path?: string): Promise<readonly Visit[]> {
    const visits: Visit[] = [];
    for (let count = 0; count < 3; count++)
      for (const client of this.clients) visits.push(await jar.visit(client, path));
    return visits;
  }

  /** The application servers, as a configuration names them. */
  get addresses(): readonly EndpointAddress[] {
    return this.#wishes.endpoints;
  }

  async kill(id: string | undefined): Promise<void> {
    await this.#endpoint(id).kill();
  }

  /** Starts an endpoint that was killed, and waits until every node sends requests there again. */
  async restart(id: string | undefined): Promise<void> {
    await this.#endpoint(id).start();
    await untilServing(this.nodes, id as string);
  }

  #endpoint(id: string | undefined): EndpointProcess {
    return this.#stage.endpoints.find((endpoint) => endpoint.id === id) as EndpointProcess;
  }
}

const HEALTH_CHECK = {
  path: '/healthz',
  interval: '100ms',
  timeout: '5s',
  healthyAfter: 1,
  unhealthyAfter: 3,
};

/** One load balancer for all tests of a file. */
export function useElb(): () => ElbWorld {
  const stage = useStage('file');
  let world: ElbWorld;
  beforeAll(async () => {
    world = await ElbWorld.open(stage());
  });
  return () => world;
}
