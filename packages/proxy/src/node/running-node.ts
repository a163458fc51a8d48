import type { NodeId } from '@holdfast/shared';
import type { Config, Environment, ListenAddress } from '@holdfast/shared/config';
import type { NodeStatus } from '../admin/node-status.ts';
import type { Operator } from '../admin/operator.ts';
import type { Middleware } from '../route/middleware.ts';
import type { SocketSource } from '../socket/socket-source.ts';
import type { MetricsSnapshot } from '../telemetry/snapshot.ts';
import type { Addition } from './added-endpoints.ts';
import type { ConfigSource } from './config-source.ts';
import type { ReloadReport, ReloadTrigger } from './current-config.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Preparation } from './node-reload.ts';
import type { PoolFollower } from './pool-set.ts';

export interface NodeOptions {
  /** Where the configuration comes from, so that it can be reloaded. Default: from nowhere, and it stays as it is. */
  readonly source?: ConfigSource;
  /** What runs in front of the routes of listeners. Default: nothing. */
  readonly middleware?: Middleware;
  /** What this process shares with the others of its node. Default: there are no others. */
  readonly shared?: SharedNode;
  /** Where the variables of OpenTelemetry are, `OTEL_…`. Default: nowhere. */
  readonly environment?: Environment;
}

/** What the processes of a node have in common. With it come no admin listener and, until one is told to, no probes. */
export interface SharedNode {
  readonly node: NodeId;
  readonly sockets: SocketSource;
  readonly follower: PoolFollower;
  /** Told when this process is cut off from most endpoints, and when it is not any more. */
  readonly cutOffChanged: (isCutOff: boolean) => void;
  /** Endpoints that operators have added to it. */
  readonly additions: readonly Addition[];
}

/** A node at work. */
export interface RunningNode {
  /** Where each listener accepts at the moment, by its name. */
  readonly listeners: ReadonlyMap<string, ListenAddress>;
  readonly admin: ListenAddress | undefined;
  /** Where Prometheus finds its metrics, where that is another address than the one of the admin listener. */
  readonly metrics: ListenAddress | undefined;
  /** Goes by what the source of the configuration says now. Never rejects: that it cannot is one of the reports. */
  reload(trigger: ReloadTrigger): Promise<ReloadReport>;
  /** Makes everything that another text of the configuration needs, for somebody who then says whether it counts. */
  prepareReload(text: string): Promise<Preparation>;
  /** Leaves in good order: readiness fails, the DNS delay passes, listeners close, requests in flight finish. */
  shutdown(): Promise<void>;
  /** Ends everything now. */
  abort(): void;
}

/** A node as the one who shares it out sees it. */
export interface WorkerNode extends RunningNode {
  /** What it goes by at the moment. */
  readonly config: Config;
  readonly status: NodeStatus;
  /** Answers what operators ask. */
  readonly operator: Operator;
  /** What this process has counted so far; empty where no metrics are kept. */
  metricsSnapshot(): MetricsSnapshot;
  /** Has this process probe endpoints and speak for its node, or no longer. */
  probe(isProber: boolean): void;
  /** Serves those that still come and sends them elsewhere; see {@link Lifecycle.leave}. */
  leave(): number | undefined;
  /** Leaves the clients to the other processes; see {@link Lifecycle.handOver}. */
  handOver(): Promise<void>;
}
