import { clusterName, HoldfastError, poolName, silentLogger } from '@holdfast/shared';
import { type AffinityConfig, configSchema } from '@holdfast/shared/config';
import { ManualClock, seededRandom } from '@holdfast/shared/testing';
import { NearCache, Repair, type SessionStore, type Store, TouchQueue } from '@holdfast/store';
import { openMemoryStore, SessionMap } from '@holdfast/store/memory';
import type { Affinity, Resolution } from '../affinity/affinity.ts';
import { type Claim, NO_FINDINGS } from '../affinity/claim.ts';
import { SessionKeys } from '../affinity/session-keys.ts';
import { TouchedSessions } from '../affinity/touched-sessions.ts';
import { RoundRobin } from '../balance/round-robin.ts';
import { affinityOf } from '../node/pool-affinity.ts';
import { Pool } from '../pool/pool.ts';
import { testEndpoint } from './endpoints.ts';
import { requestHeadOf } from './request-head.ts';
import { responseHeadOf } from './response-head.ts';

/** The secret of every cluster that names none. */
export const CLUSTER_SECRET = 'a secret of this cluster';
export const CLUSTER = clusterName('test');

/** What a test wants of the nodes of a cluster. */
export interface SessionSettings {
  /** The affinity of the pool, as a configuration file gives it. */
  readonly affinity?: object;
  readonly onUnavailable?: 'fail';
  /** Newest first. */
  readonly secrets?: readonly string[];
  readonly pool?: string;
  /** Default: more than any test has sessions. */
  readonly writeBacksPerSecond?: number;
}

function affinityConfig(affinity: object): AffinityConfig {
  const config = configSchema.parse({
    listeners: [{ name: 'web', listen: ':0', pool: 'shop' }],
    pools: [{ name: 'shop', endpoints: [{ url: 'http://10.0.0.1' }], affinity }],
  });
  return config.pools[0]?.affinity as AffinityConfig;
}

/** What can go wrong with the store of one node. */
class UnreliableStore implements SessionStore {
  isDown = false;
  /** Whether it does what it is asked and its answers are lost. */
  losesReplies = false;
  isReadOnly = false;
  calls = 0;
  readonly #store: SessionStore;

  constructor(store: SessionStore) {
    this.#store = store;
  }

  readonly find: SessionStore['find'] = (...args) => this.#ask(() => this.#store.find(...args));
  readonly pin: SessionStore['pin'] = (...args) => this.#write(() => this.#store.pin(...args));
  readonly repin: SessionStore['repin'] = (...args) => this.#write(() => this.#store.repin(...args));
  readonly touch: SessionStore['touch'] = (...args) => this.#ask(() => this.#store.touch(...args));
  readonly unpin: SessionStore['unpin'] = (...args) => this.#ask(() => this.#store.unpin(...args));

  #write<Answer>(change: () => Promise<Answer>): Promise<Answer> {
    return this.#ask(async () => {
      if (this.isReadOnly) throw new HoldfastError('STORE_READ_ONLY', 'the test has the store full');
      return change();
    });
  }

  async #ask<Answer>(question: () => Promise<Answer>): Promise<Answer> {
    this.calls++;
    if (this.isDown) throw new HoldfastError('STORE_UNAVAILABLE', 'the test has taken the store down');
    const answer = await question();
    if (this.losesReplies) throw new HoldfastError('STORE_UNAVAILABLE', 'the test has lost the reply');
    return answer;
  }
}

/** A request of a test: its target, its fields, and whose it is. */
export interface TestVisit {
  readonly target?: string;
  /** Names and values in turn. */
  readonly fields?: readonly string[];
  readonly from?: string;
  /** The fields of the endpoint's response, names and values in turn. */
  readonly response?: readonly string[];
  /** The pieces of its body. */
  readonly body?: readonly string[];
}

const NO_CLAIM: Claim = { findings: NO_FINDINGS, cookieLines: undefined, clientAddress: '' };

/** One node of a cluster, as far as sessions are concerned. */
export class SessionNode {
  readonly clock: ManualClock;
  readonly store: UnreliableStore;
  readonly near: NearCache;
  readonly repair: Repair;
  readonly pool: Pool;
  readonly affinity: Affinity;

  constructor(store: Store, clock: ManualClock, seed: number, settings: SessionSettings = {}) {
    const { affinity = { type: 'cookie' }, onUnavailable = 'degrade', pool = 'shop' } = settings;
    const writeBacksPerSecond = settings.writeBacksPerSecond ?? 1_000_000;
    const random = seededRandom(seed);
    this.clock = clock;
    this.store = new UnreliableStore(store.sessions);
    this.pool = new Pool({
      name: poolName(pool),
      endpoints: ['a', 'b', 'c'].map((id) => testEndpoint(id)),
      selector: new RoundRobin(random.unit()),
      healthCheck: undefined,
      outlierDetection: { connectFailures: 1, consecutiveFailures: 3, ejectionTime: 10_000_000 },
      clock,
      log: silentLogger,
    });
    const near = new NearCache({ entriesMax: 100, staleAfterMs: 1_000 }, store.invalidations);
    const repair = new Repair({ clock, logger: silentLogger, writeBacksPerSecond });
    const keys = new SessionKeys(this.store, near);
    this.near = near;
    this.repair = repair;
    this.affinity = affinityOf(affinityConfig(affinity), settings.secrets ?? [CLUSTER_SECRET], this.pool, {
      cluster: { name: CLUSTER },
      storeConfig: {
        url: 'memory:',
        onUnavailable,
        commandTimeout: 50,
        nearCacheEntries: 100,
        writeBacksPerSecond,
      },
      sessions: this.store,
      near,
      repair,
      touches: new TouchQueue(this.store, clock, new TouchedSessions({ near, keys, repair, clock })),
      clock,
      random,
    });
  }

  /** What a request says of its session. */
  claimOf(fields: readonly string[], target = '/', from = '192.0.2.1'): Claim {
    return this.affinity.claimOf(requestHeadOf(fields, `GET ${target} HTTP/1.1`), from);
  }

  /** Where a request goes. */
  async visit(visit: TestVisit = {}): Promise<Resolution> {
    const { target, fields = [], from } = visit;
    const claim = this.claimOf(fields, target, from);
    const nowMs = this.clock.now();
    const near = this.affinity.resolveNear(claim, nowMs);
    const resolution = near ?? (await this.affinity.resolve(claim, nowMs));
    if (visit.response !== undefined) await this.#learn(claim, resolution, visit);
    return resolution;
  }

  async #learn(claim: Claim, resolution: Resolution, { response = [], body }: TestVisit): Promise<void> {
    const { fields } = responseHeadOf(response);
    const answered = { status: 200, fields, resolution };
    const learning = this.affinity.learner?.learn(claim, answered, this.clock.now());
    if (learning === undefined || learning instanceof Promise) return learning;
    for (const piece of body ?? []) {
      const read = learning.read(Buffer.from(piece));
      if (read !== 'undecided') return read;
    }
  }

  /** The cookies of ours that go with a response of those fields. */
  setCookies(resolution: Resolution, response: readonly string[] = []): readonly string[] {
    const { fields } = responseHeadOf(response);
    return this.affinity.responseCookies(NO_CLAIM, resolution, fields, false, this.clock.now()).setCookies;
  }

  takeDown(...ids: string[]): void {
    for (const endpoint of this.pool.endpoints)
      if (ids.includes(endpoint.id)) this.pool.reported(endpoint, 'connect-failed');
  }

  bringBack(...ids: string[]): void {
    for (const endpoint of this.pool.endpoints)
      if (ids.includes(endpoint.id)) this.pool.reported(endpoint, 'recovered');
  }
}

/** A session map, three nodes on it, and how to open more. */
export function sessionCluster(settings: SessionSettings = {}) {
  const clock = new ManualClock();
  const map = new SessionMap();
  let seed = 1;
  const open = (changes: SessionSettings = {}) =>
    new SessionNode(openMemoryStore({ map }), clock, seed++, { ...settings, ...changes });
  const nodes = [open(), open(), open()] as const;
  return { clock, map, nodes, open };
}

/** The id of the endpoint that was chosen. */
export const placeOf = (resolution: Resolution): string | undefined => resolution.endpoint?.id;
