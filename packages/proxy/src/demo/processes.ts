import { type ChildProcess, spawn } from 'node:child_process';
import { type Clock, HoldfastError, sleep } from '@holdfast/shared';
import { request } from 'undici';
import { until } from './until.ts';

/** What to start, how to tell that it is ready, and who hears of it. */
export interface ProcessPlan {
  /** For people: `endpoint a`, `node-1`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Gives `readyAnswer` as soon as the process does its work. */
  readonly readyUrl: string;
  /** What only this demo can know, so that a stranger who has taken the port is not mistaken for the process. */
  readonly readyAnswer: string;
  /** Hears what the process sends over its channel. */
  readonly onMessage?: (message: unknown) => void;
  /** Hears that the process ended although nobody here ended it; `how` is an exit code or a signal. */
  readonly onLoss?: (how: string) => void;
}

type State =
  | { readonly kind: 'ended' }
  | { readonly kind: 'running'; readonly child: ChildProcess; readonly exit: Promise<void> }
  | { readonly kind: 'ending'; readonly exit: Promise<void> };

const LEASH = new URL('./leash.ts', import.meta.url).href;
const READY_DEADLINE_MS = 15_000;
const END_DEADLINE_MS = 5_000;
const COMPLAINT_CHARACTERS_MAX = 2_000;

/**
 * A child process that can be started again after it has ended, and that never outlives the demo: the
 * leash that is preloaded into it ends it when its channel closes.
 */
export class DemoProcess {
  readonly #plan: ProcessPlan;
  readonly #clock: Clock;
  #state: State = { kind: 'ended' };
  #complaint = '';

  constructor(plan: ProcessPlan, clock: Clock) {
    this.#plan = plan;
    this.#clock = clock;
  }

  get isRunning(): boolean {
    return this.#state.kind === 'running';
  }

  /**
   * Starts the process unless it runs, and resolves when it is ready.
   *
   * @throws HoldfastError `INTERNAL` when it ends before, or is not ready within 15 s, or `signal` fires first
   */
  async start(signal?: AbortSignal): Promise<void> {
    if (this.#state.kind === 'ending') await this.#state.exit;
    if (this.#state.kind === 'ended') this.#state = this.#spawn();
    await until(`${this.#plan.name} is ready`, () => this.#isReady(), {
      clock: this.#clock,
      deadlineMs: READY_DEADLINE_MS,
      ...(signal !== undefined && { signal }),
    });
  }

  /** Ends the process with `signal`, and with SIGKILL where that did not end it within 5 s. Resolves when it is gone. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const state = this.#state;
    if (state.kind === 'ended') return;
    if (state.kind === 'ending') return state.exit;
    this.#state = { kind: 'ending', exit: state.exit };
    state.child.kill(signal);
    const isLate = await Promise.race([state.exit, sleep(this.#clock, END_DEADLINE_MS).then(() => true)]);
    if (isLate === true) state.child.kill('SIGKILL');
    await state.exit;
  }

  #spawn(): State {
    const { command, args, onMessage } = this.#plan;
    const child = spawn(command, args, {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      env: { ...process.env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${LEASH}`.trim() },
      // Ctrl-C in a terminal signals the whole process group; in a group of its own the process is ended by
      // the demo alone, in its order.
      detached: true,
    });
    this.#complaint = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#complaint = `${this.#complaint}${text}`.slice(-COMPLAINT_CHARACTERS_MAX);
    });
    if (onMessage !== undefined) child.on('message', onMessage);
    return { kind: 'running', child, exit: this.#exitOf(child) };
  }

  #exitOf(child: ChildProcess): Promise<void> {
    return new Promise((resolve) => {
      const exited = (how: string): void => {
        const wasLost = this.isRunning;
        this.#state = { kind: 'ended' };
        if (wasLost) this.#plan.onLoss?.(how);
        resolve();
      };
      child.once('exit', (code, signal) => exited(signal ?? `exit code ${code}`));
      child.once('error', (error) => {
        this.#complaint = error.message;
        if (child.pid === undefined) exited(error.message);
      });
    });
  }

  async #isReady(): Promise<true | undefined> {
    if (!this.isRunning) {
      const complaint = this.#complaint.trim() || 'it said nothing';
      throw new HoldfastError('INTERNAL', `${this.#plan.name} ended before it was ready: ${complaint}`);
    }
    return (await answerOf(this.#plan.readyUrl)) === this.#plan.readyAnswer ? true : undefined;
  }
}

/** The text that the URL answers with, if it answers in time. */
async function answerOf(url: string): Promise<string | undefined> {
  try {
    const { body } = await request(url, { reset: true, headersTimeout: 1_000, bodyTimeout: 1_000 });
    return await body.text();
  } catch {
    return undefined;
  }
}
