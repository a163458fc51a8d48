import { operationsBetween, type StoreOperations } from './contenders/holdfast-status.ts';
import type { Entrant } from './entrant.ts';
import type { LoadResult } from './load/load.ts';
import type { Cores } from './machine/cores.ts';
import { type CoreTime, type CpuTime, readCoreTime, readTreeCpu } from './machine/cpu.ts';

/** What the measured window cost. CPU is that of the proxy's whole process tree. */
export interface Usage {
  readonly userUsPerRequest: number;
  readonly systemUsPerRequest: number;
  /** Share of the load's duration in which the proxy was on its core; up to a hundredth above 1 by rounding. */
  readonly proxyShare: number;
  /** Share of the window in which something else was on the proxy's core. */
  readonly foreignShare: number;
  /** Share of the window in which the cores of the load generator and the endpoints were at work. */
  readonly restShare: number;
}

/** The figures of one contender under load in one round. */
export interface LoadTrial<Result extends LoadResult = LoadResult> {
  readonly load: Result;
  readonly usage: Usage;
  /** Operations on the session map during the measured window. */
  readonly storeOperations?: StoreOperations;
}

/** Measures a warm contender while `drive` puts load on it. */
export async function measureLoad<Result extends LoadResult>(
  { contender, setup, pid }: Entrant,
  cores: Cores,
  drive: () => Promise<Result>,
): Promise<LoadTrial<Result>> {
  const operationsBefore = await contender.storeOperations?.(setup);
  const before = readTimes(pid, cores);
  const load = await drive();
  const after = readTimes(pid, cores);
  const operationsAfter = await contender.storeOperations?.(setup);
  const operations =
    operationsBefore && operationsAfter && operationsBetween(operationsBefore, operationsAfter);
  return {
    load,
    usage: usageBetween(before, after, load),
    ...(operations && { storeOperations: operations }),
  };
}

/** Readings at one end of a window. */
export interface Times {
  readonly proxy: CpuTime;
  readonly proxyCore: CoreTime;
  readonly rest: CoreTime;
}

const readTimes = (pid: number, cores: Cores): Times => ({
  proxy: readTreeCpu(pid),
  proxyCore: readCoreTime(cores.proxy),
  rest: readCoreTime(cores.rest),
});

/** The proxy is idle at both ends of the window, so all its CPU time between them belongs to the requests. */
export function usageBetween(
  before: Times,
  after: Times,
  { requests, durationMs }: Pick<LoadResult, 'requests' | 'durationMs'>,
): Usage {
  const userMs = after.proxy.userMs - before.proxy.userMs;
  const systemMs = after.proxy.systemMs - before.proxy.systemMs;
  const windowMs = after.proxyCore.totalMs - before.proxyCore.totalMs;
  const coreBusyMs = after.proxyCore.busyMs - before.proxyCore.busyMs;
  return {
    userUsPerRequest: (userMs * 1_000) / requests,
    systemUsPerRequest: (systemMs * 1_000) / requests,
    proxyShare: (userMs + systemMs) / durationMs,
    foreignShare: Math.max(0, coreBusyMs - userMs - systemMs) / windowMs,
    restShare: (after.rest.busyMs - before.rest.busyMs) / (after.rest.totalMs - before.rest.totalMs),
  };
}
