import type { CancelTimer, Clock, EpochMs, Logger } from '@holdfast/shared';
import { HoldfastError } from '@holdfast/shared';
import { PROCESS_METRICS } from './catalogue/process-metrics.ts';
import type { MetricSource, MetricsSnapshot } from './snapshot.ts';

/** Takes metrics to somebody who keeps them. */
export interface MetricExporter {
  /** Rejects if they have not been taken. It need not settle: nobody waits longer than the deadline of the push. */
  export(snapshot: MetricsSnapshot, atMs: EpochMs): Promise<void>;
  /** Breaks off what is under way: nobody waits for it any more. */
  abort(): void;
  /** Ends what it holds open. */
  close(): Promise<void>;
}

export interface MetricPushOptions {
  readonly read: () => Promise<MetricsSnapshot>;
  readonly exporter: MetricExporter;
  readonly intervalMs: number;
  /** The longest that one push may take. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What a node that ends waits for its collector at most. */
const LAST_PUSH_MS = 2_000;
const REASON_CHARACTERS_MAX = 200;

/**
 * Pushes the metrics of a node again and again, one push after the other. A collector that is slow, wrong or away costs nobody
 * anything: what is kept is one number for each series, however long it is away, and the next push that it takes tells all.
 */
export class MetricPush implements MetricSource {
  readonly #options: MetricPushOptions;
  readonly #sinceMs: EpochMs;
  readonly #results = { taken: 0, failed: 0 };
  #cancelNext: CancelTimer = () => {};
  #pushing: Promise<void> = Promise.resolve();
  #isFailing = false;
  #isStopped = false;

  constructor(options: MetricPushOptions) {
    this.#options = options;
    this.#sinceMs = options.clock.now();
  }

  start(): void {
    this.#plan();
  }

  /** Pushes what there is for the last time, and takes two seconds at most. */
  async stop(): Promise<void> {
    const { clock, exporter } = this.#options;
    this.#isStopped = true;
    this.#cancelNext();
    const late = Promise.withResolvers<void>();
    const cancel = clock.after(LAST_PUSH_MS, late.resolve, true);
    const last = this.#pushing.then(() => this.#push()).then(() => exporter.close());
    await Promise.race([last, late.promise]).catch(() => {});
    cancel();
  }

  collect(): MetricsSnapshot {
    return [
      {
        name: PROCESS_METRICS.telemetryPushes.name,
        points: Object.entries(this.#results).map(([result, value]) => ({
          attributes: { 'holdfast.telemetry.signal': 'metrics', 'holdfast.telemetry.push.result': result },
          value,
          sinceMs: this.#sinceMs,
        })),
      },
    ];
  }

  #plan(): void {
    const { clock, intervalMs } = this.#options;
    if (this.#isStopped) return;
    this.#cancelNext = clock.after(intervalMs, () => {
      this.#pushing = this.#push();
      void this.#pushing.then(() => this.#plan());
    });
  }

  async #push(): Promise<void> {
    const { read, exporter, clock, timeoutMs } = this.#options;
    const late = Promise.withResolvers<never>();
    const cancel = clock.after(timeoutMs, () => {
      late.reject(new HoldfastError('INTERNAL', 'no answer in time'));
      exporter.abort();
    });
    try {
      await Promise.race([exporter.export(await read(), clock.now()), late.promise]);
      this.#taken();
    } catch (error) {
      this.#failed(error);
    }
    cancel();
  }

  #taken(): void {
    this.#results.taken++;
    if (this.#isFailing) this.#options.log.info({}, 'metrics are pushed again');
    this.#isFailing = false;
  }

  #failed(error: unknown): void {
    this.#results.failed++;
    const said = error instanceof Error ? error.message || error.name : String(error);
    const reason = said.slice(0, REASON_CHARACTERS_MAX);
    if (!this.#isFailing) this.#options.log.warn({ reason }, 'metrics are not taken by the collector');
    this.#isFailing = true;
  }
}
