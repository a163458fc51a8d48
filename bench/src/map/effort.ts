import { systemClock } from '@holdfast/shared';
import { type CpuTime, readTreeCpu } from '../machine/cpu.ts';

/** What a number of operations took. */
export interface Effort {
  readonly operations: number;
  readonly durationMs: number;
  /** CPU time of Redis. */
  readonly redisCpuMs: number;
  /** CPU time of the thread that asked: the adapter, its client library, and what calls them. */
  readonly nodeCpuMs: number;
}

/** Measures work that answers how many operations it was. */
export async function measureEffort(redisPid: number, work: () => Promise<number>): Promise<Effort> {
  const redisBefore = totalMs(readTreeCpu(redisPid));
  const nodeBefore = process.threadCpuUsage();
  const startMs = systemClock.elapsed();
  const operations = await work();
  const durationMs = systemClock.elapsed() - startMs;
  const { user, system } = process.threadCpuUsage(nodeBefore);
  return {
    operations,
    durationMs,
    redisCpuMs: totalMs(readTreeCpu(redisPid)) - redisBefore,
    nodeCpuMs: (user + system) / 1_000,
  };
}

const totalMs = ({ userMs, systemMs }: CpuTime): number => userMs + systemMs;

/** Has operations done in parallel, numbered from 0, as long as `goesOn` says so. Answers how many were done. */
export async function inParallel(
  lanes: number,
  goesOn: (done: number) => boolean,
  operation: (index: number) => Promise<unknown>,
): Promise<number> {
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (goesOn(begun)) await operation(begun++);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return begun;
}
