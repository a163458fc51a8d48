import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { HoldfastError } from '@holdfast/shared';

/** What to start, and who hears of what it says. */
export interface ChildPlan {
  /** For people: `node-1`, `shop-3`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Variables beside those of the test. */
  readonly env?: Readonly<Record<string, string>>;
  /** Hears standard output, which is then no part of {@link Child.lines}. */
  readonly onStdout?: (line: string) => void;
  readonly onStderr?: (line: string) => void;
}

/** How a process ended: by itself with a code, or by a signal. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const LINES_KEPT = 200;

/** Ends a process whose parent is gone without having ended it, however that went. */
const LEASH = new URL('../../packages/proxy/src/demo/leash.ts', import.meta.url).href;

/** Those that end with the test's own process. */
const living = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** A process that a test has started. It does not outlive the test's own process. */
export class Child {
  readonly name: string;
  readonly pid: number;
  /** Settles when the process is gone and everything that it said has been heard. */
  readonly exit: Promise<ChildExit>;
  readonly #child: ChildProcess;
  #lines: string[] = [];
  #hasExited = false;

  constructor({ name, command, args, env, onStdout, onStderr }: ChildPlan) {
    this.name = name;
    this.#child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: { ...process.env, NODE_OPTIONS: `--import=${LEASH}`, ...env },
    });
    if (this.#child.pid === undefined)
      throw new HoldfastError('INTERNAL', `start ${name}: ${command} did not start`);
    this.pid = this.#child.pid;
    listen(this.#child.stdout, onStdout ?? ((line) => this.#remember(line)));
    listen(this.#child.stderr, (line) => {
      this.#remember(line);
      onStderr?.(line);
    });
    living.add(this.#child);
    this.exit = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        this.#hasExited = true;
        living.delete(this.#child);
        resolve({ code, signal });
      });
    });
  }

  get hasExited(): boolean {
    return this.#hasExited;
  }

  /** The last lines that the process said of itself. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Ends the process by `signal` and waits until it is gone. Does nothing to one that has ended. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<ChildExit> {
    if (this.#hasExited) return this.exit;
    this.signal(signal);
    // A frozen process would keep any signal but SIGKILL until it is resumed.
    this.signal('SIGCONT');
    return this.exit;
  }

  #remember(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > 2 * LINES_KEPT) this.#lines = this.#lines.slice(-LINES_KEPT);
  }
}

function listen(stream: Readable | null, onLine: (line: string) => void): void {
  if (stream !== null) createInterface({ input: stream }).on('line', onLine);
}
