import type { Clock, EpochMs } from '@holdfast/shared';
import type { Config, Environment } from '@holdfast/shared/config';
import type { NearCache } from '@holdfast/store';
import type { Listener } from '../listener/listener.ts';
import type { ListenerSet } from '../node/listener-set.ts';
import type { OpenedStore } from '../node/open-store.ts';
import type { PoolFollower } from '../node/pool-set.ts';
import type { Pool } from '../pool/pool.ts';
import { AFFINITY_METRICS } from './catalogue/affinity-metrics.ts';
import { CLUSTER_METRICS } from './catalogue/cluster-metrics.ts';
import { HTTP_METRICS } from './catalogue/http-metrics.ts';
import { PROCESS_METRICS } from './catalogue/process-metrics.ts';
import { type Cluster, clusterState } from './cluster-state.ts';
import { ConnectionMetrics } from './connection-metrics.ts';
import { EndpointMetrics } from './endpoint-metrics.ts';
import { mergedSnapshot } from './merged-snapshot.ts';
import { isTelemetryOn, otlpSettings } from './otlp-settings.ts';
import { ProcessMetrics } from './process-metrics.ts';
import { RequestMetrics } from './request-metrics.ts';
import { SessionMetrics } from './session-metrics.ts';
import type { MetricSource, MetricsSnapshot } from './snapshot.ts';
import { StoreMetrics, storeState } from './store-metrics.ts';
import { ViolationWatch } from './violation-watch.ts';

/** What is looked at when somebody wants to know. */
export interface ObservedParts {
  readonly store: Pick<OpenedStore, 'guarded'>;
  readonly near: Pick<NearCache, 'size'>;
  readonly listeners: Pick<ListenerSet, 'certificates'> & {
    readonly all: readonly Pick<Listener, 'name' | 'openConnections'>[];
  };
  readonly pools: {
    readonly all: readonly { readonly pool: Pool }[];
    followedBy(follower: PoolFollower): void;
  };
  readonly cluster: Cluster;
  /** Spans that are lost so far. */
  readonly spansDropped: () => number;
}

/** Whether metrics are kept: where the configuration wants them and somebody can read them. */
export function areMetricsKept({ telemetry, admin }: Config, environment: Environment): boolean {
  const { enabled, listen } = telemetry.metrics;
  if (!enabled || !isTelemetryOn(telemetry, environment)) return false;
  const isPushed = otlpSettings(telemetry, environment)?.metricsUrl !== undefined;
  return admin !== undefined || listen !== undefined || isPushed;
}

/** The metrics of one process. */
export class Metrics {
  readonly requests: RequestMetrics;
  readonly connections: ConnectionMetrics;
  readonly endpoints: EndpointMetrics;
  readonly sessions: SessionMetrics;
  readonly store: StoreMetrics;
  readonly #violations: ViolationWatch;
  readonly #process: ProcessMetrics;
  readonly #sources: MetricSource[];
  readonly #sinceMs: EpochMs;

  /** @param storeKind `memory`, `sqlite` or `redis` */
  constructor(clock: Clock, storeKind: string) {
    const now = (): EpochMs => clock.now();
    this.#sinceMs = now();
    const sessions = new SessionMetrics(now);
    this.sessions = sessions;
    this.#violations = new ViolationWatch(clock, (...violation) => sessions.violated(...violation));
    this.requests = new RequestMetrics(now, this.#violations);
    this.connections = new ConnectionMetrics(now, this.#violations);
    this.endpoints = new EndpointMetrics(clock);
    this.store = new StoreMetrics(storeKind, clock);
    this.#process = new ProcessMetrics(clock);
    const { requests, connections, endpoints, store } = this;
    this.#sources = [requests, sessions, connections, endpoints, store, this.#process];
  }

  /** Looks at these as well from now on. To be called before there are pools. */
  observe(parts: ObservedParts): void {
    parts.pools.followedBy(this.endpoints);
    parts.pools.followedBy(this.#violations);
    parts.pools.followedBy({ follow: ({ name }) => this.sessions.watch(name), forget: () => {} });
    this.#sources.push({ collect: () => stateOf(parts, this.#sinceMs) });
  }

  snapshot(): MetricsSnapshot {
    return mergedSnapshot(this.#sources.map((source) => source.collect()));
  }

  /** Measures no more. */
  stop(): void {
    this.#process.stop();
  }
}

function stateOf(parts: ObservedParts, sinceMs: EpochMs): MetricsSnapshot {
  const { store, near, listeners, pools, cluster, spansDropped } = parts;
  return [
    {
      name: HTTP_METRICS.connections.name,
      points: listeners.all.map(({ name, openConnections }) => ({
        attributes: { 'holdfast.listener': name },
        value: openConnections,
      })),
    },
    {
      name: CLUSTER_METRICS.certificateExpiry.name,
      points: [...listeners.certificates].flatMap(([listener, expiries]) =>
        expiries.map(({ path, expiresAtMs }) => ({
          attributes: { 'holdfast.listener': listener, 'holdfast.certificate.file': path },
          value: expiresAtMs / 1_000,
        })),
      ),
    },
    { name: AFFINITY_METRICS.nearCacheEntries.name, points: [{ attributes: {}, value: near.size }] },
    {
      name: PROCESS_METRICS.telemetryDropped.name,
      points: [{ attributes: { 'holdfast.telemetry.signal': 'traces' }, value: spansDropped(), sinceMs }],
    },
    ...storeState(store.guarded, sinceMs),
    ...clusterState(
      cluster,
      pools.all.flatMap(({ pool }) => pool.endpoints),
    ),
  ];
}
