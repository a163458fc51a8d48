import {
  type EndpointId,
  endpointId,
  type Lifetime,
  type Pin,
  type SessionKey,
  sessionKey,
} from '@holdfast/shared';
import { ManualClock } from '@holdfast/shared/testing';
import type { Store } from '@holdfast/store';
import { openMemoryStore, SessionMap } from '@holdfast/store/memory';
import type { Pool } from '../../pool/pool.ts';
import { shop, testEndpoint } from '../../testing/endpoints.ts';
import { testPool } from '../../testing/test-pool.ts';
import { Rebalance, type RebalanceSettings } from '../rebalance.ts';
import { SessionMover } from '../session-mover.ts';

export const LIFETIME: Lifetime = { idleTimeoutMs: 80_000, absoluteTimeoutMs: 8_000_000 };
/** By then a session is known to be idle, as those of these worlds have to be: 3/8 of the idle timeout, and 5 s. */
export const KNOWN_IDLE_MS = 35_000;
export const SETTINGS: RebalanceSettings = { rate: 50, idleForMs: 5_000, tolerance: 0.1 };

export const idOf = (id: string): EndpointId => endpointId(shop, id);
export const keyOf = (number: number): SessionKey => sessionKey(String(number).padStart(22, 'k'));

/** A pool of endpoints, weight 1 each, and its sessions in memory. */
export class MovingWorld {
  readonly clock = new ManualClock();
  readonly map = new SessionMap();
  readonly store: Store = openMemoryStore({ map: this.map });
  readonly pool: Pool;
  #sessions = 0;

  constructor(...ids: readonly string[]) {
    this.pool = testPool({ clock: this.clock, endpoints: ids.map((id) => testEndpoint(id)) });
  }

  /** Begins so many sessions at an endpoint, the last use of which was so long ago. Answers with their keys. */
  async begin(
    endpoint: string,
    count: number,
    idleMs: number,
    changes: Partial<Pin> = {},
  ): Promise<SessionKey[]> {
    const nowMs = this.clock.now();
    const keys = Array.from({ length: count }, () => keyOf(++this.#sessions));
    for (const key of keys) {
      const pin: Pin = {
        endpoint: idOf(endpoint),
        version: 1,
        pinnedAtMs: nowMs - idleMs,
        expiresAtMs: nowMs - idleMs + LIFETIME.idleTimeoutMs,
        endsAtMs: nowMs - idleMs + LIFETIME.absoluteTimeoutMs,
        ...changes,
      };
      await this.store.sessions.pin(key, pin, nowMs);
    }
    return keys;
  }

  /** As {@link begin}, for one session. */
  async beginOne(endpoint: string, idleMs: number, changes: Partial<Pin> = {}): Promise<SessionKey> {
    const [key] = await this.begin(endpoint, 1, idleMs, changes);
    return key as SessionKey;
  }

  /** A rebalance as a node of its own would run it. */
  rebalance(
    settings: Partial<RebalanceSettings> = {},
    store = openMemoryStore({ map: this.map }),
  ): Rebalance {
    const { clock, pool } = this;
    const { sessions, inventory } = store;
    return new Rebalance({
      ...{ pool, clock, inventory, lifetime: LIFETIME, trigger: 'operator' },
      settings: { ...SETTINGS, ...settings },
      mover: new SessionMover({ sessions, clock }),
    });
  }

  find(key: SessionKey): Promise<Pin | undefined> {
    return this.store.sessions.find(key, this.clock.now());
  }

  /** The short id of the endpoint of a session. */
  async placeOf(key: SessionKey): Promise<string | undefined> {
    return (await this.find(key))?.endpoint.split('/')[1];
  }

  /** How many pins each endpoint has, by its short id. */
  async counts(): Promise<Readonly<Record<string, number>>> {
    const counts = await this.store.inventory.countByEndpoint(this.clock.now());
    return Object.fromEntries([...counts].map(([id, count]) => [id.split('/')[1] ?? '', count]));
  }
}
