import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RedisProcess, startRedis } from '@holdfast/store/testing';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Child } from './child.ts';
import { EndpointProcess } from './endpoint-process.ts';
import { HoldfastNode } from './holdfast-node.ts';
import { HttpClient } from './http-client.ts';
import type { NodeWishes } from './node-config.ts';
import { type RawAnswer, RawEndpoint } from './raw-endpoint.ts';

/** How many last lines of each process are told when a test fails. */
const LINES_TOLD = 25;

/** Everything that a test starts: ended by it, and heard when something went wrong. */
export class Stage {
  readonly dir: string;
  readonly nodes: HoldfastNode[] = [];
  readonly endpoints: EndpointProcess[] = [];
  readonly #clients: HttpClient[] = [];
  readonly #redises: RedisProcess[] = [];
  readonly #rawEndpoints: RawEndpoint[] = [];
  #nodesNamed = 0;
  #endpointsNamed = 0;

  constructor(dir: string) {
    this.dir = dir;
  }

  static async open(): Promise<Stage> {
    return new Stage(await mkdtemp(join(tmpdir(), 'holdfast-test-')));
  }

  /** Endpoints `shop-1`, `shop-2` and so on. */
  async startEndpoints(count: number): Promise<readonly EndpointProcess[]> {
    const created = await Promise.all(
      Array.from({ length: count }, () => EndpointProcess.create(`shop-${++this.#endpointsNamed}`)),
    );
    this.endpoints.push(...created);
    return Promise.all(created.map((endpoint) => endpoint.start()));
  }

  /** An endpoint of bare sockets, in this process; nodes that start later have it. */
  async startRawEndpoint(answer: RawAnswer): Promise<RawEndpoint> {
    const endpoint = await RawEndpoint.start(`shop-${++this.#endpointsNamed}`, answer);
    this.#rawEndpoints.push(endpoint);
    return endpoint;
  }

  /** Nodes `node-1`, `node-2` and so on, all of the same wishes; by default with all endpoints of the stage. */
  async startNodes(count: number, wishes: Partial<NodeWishes> = {}): Promise<readonly HoldfastNode[]> {
    const endpoints = [...this.endpoints, ...this.#rawEndpoints].map(({ id, url }) => ({ id, url }));
    const full = { endpoints, ...wishes };
    const created = await Promise.all(
      Array.from({ length: count }, () => HoldfastNode.create(`node-${++this.#nodesNamed}`, this.dir, full)),
    );
    this.nodes.push(...created);
    return Promise.all(created.map((node) => node.start()));
  }

  async startNode(wishes: Partial<NodeWishes> = {}): Promise<HoldfastNode> {
    const [node] = await this.startNodes(1, wishes);
    return node as HoldfastNode;
  }

  async startRedis(): Promise<RedisProcess> {
    const redis = await startRedis();
    this.#redises.push(redis);
    return redis;
  }

  /** The URL of a new session map in a file that all nodes of the stage may share. */
  sqliteUrl(): string {
    return `sqlite:${join(this.dir, 'sessions.db')}`;
  }

  /** A client of a node, or of any other origin. */
  client(of: HoldfastNode | string, connections?: number): HttpClient {
    const client = new HttpClient(typeof of === 'string' ? of : of.origin, connections);
    this.#clients.push(client);
    return client;
  }

  /** A client of each node, in the order of the nodes. */
  clients(nodes: readonly HoldfastNode[] = this.nodes): readonly HttpClient[] {
    return nodes.map((node) => this.client(node));
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
    await Promise.all(this.#children().map((child) => child.end()));
    await Promise.all(this.#rawEndpoints.map((endpoint) => endpoint.close()));
    await Promise.all(this.#redises.map((redis) => redis.stop()));
    await rm(this.dir, { recursive: true, force: true });
  }

  /** The last words of every process, for the reader of a failed test. */
  lastWords(): string {
    return this.#children()
      .filter(({ lines }) => lines.length > 0)
      .map(({ name, pid, lines }) => [`${name} (pid ${pid}):`, ...lines.slice(-LINES_TOLD)].join('\n  '))
      .join('\n');
  }

  #children(): readonly Child[] {
    return [...this.nodes, ...this.endpoints]
      .filter(({ hasStarted }) => hasStarted)
      .map(({ child }) => child);
  }
}

/**
 * A stage for each test, or one for all tests of the file. What its processes last said is written to standard error
 * when a test fails.
 */
export function useStage(per: 'test' | 'file' = 'test'): () => Stage {
  let stage: Stage;
  const open = async (): Promise<void> => {
    stage = await Stage.open();
  };
  const close = (): Promise<void> => stage.close();
  if (per === 'file') {
    beforeAll(open);
    afterAll(close);
  } else {
    beforeEach(open);
    afterEach(close);
  }
  afterEach(({ task }) => {
    if (task.result?.state === 'fail') process.stderr.write(`\n${task.name}:\n${stage.lastWords()}\n`);
  });
  return () => stage;
}
