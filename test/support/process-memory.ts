import { readFile, writeFile } from 'node:fs/promises';

/** The most memory that a process has held at once since {@link forgetPeakMemory}, in bytes (Linux). */
export async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}

/** Starts the measure of {@link peakMemory} at what the process holds now. */
export const forgetPeakMemory = (pid: number): Promise<void> => writeFile(`/proc/${pid}/clear_refs`, '5');
