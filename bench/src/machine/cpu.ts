import { readdirSync, readFileSync } from 'node:fs';

/** CPU time that processes have spent since they started. */
export interface CpuTime {
  readonly userMs: number;
  readonly systemMs: number;
}

/** Since boot: how long a set of cores was at work, and how long there was to work. */
export interface CoreTime {
  readonly busyMs: number;
  readonly totalMs: number;
}

/** Linux shows CPU time to programs in hundredths of a second on every architecture (USER_HZ). */
const MS_PER_TICK = 10;

/** What one line of `/proc/<pid>/stat` says of a process; threads are included, children are not. */
export interface ProcessStat extends CpuTime {
  readonly pid: number;
  readonly parentPid: number;
}

/** Reads a `/proc/<pid>/stat` line (proc_pid_stat(5)). The name in it may hold spaces and parentheses. */
export function parseProcessStat(line: string): ProcessStat {
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  return {
    pid: Number.parseInt(line, 10),
    parentPid: Number(fields[1]),
    userMs: Number(fields[11]) * MS_PER_TICK,
    systemMs: Number(fields[12]) * MS_PER_TICK,
  };
}

/** CPU time of a process and all its living descendants, every thread of them. */
export function readTreeCpu(rootPid: number): CpuTime {
  const members = readTree(rootPid);
  return {
    userMs: sum(members.map((stat) => stat.userMs)),
    systemMs: sum(members.map((stat) => stat.systemMs)),
  };
}

/** A process and all its living descendants. */
export const readTree = (rootPid: number): readonly ProcessStat[] => treeOf(rootPid, readProcessStats());

/** The process `rootPid` and its descendants, of those in `stats`. */
export function treeOf(rootPid: number, stats: ReadonlyMap<number, ProcessStat>): readonly ProcessStat[] {
  const root = stats.get(rootPid);
  if (root === undefined) return [];
  const children = [...stats].filter(([, { parentPid }]) => parentPid === rootPid);
  return [root, ...children.flatMap(([pid]) => treeOf(pid, stats))];
}

function readProcessStats(): ReadonlyMap<number, ProcessStat> {
  const stats = new Map<number, ProcessStat>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const line = readIfThere(`/proc/${name}/stat`);
    if (line !== undefined) stats.set(Number(name), parseProcessStat(line));
  }
  return stats;
}

/** A process may end between the listing of /proc and the reading of its file. */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

/** Time of the cores that a list such as `0` or `1-3` names. */
export const readCoreTime = (cores: string): CoreTime =>
  parseCoreTime(readFileSync('/proc/stat', 'utf8'), cores);

/** Reads `/proc/stat` (proc_stat(5)); waiting for input is idle, time stolen by the hypervisor is busy. */
export function parseCoreTime(procStat: string, cores: string): CoreTime {
  const [first, last = first] = cores.split('-').map(Number);
  let busyMs = 0;
  let totalMs = 0;
  for (const [, core, text] of procStat.matchAll(/^cpu(\d+) (.*)$/gm)) {
    if (Number(core) < first! || Number(core) > last!) continue;
    // The two guest fields after the eighth are already part of user and nice.
    const ticks = text!.split(' ').map(Number).slice(0, 8);
    totalMs += sum(ticks) * MS_PER_TICK;
    busyMs += (sum(ticks) - ticks[3]! - ticks[4]!) * MS_PER_TICK;
  }
  return { busyMs, totalMs };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
