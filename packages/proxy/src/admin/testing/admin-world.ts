import {
  type EndpointId,
  endpointId,
  type Pin,
  type SessionKey,
  sessionKey,
  silentLogger,
} from '@holdfast/shared';
import { type ManualClock, seededRandom } from '@holdfast/shared/testing';
import type { Store } from '@holdfast/store';
import { openMemoryStore } from '@holdfast/store/memory';
import type { Hono } from 'hono';
import type { Member } from '../../cluster/member.ts';
import { AddedEndpoints } from '../../node/added-endpoints.ts';
import { DrainWatch } from '../../node/drain-watch.ts';
import { rebalancePolicyOf } from '../../node/session-moves.ts';
import type { Pool } from '../../pool/pool.ts';
import { Rebalances } from '../../rebalance/rebalances.ts';
import { SessionMover } from '../../rebalance/session-mover.ts';
import { TrafficLog } from '../../record/traffic-log.ts';
import { shop, testEndpoint } from '../../testing/endpoints.ts';
import { nodeConfig } from '../../testing/node-config.ts';
import { type SessionNode, sessionCluster } from '../../testing/session-world.ts';
import { createAdminApp, type Operations } from '../admin-app.ts';
import { Operator } from '../operator.ts';

/** A day: longer than any story of a test. */
const LIFETIME_MS = 86_400_000;

/** What was answered. */
export interface Told {
  readonly status: number;
  readonly tag: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: specs read members of JSON by name, and fail where there are none.
  readonly body: any;
}

/** The admin API of a node of one process with endpoints `a`, `b` and `c`, on a session map in memory. */
export class AdminWorld {
  readonly clock: ManualClock;
  /** What serves the requests of its clients. */
  readonly node: SessionNode;
  readonly pool: Pool;
  readonly store: Store;
  readonly operations: Operations;
  readonly app: Hono;
  /** What passes through it. */
  readonly traffic: TrafficLog;
  /** What this node has noticed of its store. */
  isStoreAvailable = true;
  /** What opens it; nothing has to where it is empty. */
  token = '';
  /** The other nodes that it knows of. */
  readonly cluster: { members: readonly Member[] } = { members: [] };
  /** What it says, one after the other, when it is told to leave; nothing more: that it does not serve yet. */
  departure: readonly number[] = [0];

  /** @param affinity as a configuration file gives it, as is `admin` */
  constructor(affinity: object = { type: 'cookie' }, admin: object = {}) {
    const { clock, map, nodes } = sessionCluster({ affinity });
    const [node] = nodes;
    const { pool } = node;
    this.clock = clock;
    this.node = node;
    this.pool = pool;
    this.store = openMemoryStore({ map });
    const endpoints = [{ id: 'a', url: 'http://a.internal:8080' }];
    const config = nodeConfig({ admin, pools: [{ name: 'shop', endpoints, affinity }] });
    const { sessions, inventory, drains, invalidations } = this.store;
    const { repair } = node;
    const added = new AddedEndpoints();
    const configured = [...pool.endpoints];
    const place = (): void => {
      const specs = added.of(pool.name).map(({ id, url, weight }) => ({
        ...testEndpoint(id, weight),
        origin: url,
        from: 'operator' as const,
      }));
      pool.setEndpoints([...configured, ...specs]);
    };
    const served = { pool, affinity: node.affinity, place };
    const pools = { all: [served], find: (name: string) => (name === pool.name ? served : undefined) };
    const watch = new DrainWatch(drains, clock);
    watch.follow(pool);
    const look = () => watch.look();
    const mover = new SessionMover({ sessions, clock });
    const rebalances = new Rebalances({
      ...{ inventory, mover, clock, random: seededRandom(1), log: silentLogger },
      isOnDuty: () => true,
      agreesOnConfig: () => true,
      policyOf: (name) => rebalancePolicyOf(config.pools.find((one) => one.name === name)),
    });
    const life = 'life-1';
    this.traffic = new TrafficLog({ clock, life, movedBetweenRequests: () => mover.movedInAll });
    const parts = {
      life,
      traffic: this.traffic,
      metrics: () => [],
      ...{ sessions, inventory, drains, invalidations, repair, look, pools, clock, mover, rebalances, added },
      cluster: this.cluster,
      current: { config },
      isStoreAvailable: () => this.isStoreAvailable,
      log: silentLogger,
    };
    const operator = new Operator(parts);
    this.operations = {
      token: () => this.token,
      status: {
        readiness: () => ({ ready: true, reasons: [] }),
        report: () => ({ pools: [{ endpoints: pool.endpoints.map(reportOf) }] }),
      },
      reload: () => Promise.reject(new Error('not in this world')),
      leave: () => {
        const [remainingMs, ...later] = this.departure;
        this.departure = later;
        return remainingMs;
      },
      ask: (question) => operator.answer(question),
      clock,
    };
    this.app = createAdminApp(this.operations);
  }

  async ask(line: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Told> {
    const [method = '', path = ''] = line.split(' ');
    const response = await this.app.request(path, {
      method,
      headers,
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const tag = response.headers.get('etag');
    return { status: response.status, tag, body: await response.json().catch(() => undefined) };
  }

  /** Pins the session of that number to an endpoint. */
  async pin(number: number, endpoint: string, changes: Partial<Pin> = {}): Promise<SessionKey> {
    const nowMs = this.clock.now();
    const key = keyOf(number);
    const ends = { expiresAtMs: nowMs + LIFETIME_MS, endsAtMs: nowMs + LIFETIME_MS };
    const pin = { endpoint: idOf(endpoint), version: 1, pinnedAtMs: nowMs, ...ends, ...changes };
    await this.store.sessions.pin(key, pin, nowMs);
    return key;
  }

  async endpointOf(key: SessionKey): Promise<string | undefined> {
    return (await this.store.sessions.find(key, this.clock.now()))?.endpoint;
  }
}

export const keyOf = (number: number): SessionKey => sessionKey(String(number).padStart(22, 'k'));
const idOf = (id: string): EndpointId => endpointId(shop, id);

const reportOf = ({ id, origin, from, weight, standing, inFlight, waiting }: Pool['endpoints'][number]) => ({
  ...{ id, url: origin, from, weight, standing, inFlight, waiting },
});
