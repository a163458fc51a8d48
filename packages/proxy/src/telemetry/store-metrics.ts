import { type Clock, type ErrorCode, HoldfastError } from '@holdfast/shared';
import type { GuardedStore, SessionStore, Store } from '@holdfast/store';
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
    const { sessions } = store;
    return {
      sessions: {
        find: (key, nowMs) => this.#time('find', () => sessions.find(key, nowMs)),
        pin: (key, proposed, nowMs) => this.#time('pin', () => sessions.pin(key, proposed, nowMs)),
        repin: (key, expectedVersion, proposed, nowMs) =>
          this.#time('repin', () => sessions.repin(key, expectedVersion, proposed, nowMs)),
        touch: (touches, nowMs) => this.#time('touch', () => sessions.touch(touches, nowMs)),
        unpin: (key, expectedVersion, nowMs) =>
          this.#time('unpin', () => sessions.unpin(key, expectedVersion, nowMs)),
      },
      ...(store.partOf !== undefined && { partOf: store.partOf }),
      inventory: store.inventory,
      invalidations: store.invalidations,
      drains: store.drains,
      membership: store.membership,
      get unreadable() {
        return store.unreadable ?? 0;
      },
      close: () => store.close(),
    };
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
