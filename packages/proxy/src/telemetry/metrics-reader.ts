import { mergedSnapshot } from './merged-snapshot.ts';
import type { PinMetrics } from './pin-metrics.ts';
import type { MetricSource, MetricsSnapshot } from './snapshot.ts';

export interface MetricsReaderParts {
  /** What each process of the node that serves says of itself, that which probes first. Never rejects. */
  readonly processes: () => Promise<readonly MetricsSnapshot[]>;
  /** What is the case of the node, however many processes it has. */
  readonly own: readonly MetricSource[];
  readonly pins: PinMetrics;
}

/** Reads the metrics of a node. */
export class MetricsReader {
  readonly #parts: MetricsReaderParts;

  constructor(parts: MetricsReaderParts) {
    this.#parts = parts;
  }

  async read(): Promise<MetricsSnapshot> {
    const { processes, own, pins } = this.#parts;
    const served = await processes();
    const all = mergedSnapshot([...served, ...own.map((source) => source.collect())]);
    return [...all, ...pins.collect(all)];
  }
}
