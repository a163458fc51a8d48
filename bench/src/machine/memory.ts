import { readFileSync } from 'node:fs';
import { readTree } from './cpu.ts';

/**
 * The memory that a process and all its living descendants hold, in bytes: their proportional set size, in which a
 * page that several processes share counts once in all. Buffers of the kernel are not in it.
 */
export const readTreeMemory = (rootPid: number): number =>
  readTree(rootPid)
    .map(({ pid }) => parsePss(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')))
    .reduce((sum, bytes) => sum + bytes, 0);

/** Reads the `Pss` line of `/proc/<pid>/smaps_rollup` (proc_pid_smaps(5)), in bytes. */
export const parsePss = (rollup: string): number => Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1]) * 1_024;
