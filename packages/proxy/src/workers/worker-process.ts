import { type ChildProcess, type SendHandle, spawn } from 'node:child_process';
import type { SocketHandle } from './bound-socket.ts';
import { readWorkerMessage, type SupervisorMessage, type WorkerMessage } from './messages.ts';

/** What a worker is started from. */
export interface WorkerProgram {
  readonly command: string;
  readonly args: readonly string[];
}

/** Who hears of a worker. */
export interface WorkerEvents {
  said(message: WorkerMessage): void;
  /** The process is gone, by itself or not; `how` is an exit code, a signal, or why it could not be started. */
  ended(how: string): void;
}

/** A worker, as its supervisor sees it. */
export interface WorkerHandle {
  /** Undefined if it could not be started. */
  readonly pid: number | undefined;
  /** Says something to the worker, unless it is gone. */
  send(message: SupervisorMessage, socket?: SocketHandle): void;
  kill(): void;
}

/** Starts a process that says `hello` as soon as it can be told what to do. It writes where this process writes. */
export function startWorkerProcess({ command, args }: WorkerProgram, events: WorkerEvents): WorkerHandle {
  const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  reportEnd(child, events);
  child.on('message', (message) => {
    const known = readWorkerMessage(message);
    if (known !== undefined) events.said(known);
  });
  return {
    pid: child.pid,
    send(message, socket) {
      // That a worker is gone is told by its end, and not by a message that did not reach it.
      if (child.connected) child.send(message, socket as unknown as SendHandle, {}, () => {});
    },
    kill: () => void child.kill('SIGKILL'),
  };
}

function reportEnd(child: ChildProcess, events: WorkerEvents): void {
  child.once('exit', (code, signal) => events.ended(signal ?? `exit code ${code}`));
  child.on('error', (error) => {
    if (child.pid === undefined) events.ended(error.message);
  });
}
