import { setTimeout as pause } from 'node:timers/promises';
import { systemClock } from '@holdfast/shared';

/** Works through `items` with so many at a time as `concurrency` says; settles when all are done, or at the first failure. */
export async function inParallel<T>(
  items: Iterable<T>,
  concurrency: number,
  work: (item: T) => Promise<unknown>,
): Promise<void> {
  const queue = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = queue.next(); !next.done; next = queue.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** Visits that go on beside a test until it has seen enough. */
export interface BackgroundWork {
  /** Turns that have been completed. */
  readonly turns: number;
  /** Lets the turns under way finish. Rejects if one of them failed. */
  stop(): Promise<void>;
}

/** Repeats `turn`, so many at a time as `concurrency` says, until it is stopped. */
export function inBackground(concurrency: number, turn: () => Promise<unknown>): BackgroundWork {
  let isStopped = false;
  let turns = 0;
  const worker = async (): Promise<void> => {
    while (!isStopped) {
      await turn();
      turns++;
    }
  };
  const done = Promise.allSettled(Array.from({ length: concurrency }, worker));
  return {
    get turns() {
      return turns;
    },
    async stop() {
      isStopped = true;
      const failed = (await done).find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
  };
}

const PACE_MS = 5;

/** Begins so many turns in a second until it is stopped, however long each of them takes. */
export function atRate(perSecond: number, turn: () => Promise<unknown>): BackgroundWork {
  const underWay = new Set<Promise<unknown>>();
  const failures: unknown[] = [];
  const startedAtMs = systemClock.elapsed();
  let isStopped = false;
  let begun = 0;
  let turns = 0;
  const begin = (): void => {
    const under = turn()
      .then(
        () => void turns++,
        (error) => void failures.push(error),
      )
      .finally(() => underWay.delete(under));
    underWay.add(under);
  };
  const pacing = (async (): Promise<void> => {
    while (!isStopped) {
      const dueByNow = ((systemClock.elapsed() - startedAtMs) / 1_000) * perSecond;
      for (; begun < dueByNow; begun++) begin();
      await pause(PACE_MS);
    }
  })();
  return {
    get turns() {
      return turns;
    },
    async stop() {
      isStopped = true;
      await pacing;
      await Promise.all(underWay);
      if (failures.length > 0) throw failures[0];
    },
  };
}
