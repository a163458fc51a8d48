import type { Clock, Logger, NodeId } from '@holdfast/shared';
import {
  type Config,
  type Environment,
  formatListenAddress,
  type ListenAddress,
  pinsSessions,
} from '@holdfast/shared/config';
import type { Answer } from '../admin/answer.ts';
import { AppListener } from '../admin/app-listener.ts';
import { readOccupancy } from '../admin/occupancy.ts';
import type { Question } from '../admin/question.ts';
import type { ReloadReport } from '../node/current-config.ts';
import { cannotListen } from '../node/listener-set.ts';
import { ConfigMetrics, type NodeFacts } from './config-metrics.ts';
import { MetricPush } from './metric-push.ts';
import { areMetricsKept } from './metrics.ts';
import { MetricsReader } from './metrics-reader.ts';
import { metricsApp } from './metrics-route.ts';
import { otlpSettings } from './otlp-settings.ts';
import { PinMetrics } from './pin-metrics.ts';
import { prometheusText } from './prometheus-text.ts';
import { resourceAttributes } from './resource.ts';
import type { MetricSource, MetricsSnapshot } from './snapshot.ts';

export interface NodeTelemetryOptions {
  readonly current: { readonly config: Config; readonly fingerprint: string };
  readonly environment: Environment;
  readonly node: NodeId;
  readonly release: string;
  readonly phase: () => NodeFacts['phase'];
  /** What each process of the node that serves says of itself, that which probes first. Never rejects. */
  readonly processes: () => Promise<readonly MetricsSnapshot[]>;
  /** Asks a process that has the session map. */
  readonly ask: (question: Question) => Promise<Answer>;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The metrics of a node, whether it has one process or several: whoever wants to read them comes here. */
export class NodeTelemetry {
  /** Where Prometheus finds them beside the admin listener. */
  address: ListenAddress | undefined;
  readonly #options: NodeTelemetryOptions;
  readonly #config: ConfigMetrics;
  readonly #own: MetricSource[];
  readonly #reader: MetricsReader;
  #listener: AppListener | undefined;
  #push: MetricPush | undefined;

  /** Undefined where no metrics are kept. */
  static of(options: NodeTelemetryOptions): NodeTelemetry | undefined {
    const { current, environment } = options;
    return areMetricsKept(current.config, environment) ? new NodeTelemetry(options) : undefined;
  }

  private constructor(options: NodeTelemetryOptions) {
    const { current, phase, processes, ask, clock } = options;
    this.#options = options;
    const facts = (): NodeFacts => ({ phase: phase(), fingerprint: current.fingerprint });
    this.#config = new ConfigMetrics(facts, clock.now());
    this.#own = [this.#config];
    const pools = () => current.config.pools.filter(({ affinity }) => pinsSessions(affinity));
    const pins = new PinMetrics({
      count: async () => readOccupancy(await ask({ kind: 'occupancy' }))?.pinned,
      pools: () => pools().map(({ name }) => name),
      clock,
    });
    this.#reader = new MetricsReader({ processes, own: this.#own, pins });
  }

  read(): Promise<MetricsSnapshot> {
    return this.#reader.read();
  }

  /** What Prometheus reads. */
  async text(): Promise<string> {
    return prometheusText(await this.read(), this.#resource);
  }

  reloaded(report: ReloadReport): void {
    this.#config.reloaded(report);
  }

  /**
   * Opens the address of its own for Prometheus where the configuration names one, and begins to push where there is a collector.
   *
   * @throws HoldfastError `INTERNAL` if the address cannot be had
   */
  async open(): Promise<void> {
    const { current, log } = this.#options;
    const { listen } = current.config.telemetry.metrics;
    if (listen !== undefined) {
      this.#listener = new AppListener(listen, metricsApp(this));
      this.address = await this.#listener.open().catch((error: unknown) => {
        throw cannotListen('metrics', listen, error);
      });
      log.info({ listener: 'metrics', address: formatListenAddress(this.address) }, 'listening');
    }
    await this.#beginToPush();
  }

  /** Pushes for the last time. Takes two seconds at most, and is the same when called twice. */
  async close(): Promise<void> {
    const [push, listener] = [this.#push, this.#listener];
    this.#push = undefined;
    this.#listener = undefined;
    await push?.stop();
    await listener?.close();
  }

  async #beginToPush(): Promise<void> {
    const { current, environment, release, clock, log } = this.#options;
    const settings = otlpSettings(current.config.telemetry, environment);
    if (settings?.metricsUrl === undefined) return;
    const { metricsUrl: url, headers, timeoutMs, intervalMs } = settings;
    const { otlpMetricExporter } = await import('./otlp-metric-exporter.ts');
    const exporter = otlpMetricExporter({ url, headers, timeoutMs, resource: this.#resource, release });
    const read = () => this.read();
    this.#push = new MetricPush({ read, exporter, intervalMs, timeoutMs, clock, log });
    this.#own.push(this.#push);
    this.#push.start();
  }

  get #resource() {
    const { current, node, release, environment } = this.#options;
    return resourceAttributes(current.config, node, release, environment);
  }
}
