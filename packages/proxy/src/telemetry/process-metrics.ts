import {
  constants,
  monitorEventLoopDelay,
  type PerformanceEntry,
  PerformanceObserver,
  performance,
} from 'node:perf_hooks';
import { getHeapSpaceStatistics } from 'node:v8';
import type { Clock, EpochMs } from '@holdfast/shared';
import { PROCESS_METRICS } from './catalogue/process-metrics.ts';
import { boundsMsOf, Durations } from './durations.ts';
import type { Metric } from './metric.ts';
import type { Attributes, MetricSource, MetricsSnapshot } from './snapshot.ts';

/** How often it is looked whether a timer fires in time. */
const RESOLUTION_MS = 20;
/** How long the shortest time is of which it is told how the event loop kept up, however often somebody asks. */
const WINDOW_MS = 10_000;
const NANOSECONDS_PER_SECOND = 1e9;
const MICROSECONDS_PER_SECOND = 1e6;

const GC_KINDS: ReadonlyMap<number, string> = new Map([
  [constants.NODE_PERFORMANCE_GC_MAJOR, 'major'],
  [constants.NODE_PERFORMANCE_GC_MINOR, 'minor'],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, 'incremental'],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, 'weakcb'],
]);

const GC_BOUNDS_MS = boundsMsOf(PROCESS_METRICS.gcDuration);

/** What this process takes of the machine, and how it keeps up: from what Node measures itself. */
export class ProcessMetrics implements MetricSource {
  readonly #clock: Clock;
  readonly #sinceMs: EpochMs;
  readonly #delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  readonly #gc = new Map<string, Durations>();
  readonly #collections: PerformanceObserver;
  #utilization = performance.eventLoopUtilization();
  #windowAtMs: number;
  /** How the event loop kept up in the last window that is over. */
  #loop: MetricsSnapshot | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#sinceMs = clock.now();
    this.#windowAtMs = clock.elapsed();
    this.#delay.enable();
    this.#collections = new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) this.#collected(entry);
    });
    this.#collections.observe({ entryTypes: ['gc'] });
  }

  /** Measures no more. */
  stop(): void {
    this.#delay.disable();
    this.#collections.disconnect();
  }

  collect(): MetricsSnapshot {
    const metrics = PROCESS_METRICS;
    const { user, system } = process.cpuUsage();
    const cpu = (mode: string, microseconds: number) => ({
      attributes: { 'cpu.mode': mode },
      value: microseconds / MICROSECONDS_PER_SECOND,
      sinceMs: this.#sinceMs,
    });
    return [
      ...this.#eventLoop(),
      {
        name: metrics.heapUsed.name,
        points: getHeapSpaceStatistics().map((space) => ({
          attributes: { 'v8js.heap.space.name': space.space_name },
          value: space.space_used_size,
        })),
      },
      {
        name: metrics.gcDuration.name,
        points: [...this.#gc].map(([kind, durations]) => durations.point({ 'v8js.gc.type': kind })),
      },
      { name: metrics.cpuTime.name, points: [cpu('user', user), cpu('system', system)] },
      point(metrics.memoryUsage, process.memoryUsage.rss()),
    ];
  }

  /** Of the last window, or of the first one so far. Whoever asks does not take it from the next who does. */
  #eventLoop(): MetricsSnapshot {
    const nowMs = this.#clock.elapsed();
    const isOver = nowMs - this.#windowAtMs >= WINDOW_MS;
    if (!isOver && this.#loop !== undefined) return this.#loop;
    const before = this.#utilization;
    const utilization = performance.eventLoopUtilization();
    const busy = performance.eventLoopUtilization(utilization, before).utilization;
    const told = [...this.#delays(), point(PROCESS_METRICS.eventLoopUtilization, busy)];
    if (!isOver) return told;
    this.#loop = told;
    this.#windowAtMs = nowMs;
    this.#utilization = utilization;
    this.#delay.reset();
    return told;
  }

  /** How late timers were; what is measured is the time between two of them. */
  #delays(): MetricsSnapshot {
    const delay = this.#delay;
    if (delay.count === 0) return [];
    const late = (percentile: number): number =>
      Math.max(0, delay.percentile(percentile) / NANOSECONDS_PER_SECOND - RESOLUTION_MS / 1_000);
    const { eventLoopDelayP50, eventLoopDelayP90, eventLoopDelayP99 } = PROCESS_METRICS;
    return [
      point(eventLoopDelayP50, late(50)),
      point(eventLoopDelayP90, late(90)),
      point(eventLoopDelayP99, late(99)),
    ];
  }

  #collected(entry: PerformanceEntry & { readonly detail?: { readonly kind: number } }): void {
    const name = GC_KINDS.get(entry.detail?.kind ?? 0);
    if (name === undefined) return;
    const durations = this.#gc.get(name) ?? new Durations(GC_BOUNDS_MS, this.#clock.now());
    this.#gc.set(name, durations);
    durations.add(entry.duration);
  }
}

const point = ({ name }: Metric, value: number, attributes: Attributes = {}) => ({
  name,
  points: [{ attributes, value }],
});
