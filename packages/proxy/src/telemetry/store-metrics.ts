import { type Clock, type ErrorCode, HoldfastError } from '@holdfast/shared';
import { type GuardedStore, observedStore, type SessionStore, type Store } from '@holdfast/store';
import { STORE_METRICS } from './catalogue/store-metrics.ts';
import { boundsMsOf, Durations } from './durations.ts';
import type { MetricSource, MetricsSnapshot, NumberPoint } from './snapshot.ts';
import { stateIndex } from './states.ts';

type Operation = keyof SessionStore;

const BOUNDS_MS = boundsMsOf(STORE_METRICS.operationDuration);

/** Times the operations of a store that requests may wait for. */
export class StoreMetrics implements MetricSource {
  readonly #kind: string;
  readonly #clock: Clock;
  readonly #durations = new Map<Operation, Map<ErrorCode | undefined, Durations>>();

  /** @param kind `memory`, `sqlite` or `redis` */
  constructor(kind: string, clock: Clock) {
    this.#kind = kind;
    this.#clock = clock;
  }

  /** The same store, timed. */
  timed(store: Store): Store {
    return observedStore(store, (operation, _sessions, work) => this.#time(operation, work));
  }

  collect(): MetricsSnapshot {
    const points = [...this.#durations].flatMap(([operation, byError]) =>
      [...byError].map(([error, durations]) =>
        durations.point({
          'db.system.name': this.#kind,
          'db.operation.name': operation,
          ...(error !== undefined && { 'error.type': error }),
        }),
      ),
    );
    return [{ name: STORE_METRICS.operationDuration.name, points }];
  }

  async #time<T>(operation: Operation, work: () => Promise<T>): Promise<T> {
    const startedAtMs = this.#clock.elapsed();
    let error: ErrorCode | undefined;
    try {
      return await work();
    } catch (thrown) {
      error = HoldfastError.from(thrown).code;
      throw thrown;
    } finally {
      this.#durationsOf(operation, error).add(this.#clock.elapsed() - startedAtMs);
    }
  }

  #durationsOf(operation: Operation, error: ErrorCode | undefined): Durations {
    const byError = this.#durations.get(operation) ?? new Map<ErrorCode | undefined, Durations>();
    this.#durations.set(operation, byError);
    const durations = byError.get(error) ?? new Durations(BOUNDS_MS, this.#clock.now());
    byError.set(error, durations);
    return durations;
  }
}

type Observed = Pick<GuardedStore, 'state' | 'repair' | 'invalidations'>;

/** How the session map is at the moment, and what has been written back to it. */
export function storeState({ state, repair, invalidations }: Observed, sinceMs: number): MetricsSnapshot {
  const yes = (isSo: boolean): readonly NumberPoint[] => [{ attributes: {}, value: isSo ? 1 : 0 }];
  const { available, mode, newsLive, writeBacks } = STORE_METRICS;
  const { admitted, refused } = repair.counts;
  const results = Object.entries({ admitted, refused });
  return [
    { name: available.name, points: yes(state === 'available') },
    { name: mode.name, points: [{ attributes: {}, value: stateIndex(mode, repair.mode) }] },
    { name: newsLive.name, points: yes(invalidations.isLive()) },
    {
      name: writeBacks.name,
      points: results.map(([result, value]) => ({
        attributes: { 'holdfast.store.write_back.result': result },
        value,
        sinceMs,
      })),
    },
  ];
}
