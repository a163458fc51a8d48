import { systemClock } from '@holdfast/shared';
import { request } from 'undici';
import { beforeAll, expect } from 'vitest';
import type { HoldfastNode, ReloadAnswer } from '../support/holdfast-node.ts';
import type { ClientRequest, ClientResponse, HttpClient } from '../support/http-client.ts';
import type { JsonLine } from '../support/json-line.ts';
import type { ConfigPart, NodeWishes } from '../support/node-config.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';

/** An answer through a node, with what HAProxy would log of the cookie. */
export interface Answer {
  readonly response: ClientResponse;
  readonly status: number;
  /** `s1` and so on: the label of the endpoint that answered. */
  readonly from: string | undefined;
  readonly setCookies: readonly string[];
  readonly flags: string | undefined;
  /** Names the request in the access log. */
  readonly id: string;
}

type Label = 's1' | 's2' | 's3';

/** A pool of a test. */
export interface Backend {
  readonly affinity: ConfigPart;
  /** Its endpoints, or the labels of those of the stage. Default: `s1` and `s2`. */
  readonly endpoints?: readonly (Label | ConfigPart)[];
  readonly balance?: unknown;
  readonly outlierDetection?: ConfigPart;
}

type Backends = Readonly<Record<string, Backend>>;

export const haproxy = (values: ConfigPart): ConfigPart => ({ profile: 'haproxy', ...values });
export const cookie = (line: string, values: ConfigPart = {}): Backend => ({
  affinity: haproxy({ cookie: line, ...values }),
});

/** Nodes with a pool for each backend of a test, which the host of a request chooses, on endpoints `s1`, `s2` and `s3`. */
export class HaproxyWorld {
  readonly #stage = useStage('file');
  readonly #backends: Backends;
  #storeUrl = '';
  #clients: readonly HttpClient[] = [];
  #asked = 0;

  constructor(backends: Backends) {
    this.#backends = backends;
    beforeAll(async () => {
      const stage = this.#stage();
      await stage.startEndpoints(3);
      this.#storeUrl = (await stage.startRedis()).url;
      await stage.startNodes(2, this.#wishes());
      this.#clients = stage.clients();
    });
  }

  /** For files of a test. */
  get dir(): string {
    return this.#stage().dir;
  }

  get nodes(): readonly HoldfastNode[] {
    return this.#stage().nodes;
  }

  /** Has the nodes go by these backends in place of those of their names, and answers with what the first says of it. */
  async reload(others: Backends = {}): Promise<ReloadAnswer> {
    const [first] = await Promise.all(this.nodes.map((node) => node.reload(this.#wishes(others))));
    return first as ReloadAnswer;
  }

  /** Does something while some backends are others. */
  async reconfigured(others: Backends, work: () => Promise<void>): Promise<void> {
    expect(await this.reload(others)).toMatchObject({ outcome: 'applied' });
    try {
      await work();
    } finally {
      await this.reload();
    }
  }

  /** Does something while `s3` is dead, and waits until a backend takes it for serving again. */
  async killed(backend: string, work: () => Promise<void>): Promise<void> {
    await this.endpoint('s3').kill();
    try {
      await work();
    } finally {
      await this.endpoint('s3').start();
      for (const node of [0, 1]) await this.standing(backend, 's3', 'serving', node);
    }
  }

  /** Has an endpoint drain on all nodes while something is done, as an operator would. */
  async drained(backend: string, label: string, work: () => Promise<void>): Promise<void> {
    const url = `${this.nodes[0]?.adminOrigin}/endpoints/${backend}/${label}/drain`;
    const headers = { 'content-type': 'application/json' };
    const begun = await request(url, { method: 'PUT', headers, body: '{}', reset: true });
    expect([begun.statusCode, await begun.body.text()]).toEqual([200, expect.any(String)]);
    try {
      await work();
    } finally {
      await (await request(url, { method: 'DELETE', reset: true })).body.dump();
    }
  }

  #wishes(others: Backends = {}): NodeWishes {
    const backends = Object.entries({ ...this.#backends, ...others });
    const routes = backends.map(([name]) => ({ match: { host: `${name}.test` }, pool: name }));
    const pools = backends.map(([name, { endpoints = ['s1', 's2'], outlierDetection, ...backend }]) => ({
      name,
      endpoints: endpoints.map((server) =>
        typeof server === 'string' ? this.server(server as Label) : server,
      ),
      outlierDetection: { ejectionTime: '200ms', ...outlierDetection },
      ...backend,
    }));
    return {
      endpoints: [],
      storeUrl: this.#storeUrl,
      listener: { pool: undefined, routes, trustedProxies: ['127.0.0.1'] },
      top: { pools },
    };
  }

  /** An endpoint of the stage, with its label. */
  server(label: Label, changes: ConfigPart = {}): ConfigPart {
    const { url } = this.endpoint(label);
    return { id: label, url, label, ...changes };
  }

  endpoint(label: string) {
    const endpoint = this.#stage().endpoints[Number(label.slice(1)) - 1];
    if (endpoint === undefined) throw new RangeError(`no endpoint ${label}`);
    return endpoint;
  }

  /** One request to a backend, with a `Cookie` field where it is given. */
  async ask(backend: string, cookies?: string, wanted: ClientRequest = {}, node = 0): Promise<Answer> {
    const id = `request-${++this.#asked}`;
    const headers = {
      host: `${backend}.test`,
      'x-request-id': id,
      ...(cookies !== undefined && { cookie: cookies }),
      ...wanted.headers,
    };
    const response = await (this.#clients[node] as HttpClient).send({ ...wanted, headers });
    return {
      id,
      response,
      status: response.status,
      from: response.headers['x-served-by']?.replace('shop-', 's'),
      setCookies: response.setCookies,
      flags: /flags=(..)/.exec(response.headers['holdfast-outcome'] ?? '')?.[1],
    };
  }

  /** What the first node has logged of requests, as soon as it has. */
  async logged(answers: readonly Answer[]): Promise<readonly JsonLine[]> {
    return Promise.all(
      answers.map(({ id }) =>
        until(`${id} is logged`, () =>
          this.nodes.flatMap(({ accessLog }) => accessLog).find(({ request_id }) => request_id === id),
        ),
      ),
    );
  }

  /** The endpoints that answer so many requests without a cookie. */
  async places(backend: string, count = 6): Promise<ReadonlySet<string | undefined>> {
    const places = new Set<string | undefined>();
    for (let asked = 0; asked < count; asked++) places.add((await this.ask(backend)).from);
    return places;
  }

  /** Waits until a node takes an endpoint of a backend for down, or for serving. */
  async standing(
    backend: string,
    label: string,
    wanted: 'down' | 'draining' | 'serving',
    node = 0,
  ): Promise<void> {
    await until(`${backend}/${label} is ${wanted}`, async () => {
      const { pools } = (await this.nodes[node]?.status()) ?? { pools: [] };
      const endpoints = pools.flatMap(({ endpoints }) => endpoints);
      return endpoints.some(({ id, standing }) => id === `${backend}/${label}` && standing === wanted);
    });
  }
}

const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** A date as HAProxy writes it into cookies: units of four seconds, in five digits. */
export function dated(secondsAgo: number): string {
  const steps = Math.floor((systemClock.now() / 1_000 - secondsAgo) / 4);
  return [24, 18, 12, 6, 0].map((shift) => DIGITS[(steps >> shift) & 63]).join('');
}

/** A response of the endpoint with these headers. */
export const answering = (...headers: readonly string[]): ClientRequest => ({
  path: `/respond?${headers.map((header) => `header=${encodeURIComponent(header)}`).join('&')}`,
});
