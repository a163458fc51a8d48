import type { Clock, EpochMs, NodeId } from '@holdfast/shared';
import type { Listener } from '../listener/listener.ts';
import type { CurrentConfig } from '../node/current-config.ts';
import type { OpenedStore } from '../node/open-store.ts';
import type { Pool } from '../pool/pool.ts';
import type { ConnectionCounters } from '../record/connection-counters.ts';
import type { RequestCounters } from '../record/request-counters.ts';
import { describeReload } from './reload-answer.ts';

/** Where a node is in its life: only a serving one is ready. */
export type NodePhase = 'starting' | 'serving' | 'leaving';

export interface NodeStatusParts {
  readonly current: CurrentConfig;
  readonly node: NodeId;
  readonly store: OpenedStore;
  readonly listeners: { readonly all: readonly Listener[] };
  readonly pools: { readonly all: readonly { readonly pool: Pool }[] };
  readonly counters: RequestCounters;
  readonly connections: ConnectionCounters;
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
    const { current, node, store, listeners, pools, counters, connections, clock } = this.#parts;
    return {
      cluster: current.config.cluster.name,
      node,
      phase: this.phase,
      pid: process.pid,
      uptimeSeconds: Math.floor((clock.now() - this.#startedAtMs) / 1000),
      configuration: {
        hash: current.hash,
        loadedAt: new Date(current.loadedAtMs).toISOString(),
        lastReload: current.lastReload && describeReload(current.lastReload),
      },
      store: {
        kind: store.kind,
        state: store.guarded.state,
        invalidationsLive: store.guarded.invalidations.isLive(),
        operations: store.counted.counts,
      },
      requests: counters.totals(),
      connections: connections.totals(),
      listeners: listeners.all.map(({ name, openConnections }) => ({ name, openConnections })),
      pools: pools.all.map(({ pool }) => ({
        name: pool.name,
        endpoints: pool.endpoints.map((endpoint) => ({
          id: endpoint.id,
          url: endpoint.origin,
          weight: endpoint.weight,
          standing: endpoint.standing,
          healthCheck: pool.healthCheck === undefined ? 'none' : endpoint.check.kind,
          outlier: endpoint.outlier.kind,
          inFlight: endpoint.inFlight,
          waiting: endpoint.waiting,
        })),
      })),
    };
  }
}
