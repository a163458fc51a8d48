import { endpointOfPin, type SessionKey } from '@holdfast/shared';
import { seededRandom } from '@holdfast/shared/testing';
import { CookieSeal, endpointTagOf } from '../../packages/proxy/src/affinity/cookie-seal.ts';
import type { RequestRecord } from '../../packages/proxy/src/forward/request-record.ts';
import type { TestRequest } from '../../packages/proxy/src/testing/test-exchange.ts';
import type { History, PinSeen, Terms } from '../support/history/history.ts';
import { Chronicle } from './chronicle.ts';
import { Dice } from './dice.ts';
import { SimClient } from './sim-client.ts';
import { SimClock } from './sim-clock.ts';
import { SimEndpoint } from './sim-endpoint.ts';
import { SimExchange } from './sim-exchange.ts';
import { CLUSTER, POOL, SimNode } from './sim-node.ts';
import { SimRedis } from './sim-redis.ts';
import { COOKIE_NAME, type SimSettings, SKEW_MS_MAX, someSettings } from './sim-settings.ts';
import { LinkState } from './store-link.ts';
import type { Variant } from './variant.ts';

/** What nobody of the cluster has. */
export const FORGERS_SECRET = 'the secret of somebody else';
const FORGED_VERSION = 1_000;

/** A cluster with its clients, its endpoints and its Redis, all of them simulated, of one seed. */
export class SimWorld {
  readonly clock = new SimClock();
  readonly dice: Dice;
  readonly settings: SimSettings;
  readonly chronicle: Chronicle;
  readonly redis: SimRedis;
  readonly endpoints = new Map<string, SimEndpoint>();
  readonly nodes: SimNode[] = [];
  readonly links: readonly LinkState[];
  readonly clients: SimClient[] = [];
  /** The endpoints that all nodes are to go by, in the end. */
  configured: readonly string[];
  readonly #variant: Variant;
  readonly #cuts = new Map<string, number>();
  readonly #reached = new Map<string, string[]>();
  /** What the history calls the sessions that have a key of the session map. */
  readonly #sessions = new Map<SessionKey, string>();
  #visits = 0;

  constructor(seed: number, variant: Variant, settings: Partial<SimSettings> = {}) {
    this.dice = new Dice(seededRandom(seed));
    this.settings = { ...someSettings(this.dice), ...settings };
    this.#variant = variant;
    this.chronicle = new Chronicle(this.clock);
    this.redis = new SimRedis(this.clock, this.dice, variant.redis ?? ((store) => store));
    this.configured = this.settings.endpoints;
    for (const id of this.configured) this.endpoints.set(id, new SimEndpoint(id));
    this.links = this.settings.nodes.map(() => new LinkState());
    for (const number of this.settings.nodes.keys()) this.nodes.push(this.#openNode(number));
    for (let count = 0; count < this.settings.cookieClients; count++) this.welcome('cookie');
    for (let count = 0; count < this.settings.keyClients; count++) this.welcome('key');
  }

  get history(): History {
    const { visits, facts } = this.chronicle;
    return { visits, facts, terms: this.#terms, pins: this.#pins };
  }

  /** Somebody comes who has not been there before. A name is a key as well, and says where hashing sends it. */
  welcome(by: SimClient['by']): SimClient {
    const client = new SimClient(`${by}-${this.dice.random.bytes(4).toString('hex')}`, by);
    this.clients.push(client);
    return client;
  }

  /** Has a node start again that has ended. */
  restart(number: number): void {
    this.nodes[number] = this.#openNode(number);
    this.chronicle.tell({ kind: 'node-started', node: this.settings.nodes[number] as string });
  }

  /** Has a node not reach an endpoint, until the answer is called. */
  cut(node: string, endpoint: string): () => void {
    const name = `${node} ${endpoint}`;
    this.#cuts.set(name, (this.#cuts.get(name) ?? 0) + 1);
    const isOver = this.chronicle.trouble(
      { kind: 'cut-off', node, endpoint },
      { kind: 'reached-again', node, endpoint },
    );
    return () => {
      this.#cuts.set(name, (this.#cuts.get(name) ?? 1) - 1);
      isOver();
    };
  }

  /** A client asks a node. */
  visit(client: SimClient, node: SimNode, method = 'GET'): Promise<void> {
    const { jar } = client;
    const request = client.request(method, this.dice.isLucky(0.5));
    return this.#visit(node, method, request, (exchange, record) => {
      const pin = record?.resolution?.session?.pin;
      const session = this.#sessionOf(client, record);
      const value = exchange.cookie(COOKIE_NAME);
      if (value !== undefined) client.jar = { value, session, version: pin?.version };
      return { client: client.name, by: client.by, session, broughtVersion: jar?.version };
    });
  }

  /** Somebody asks a node with a cookie that names a session and an endpoint at will. */
  forge(node: SimNode): Promise<void> {
    const scope = { cluster: CLUSTER, pool: POOL, cookieName: COOKIE_NAME };
    const { random } = this.dice;
    const endpoint = this.dice.pick(node.pool.endpoints);
    const nowMs = node.clock.now();
    const value = new CookieSeal([FORGERS_SECRET], scope, random).seal({
      sessionId: random.bytes(16),
      endpointTag: endpointTagOf(endpoint.id),
      version: FORGED_VERSION,
      startedAtMs: nowMs,
      issuedAtMs: nowMs,
    });
    return this.#visit(node, 'GET', { fields: ['Cookie', `${COOKIE_NAME}=${value}`] }, () => FORGER);
  }

  async #visit(
    node: SimNode,
    method: string,
    request: TestRequest,
    tell: (exchange: SimExchange, record: RequestRecord | undefined) => VisitOwner,
  ): Promise<void> {
    const id = `visit-${++this.#visits}`;
    const exchange = new SimExchange({ ...request, method });
    const beganAtMs = this.clock.nowMs;
    const view = node.view;
    const record = await Promise.race([node.receive(id, exchange), node.ended]);
    exchange.isCutOff = record === undefined;
    const resolution = record?.resolution;
    this.chronicle.visits.push({
      id,
      ...tell(exchange, record),
      ...{ method, node: node.name, beganAtMs, endedAtMs: this.clock.nowMs },
      reached: this.#reached.get(id) ?? [],
      servedBy: exchange.servedBy,
      status: exchange.status,
      error: record?.error,
      outcome: resolution?.outcome,
      tier: resolution?.tier,
      version: resolution?.session?.pin?.version,
      view: node.view === view ? view : undefined,
      attempts: record?.attempts,
    });
  }

  #sessionOf(client: SimClient, record: RequestRecord | undefined): string {
    const key = record?.resolution?.session?.key;
    if (key === undefined) return client.by === 'key' ? client.name : (client.jar?.session ?? client.name);
    const session = client.by === 'key' ? client.name : key;
    this.#sessions.set(key, session);
    return session;
  }

  #openNode(number: number): SimNode {
    const name = this.settings.nodes[number] as string;
    const { clock, redis, endpoints, chronicle, dice, settings } = this;
    const link = this.links[number] as LinkState;
    return new SimNode(
      {
        ...{ name, number, clock, redis, link, endpoints, chronicle, dice, settings },
        variant: this.#variant,
        reaches: (endpoint) => (this.#cuts.get(`${name} ${endpoint}`) ?? 0) === 0,
        reached: (requestId, endpoint) => {
          this.#reached.set(requestId, [...(this.#reached.get(requestId) ?? []), endpoint]);
        },
      },
      this.configured,
    );
  }

  get #terms(): Terms {
    const { affinity, skewsMs } = this.settings;
    return {
      idleTimeoutMs: affinity.idleTimeout,
      staleMsMax: 3_000,
      noticeMsMax: 600,
      drainKnownAfterMs: 1_000,
      clockSkewMsMax: skewsMs.some((skewMs) => skewMs !== 0) ? 2 * SKEW_MS_MAX : 0,
    };
  }

  /** What the session map says of the sessions that clients have. */
  get #pins(): readonly PinSeen[] {
    const nowMs = this.nodes[0]?.clock.now() ?? 0;
    return [...this.#sessions].flatMap(([key, session]) => {
      const pin = this.redis.map.get(key, nowMs);
      if (pin === undefined) return [];
      const endpoint = endpointOfPin(pin.endpoint).slice(POOL.length + 1);
      return [{ session, endpoint, version: pin.version }];
    });
  }
}

/** Whose a visit was. */
interface VisitOwner {
  readonly client: string;
  readonly by: 'cookie' | 'key';
  readonly session: string;
  readonly broughtVersion?: number | undefined;
  readonly isForged?: boolean;
}

const FORGER: VisitOwner = {
  client: 'forger',
  session: 'forged',
  by: 'cookie',
  isForged: true,
  broughtVersion: FORGED_VERSION,
};
