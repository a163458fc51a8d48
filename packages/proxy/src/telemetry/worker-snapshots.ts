import { mergedSnapshot } from './merged-snapshot.ts';
import { findMetric } from './metric-catalogue.ts';
import type { MetricsSnapshot } from './snapshot.ts';

/**
 * What the processes of a node have counted, those among them that have ended. A worker that is replaced takes its numbers with
 * it: if they were left out, what the node has counted would go back, which a reader takes for a restart.
 */
export class WorkerSnapshots {
  readonly #latest = new Map<number, MetricsSnapshot>();
  #past: MetricsSnapshot = [];

  /** A worker has told of itself. */
  take(worker: number, snapshot: MetricsSnapshot): void {
    this.#latest.set(worker, snapshot);
  }

  /**
   * What there is of the node, the snapshots of these workers in their order.
   *
   * @param living all workers that have a process; what the others have counted is kept
   */
  all(living: readonly number[]): readonly MetricsSnapshot[] {
    for (const [worker, snapshot] of this.#latest) {
      if (living.includes(worker)) continue;
      this.#past = mergedSnapshot([this.#past, countedIn(snapshot)]);
      this.#latest.delete(worker);
    }
    const latest = living
      .map((worker) => this.#latest.get(worker))
      .filter((snapshot) => snapshot !== undefined);
    this.#past = ofEndpointsIn(latest, this.#past);
    return [...latest, this.#past];
  }
}

/** What only grows. */
const countedIn = (snapshot: MetricsSnapshot): MetricsSnapshot =>
  snapshot.filter(({ name }) => ['counter', 'histogram'].includes(findMetric(name)?.kind ?? ''));

const ENDPOINT = 'holdfast.endpoint';

/** Without the endpoints that no living worker tells of any more, or those that come and go would add up for ever. */
function ofEndpointsIn(latest: readonly MetricsSnapshot[], past: MetricsSnapshot): MetricsSnapshot {
  if (latest.length === 0) return past;
  const points = latest.flat().flatMap((metric) => metric.points);
  const endpoints = new Set(points.map(({ attributes }) => attributes[ENDPOINT]));
  return past.map(({ name, points: kept }) => ({
    name,
    points: kept.filter(
      ({ attributes }) => attributes[ENDPOINT] === undefined || endpoints.has(attributes[ENDPOINT]),
    ),
  }));
}
