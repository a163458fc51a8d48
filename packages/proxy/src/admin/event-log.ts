import { type Clock, type EndpointId, endpointOfPin, HoldfastError, type SessionKey } from '@holdfast/shared';
import {
  FORGOTTEN,
  type InvalidationListener,
  type Invalidations,
  type Repair,
  type SessionStore,
} from '@holdfast/store';
import type { Member } from '../cluster/member.ts';
import type { EndpointStanding } from '../pool/endpoint.ts';
import type { Pool } from '../pool/pool.ts';
import type { Rebalances } from '../rebalance/rebalances.ts';
import { Latest } from '../record/latest.ts';
import { type Answer, told } from './answer.ts';
import type { AdminEvent } from './api.ts';
import type { QuestionOf } from './question.ts';

export interface EventLogParts {
  readonly sessions: SessionStore;
  readonly invalidations: Invalidations;
  readonly repair: Pick<Repair, 'onModeChange'>;
  readonly rebalances: Rebalances;
  readonly pools: { readonly all: readonly { readonly pool: Pool }[] };
  readonly cluster: { readonly members: readonly Member[] };
  readonly clock: Clock;
  /** Tells the events of this process from those of another one, and of an earlier life. */
  readonly life: string;
}

type MemberEvent = 'node-joined' | 'node-suspect' | 'node-left';

/** What it means that a node is now of that kind. */
const MEMBER_EVENTS: Readonly<Record<Member['kind'], MemberEvent>> = {
  joining: 'node-joined',
  alive: 'node-joined',
  suspect: 'node-suspect',
  gone: 'node-left',
  left: 'node-left',
};

/** So many events wait for somebody who comes back for them. */
const KEPT_MAX = 1_000;

/**
 * The latest events of a cluster, as one process hears of them. Sessions that any node moves or forgets are heard of as near
 * caches do; how endpoints and nodes are is looked at whenever somebody asks.
 */
export class EventLog implements InvalidationListener {
  readonly #parts: EventLogParts;
  readonly #latest = new Latest<AdminEvent>(KEPT_MAX);
  #standings = new Map<EndpointId, EndpointStanding>();
  #members: ReadonlyMap<string, MemberEvent> = new Map();

  constructor(parts: EventLogParts) {
    this.#parts = parts;
    parts.invalidations.subscribe(this);
    parts.repair.onModeChange((mode) => this.#add({ type: 'store-mode-changed', mode }));
    parts.rebalances.listen((pool, { state, moved }) => {
      const type = state === 'running' ? 'rebalance-started' : 'rebalance-finished';
      this.#add({ type, pool, state, moved });
    });
  }

  sessionChanged(key: SessionKey, version: number): void {
    const type = version === FORGOTTEN ? 'session-forgotten' : 'session-moved';
    this.#add({ type, key, ...(version !== FORGOTTEN && { version }) });
  }

  changesMissed(): void {
    this.#add({ type: 'events-missed' });
  }

  /** What has happened after that cursor, and the next cursor; without one, from now on. */
  async since({ after }: QuestionOf<'events'>): Promise<Answer> {
    this.#lookAtEndpoints();
    this.#lookAtMembers();
    const { life } = this.#parts;
    const cursor = `${life}.${this.#latest.count}`;
    if (after === undefined) return told({ cursor, events: [] });
    const from = after.startsWith(`${life}.`) ? Number(after.slice(life.length + 1)) : Number.NaN;
    const news = this.#latest.after(from);
    // Another process answers than before, or so much has happened that some of it is no longer known.
    if (news === undefined) return told({ cursor, events: [this.#dated({ type: 'events-missed' })] });
    return told({ cursor, events: await Promise.all(news.map((event) => this.#placed(event))) });
  }

  #lookAtEndpoints(): void {
    const before = this.#standings;
    const endpoints = this.#parts.pools.all.flatMap(({ pool }) => pool.endpoints);
    this.#standings = new Map(endpoints.map(({ id, standing }) => [id, standing]));
    for (const [endpoint, standing] of this.#standings)
      if (before.get(endpoint) !== standing) this.#add({ type: 'endpoint-changed', endpoint, standing });
    for (const endpoint of before.keys())
      if (!this.#standings.has(endpoint)) this.#add({ type: 'endpoint-removed', endpoint });
  }

  #lookAtMembers(): void {
    const before = this.#members;
    const { members } = this.#parts.cluster;
    this.#members = new Map(members.map(({ kind, record }) => [record.node, MEMBER_EVENTS[kind]]));
    for (const [node, type] of this.#members) if (before.get(node) !== type) this.#add({ type, node });
  }

  /** News say that a session has moved, and not where to. */
  async #placed(event: AdminEvent): Promise<AdminEvent> {
    if (event.type !== 'session-moved' || event.key === undefined) return event;
    try {
      const pin = await this.#parts.sessions.find(event.key as SessionKey, this.#parts.clock.now());
      return pin?.version === event.version && pin !== undefined
        ? { ...event, endpoint: endpointOfPin(pin.endpoint) }
        : event;
    } catch (error) {
      if (HoldfastError.from(error).source !== 'store') throw error;
      return event;
    }
  }

  #add(event: Omit<AdminEvent, 'at'>): void {
    this.#latest.add(this.#dated(event));
  }

  #dated(event: Omit<AdminEvent, 'at'>): AdminEvent {
    return { at: new Date(this.#parts.clock.now()).toISOString(), ...event };
  }
}
