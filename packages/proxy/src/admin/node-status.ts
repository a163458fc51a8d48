import type { Clock, EpochMs, NodeId } from '@holdfast/shared';
import type { Config } from '@holdfast/shared/config';
import type { Listener } from '../listener/listener.ts';
import type { OpenedStore } from '../node/open-store.ts';
import type { Pool } from '../pool/pool.ts';
import type { RequestCounters } from '../record/request-counters.ts';

/** Where a node is in its life: only a serving one is ready. */
export type NodePhase = 'starting' | 'serving' | 'leaving';

export interface NodeStatusParts {
  readonly config: Config;
  readonly node: NodeId;
  readonly store: OpenedStore;
  readonly listeners: readonly Listener[];
  readonly pools: readonly Pool[];
  readonly counters: RequestCounters;
  readonly clock: Clock;
}

/** What a node says of itself. */
export class NodeStatus {
  phase: NodePhase = 'starting';
  readonly #parts: NodeStatusParts;
  readonly #startedAtMs: EpochMs;

  constructor(parts: NodeStatusParts) {
    this.#parts = parts;
    this.#startedAtMs = parts.clock.now();
  }

  /**
   * Whether new clients should be sent here, and why not. An unavailable store is no reason: the node serves without
   * it, and so would every other.
   */
  readiness(): { readonly ready: boolean; readonly reasons: readonly string[] } {
    const reasons = this.phase === 'serving' ? [] : [`the node is ${this.phase}`];
    return { ready: reasons.length === 0, reasons };
  }

  /** The whole state, for people and scripts. */
  report() {
    const { config, node, store, listeners, pools, counters, clock } = this.#parts;
    return {
      cluster: config.cluster.name,
      node,
      phase: this.phase,
      pid: process.pid,
      uptimeSeconds: Math.floor((clock.now() - this.#startedAtMs) / 1000),
      store: {
        kind: store.kind,
        state: store.guarded.state,
        invalidationsLive: store.guarded.invalidations.isLive(),
        operations: store.counted.counts,
      },
      requests: counters.totals(),
      listeners: listeners.map(({ name, openConnections }) => ({ name, openConnections })),
      pools: pools.map((pool) => ({
        name: pool.name,
        endpoints: pool.endpoints.map((endpoint) => ({
          id: endpoint.id,
          url: endpoint.origin,
          weight: endpoint.weight,
          standing: endpoint.standing,
          healthCheck: pool.healthCheck === undefined ? 'none' : endpoint.check.kind,
          outlier: endpoint.outlier.kind,
          inFlight: endpoint.inFlight,
        })),
      })),
    };
  }

  /** Living pins per endpoint, from the store; undefined while it is unavailable. */
  async pinned(): Promise<Readonly<Record<string, number>> | undefined> {
    const { store, clock } = this.#parts;
    if (store.guarded.state === 'unavailable') return undefined;
    try {
      return Object.fromEntries(await store.guarded.inventory.countByEndpoint(clock.now()));
    } catch {
      return undefined;
    }
  }
}
