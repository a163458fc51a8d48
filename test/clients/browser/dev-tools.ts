import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { HoldfastError } from '@holdfast/shared';

/** What an answer or an event holds; its fields are those of the Chrome DevTools Protocol. */
export type Fields = Readonly<Record<string, unknown>>;

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Fields;
  readonly sessionId?: string;
  readonly result?: Fields;
  readonly error?: { readonly message: string };
}

interface Pending {
  readonly resolve: (fields: Fields) => void;
  readonly reject: (error: Error) => void;
}

/** Whoever waits for an event. */
interface Waiter extends Pending {
  readonly method: string;
  readonly sessionId: string;
  readonly isMeant: (fields: Fields) => boolean;
}

/** Whoever hears of every event of a kind. */
interface Listener {
  readonly method: string;
  readonly sessionId: string;
  readonly hear: (fields: Fields) => void;
}

/**
 * A Chromium and the two pipes on which it takes commands. The process ends when the pipes do, so that it does not
 * outlive the test's process, however that ends.
 */
export class DevTools {
  readonly #child: ChildProcess;
  readonly #commands: Writable;
  readonly #pending = new Map<number, Pending>();
  readonly #listeners: Listener[] = [];
  #waiters: readonly Waiter[] = [];
  #commandsSent = 0;
  #unread = '';

  constructor(program: string, args: readonly string[]) {
    const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] as const;
    this.#child = spawn(program, ['--remote-debugging-pipe', ...args], { stdio: [...stdio] });
    const [, , , commands, messages] = this.#child.stdio;
    this.#commands = commands as Writable;
    // What is written to a browser that is gone is refused when its exit is seen.
    this.#commands.on('error', () => {});
    (messages as Readable).setEncoding('utf8').on('data', (text: string) => this.#read(text));
    const fail = (): void => this.#fail(`${program} ended`);
    this.#child.once('error', fail).once('exit', fail);
  }

  /** @throws HoldfastError `INTERNAL` where the browser refuses the command or ends first */
  send(method: string, params: Fields = {}, sessionId?: string): Promise<Fields> {
    const id = ++this.#commandsSent;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#commands.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  /** Answers with the next event of that name on that page that is meant. */
  next(method: string, sessionId: string, isMeant: (fields: Fields) => boolean): Promise<Fields> {
    return new Promise((resolve, reject) => {
      this.#waiters = [...this.#waiters, { method, sessionId, isMeant, resolve, reject }];
    });
  }

  /** Has `hear` called with every event of that name on that page from now on. */
  listen(method: string, sessionId: string, hear: (fields: Fields) => void): void {
    this.#listeners.push({ method, sessionId, hear });
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }

  #read(text: string): void {
    const messages = (this.#unread + text).split('\0');
    this.#unread = messages.pop() ?? '';
    for (const message of messages) this.#hear(JSON.parse(message) as Message);
  }

  #hear(message: Message): void {
    if (message.id === undefined) this.#happen(message);
    else this.#settle(message.id, message);
  }

  #happen({ method, sessionId, params = {} }: Message): void {
    for (const listener of this.#listeners)
      if (listener.method === method && listener.sessionId === sessionId) listener.hear(params);
    const isFor = (waiter: Waiter): boolean =>
      waiter.method === method && waiter.sessionId === sessionId && waiter.isMeant(params);
    const { told = [], others = [] } = Object.groupBy(this.#waiters, (waiter) =>
      isFor(waiter) ? 'told' : 'others',
    );
    this.#waiters = others;
    for (const { resolve } of told) resolve(params);
  }

  #settle(id: number, { result = {}, error }: Message): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (error === undefined) pending?.resolve(result);
    else pending?.reject(new HoldfastError('INTERNAL', `tell the browser: ${error.message}`));
  }

  #fail(reason: string): void {
    for (const { reject } of [...this.#pending.values(), ...this.#waiters])
      reject(new HoldfastError('INTERNAL', `tell the browser: ${reason}`));
    this.#pending.clear();
    this.#waiters = [];
  }
}
