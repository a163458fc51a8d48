import { fileURLToPath } from 'node:url';
import { HoldfastError } from '@holdfast/shared';
import { freePort } from '@holdfast/store/testing';
import { request } from 'undici';
import { Child } from './child.ts';
import { readJsonLine } from './json-line.ts';
import type { EndpointAddress } from './node-config.ts';
import { until } from './until.ts';

const PROGRAM = fileURLToPath(new URL('./endpoint-program.ts', import.meta.url));

/** An endpoint in a process of its own, which can be killed, frozen and started again on the same port. */
export class EndpointProcess implements EndpointAddress {
  readonly id: string;
  readonly port: number;
  readonly #seen = new Map<string, number>();
  readonly #brokenOff = new Set<string>();
  #child: Child | undefined;
  #isListening = false;

  static async create(id: string): Promise<EndpointProcess> {
    return new EndpointProcess(id, await freePort());
  }

  private constructor(id: string, port: number) {
    this.id = id;
    this.port = port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get hasStarted(): boolean {
    return this.#child !== undefined;
  }

  get child(): Child {
    if (this.#child === undefined) throw new HoldfastError('INTERNAL', `${this.id} has not been started`);
    return this.#child;
  }

  async start(): Promise<this> {
    this.#isListening = false;
    const args = [PROGRAM, this.id, String(this.port)];
    const onStdout = (line: string): void => this.#hear(line);
    const child = new Child({ name: this.id, command: process.execPath, args, onStdout });
    this.#child = child;
    await until(`${this.id} listens`, () => this.#isListening || child.hasExited);
    if (child.hasExited) throw new HoldfastError('INTERNAL', `${this.id} ended: ${child.lines.join('\n')}`);
    return this;
  }

  async kill(): Promise<void> {
    await this.child.end('SIGKILL');
  }

  /** Freezes the process: its port still accepts, and nothing answers. */
  freeze(): void {
    this.child.signal('SIGSTOP');
  }

  thaw(): void {
    this.child.signal('SIGCONT');
  }

  /** How often the handler of this endpoint was given the request with that `X-Unique-Id`, over all of its lives. */
  timesSeen(uniqueId: string): number {
    return this.#seen.get(uniqueId) ?? 0;
  }

  /** Whether the connection of that request ended before its response did. */
  wasBrokenOff(uniqueId: string): boolean {
    return this.#brokenOff.has(uniqueId);
  }

  /** Bytes of `/bytes` that this life of the process has handed to its connections. */
  async bytesSent(): Promise<number> {
    return Number(await this.#ask('/control/bytes-sent'));
  }

  /** Lets the last request of `/gate` go on. */
  async openGate(): Promise<void> {
    await this.#ask('/control/open-gate');
  }

  /** What `/healthz` answers from now on. */
  async setHealth(status: number): Promise<void> {
    await this.#ask(`/control/health?status=${status}`);
  }

  async #ask(path: string): Promise<string> {
    const { body } = await request(this.url + path, { reset: true });
    return body.text();
  }

  #hear(line: string): void {
    const said = readJsonLine(line);
    if (said === undefined) return;
    const { seen, brokenOff, listening } = said;
    if (listening === true) this.#isListening = true;
    if (typeof seen === 'string') this.#seen.set(seen, this.timesSeen(seen) + 1);
    if (typeof brokenOff === 'string') this.#brokenOff.add(brokenOff);
  }
}
