import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { sleep, systemClock } from '@holdfast/shared';

/** A program to start: on which cores, and where its output goes. */
export interface PinnedCommand {
  readonly cores: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** The file that receives standard output and standard error. */
  readonly outputFile: string;
}

/** A child process that keeps to its cores. Disposing of it ends it and waits until it is gone. */
export interface PinnedProcess extends AsyncDisposable {
  readonly pid: number;
  isRunning(): boolean;
  /** Ends it as a crash would, by SIGKILL, without waiting. */
  kill(): void;
  /** Settles when it has ended by itself or was ended. */
  untilExit(): Promise<void>;
}

const STOP_DEADLINE_MS = 10_000;
const running = new Set<ChildProcess>();

/** Ends, without waiting, whatever is still running: for a bench that is being stopped. */
export function killAll(): void {
  for (const child of running) killGroup(child);
}

/**
 * Starts a program under `taskset`, which replaces itself with it: the pid is the program's own. It leads a process
 * group, so that Ctrl-C reaches only the bench and its workers can be ended with it.
 */
export async function startPinned({
  cores,
  command,
  args,
  env,
  outputFile,
}: PinnedCommand): Promise<PinnedProcess> {
  const output = openSync(outputFile, 'a');
  const child = spawn('taskset', ['--cpu-list', cores, command, ...args], {
    stdio: ['ignore', output, output],
    env: { ...process.env, ...env },
    detached: true,
  });
  closeSync(output);
  await once(child, 'spawn');
  running.add(child);
  const exited = once(child, 'exit').then(() => void running.delete(child));
  return {
    pid: child.pid!,
    isRunning: () => isRunning(child),
    kill: () => killGroup(child),
    untilExit: () => exited,
    [Symbol.asyncDispose]: () => stop(child, exited),
  };
}

const isRunning = (child: ChildProcess): boolean => child.exitCode === null && child.signalCode === null;

async function stop(child: ChildProcess, exited: Promise<void>): Promise<void> {
  child.kill('SIGTERM');
  await Promise.race([exited, sleep(systemClock, STOP_DEADLINE_MS)]);
  if (isRunning(child)) killGroup(child);
  await exited;
}

/** A killed parent takes no worker with it: those of nginx would go on and keep its ports. */
function killGroup({ pid }: ChildProcess): void {
  try {
    process.kill(-pid!, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
