import type { Clock, EpochMs, NodeId } from '@holdfast/shared';
import type { Listener } from '../listener/listener.ts';
import type { CurrentConfig } from '../node/current-config.ts';
import type { OpenedStore } from '../node/open-store.ts';
import type { Rebalance } from '../rebalance/rebalance.ts';
import type { Rebalances } from '../rebalance/rebalances.ts';
import type { SessionMover } from '../rebalance/session-mover.ts';
import type { ConnectionCounters } from '../record/connection-counters.ts';
import type { RequestCount } from '../record/request-counters.ts';
import { type DiscoveredPool, discoveryView, discoveryWarnings } from './discovery-views.ts';
import { type ClusterView, heldDownBy, memberViews, memberWarnings } from './member-views.ts';
import { type Readiness, readinessOf } from './readiness.ts';
import { describeReload } from './reload-answer.ts';

/** Where a node is in its life: only a serving one is ready. */
export type NodePhase = 'starting' | 'serving' | 'leaving';

export interface NodeStatusParts {
  readonly current: CurrentConfig;
  readonly node: NodeId;
  readonly store: OpenedStore;
  readonly listeners: { readonly all: readonly Listener[] };
  readonly pools: { readonly all: readonly DiscoveredPool[] };
  readonly counters: RequestCount;
  readonly connections: ConnectionCounters;
  readonly cluster: ClusterView & { readonly isCutOff: boolean };
  readonly mover: Pick<SessionMover, 'moved'>;
  readonly rebalances: Pick<Rebalances, 'of'>;
  readonly clock: Clock;
}

/** The latest rebalance that this process has begun; undefined where there is none. */
const progressOf = (rebalance: Rebalance | undefined) =>
  rebalance && { state: rebalance.state, trigger: rebalance.trigger, moved: rebalance.moved };

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
  readiness(): Readiness {
    return readinessOf(this.phase, this.#parts.cluster.isCutOff);
  }

  /** The whole state, for people and scripts. */
  report() {
    const { current, node, store, listeners, pools, counters, connections, cluster, clock } = this.#parts;
    const { mover, rebalances } = this.#parts;
    const members = memberViews(cluster);
    return {
      cluster: current.config.cluster.name,
      node,
      phase: this.phase,
      pid: process.pid,
      uptimeSeconds: Math.floor((clock.now() - this.#startedAtMs) / 1000),
      configuration: {
        hash: current.hash,
        fingerprint: current.fingerprint,
        loadedAt: new Date(current.loadedAtMs).toISOString(),
        lastReload: current.lastReload && describeReload(current.lastReload),
      },
      store: {
        kind: store.kind,
        state: store.guarded.state,
        mode: store.guarded.repair.mode,
        invalidationsLive: store.guarded.invalidations.isLive(),
        operations: store.counted.counts,
        writeBacks: store.guarded.repair.counts,
      },
      isCutOff: cluster.isCutOff,
      members,
      warnings: [...memberWarnings(members), ...discoveryWarnings(pools.all, clock.now())],
      requests: counters.totals(),
      connections: connections.totals(),
      moved: mover.moved,
      listeners: listeners.all.map(({ name, openConnections }) => ({ name, openConnections })),
      pools: pools.all.map(({ pool, discovery }) => ({
        name: pool.name,
        rebalance: progressOf(rebalances.of(pool.name)),
        discovery: discoveryView(discovery, clock.now()),
        endpoints: pool.endpoints.map((endpoint) => ({
          id: endpoint.id,
          url: endpoint.origin,
          from: endpoint.from,
          isLeaving: endpoint.isLeaving,
          weight: endpoint.weight,
          standing: endpoint.standing,
          agreement: endpoint.agreement,
          heldDownBy: heldDownBy(members, endpoint.id),
          healthCheck: pool.healthCheck === undefined ? 'none' : endpoint.check.kind,
          outlier: endpoint.outlier.kind,
          inFlight: endpoint.inFlight,
          waiting: endpoint.waiting,
        })),
      })),
    };
  }
}
