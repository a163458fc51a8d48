import type { HoldfastNode, StatusReport } from './holdfast-node.ts';
import { until } from './until.ts';

/** What a node of several processes says of itself. */
export type SupervisedReport = StatusReport & {
  readonly configuration: { readonly hash: string };
  readonly workers: readonly {
    readonly worker: number;
    readonly pid: number;
    readonly release: string;
    readonly phase: string;
    readonly openConnections: number;
    readonly requests: number;
  }[];
};

export const supervisedStatus = async (node: HoldfastNode): Promise<SupervisedReport> =>
  (await node.status()) as SupervisedReport;

/** The pids of the workers that serve, once there are so many and no others. */
export function untilWorkers(node: HoldfastNode, count: number): Promise<readonly number[]> {
  return until(
    `${node.name} has ${count} workers that serve`,
    async () => {
      const { workers } = await supervisedStatus(node);
      const isSettled = workers.length === count && workers.every(({ phase }) => phase === 'serving');
      return isSettled && workers.map(({ pid }) => pid);
    },
    30_000,
  );
}

/** Whether a process of that id is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
