import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/shared';
import { freePort } from '@holdfast/store/testing';
import { request } from 'undici';
import { Child, type ChildExit } from './child.ts';
import { HOLDFAST } from './command.ts';
import { type JsonLine, readJsonLine } from './json-line.ts';
import { type NodePorts, type NodeWishes, nodeConfig } from './node-config.ts';
import { until } from './until.ts';

const START_DEADLINE_MS = 20_000;

/** What a test reads of `/status`. */
export interface StatusReport {
  readonly pid: number;
  readonly configuration: {
    readonly hash?: string;
    readonly loadedAt: string;
    readonly lastReload?: ReloadAnswer;
  };
  readonly store: {
    readonly kind: string;
    readonly state: string;
    readonly mode: string;
    readonly invalidationsLive: boolean;
    readonly operations: Readonly<Record<string, number>>;
    readonly writeBacks: Readonly<Record<'admitted' | 'refused', number>>;
  };
  readonly isCutOff: boolean;
  readonly members: readonly { readonly node: string; readonly state: string; readonly phase: string }[];
  readonly warnings: readonly string[];
  readonly requests: {
    readonly requests: number;
    readonly retries: number;
    readonly byOutcome: Readonly<Record<string, number>>;
    readonly repinsByReason: Readonly<Record<string, number>>;
  };
  readonly connections: {
    readonly byEnd: Readonly<Record<string, number>>;
    readonly byOutcome: Readonly<Record<string, number>>;
  };
  readonly listeners: readonly { readonly name: string; readonly openConnections: number }[];
  readonly pools: readonly {
    readonly name: string;
    readonly discovery?: Readonly<Record<'answers' | 'failures' | 'failingForSeconds', number>>;
    readonly endpoints: readonly {
      readonly id: string;
      readonly url?: string;
      readonly isLeaving?: boolean;
      readonly standing: string;
      readonly heldDownBy: readonly string[];
      readonly healthCheck: string;
      readonly outlier: string;
      readonly inFlight: number;
    }[];
  }[];
  readonly pinned?: Readonly<Record<string, number>>;
  /** Pins that the node has moved between requests, by reason. */
  readonly moved: Readonly<Record<string, number>>;
}

/** What a node answers of a reload. */
export interface ReloadAnswer {
  readonly outcome: 'applied' | 'refused';
  readonly trigger: string;
  readonly changes?: Readonly<Record<string, unknown>>;
  readonly cause?: string;
  readonly problems?: readonly string[];
}

/** A real node in a process of its own: `holdfast run` on a file. It can be ended and started again, ports unchanged. */
export class HoldfastNode {
  readonly name: string;
  readonly ports: NodePorts;
  /** What the node logged of itself, over all of its lives. */
  readonly events: JsonLine[] = [];
  /** One line per request, where the access log is on. */
  readonly accessLog: JsonLine[] = [];
  /** Its configuration file. */
  readonly file: string;
  readonly #program: string | undefined;
  #wishes: NodeWishes;
  #child: Child | undefined;

  /**
   * @param dir where the configuration file goes
   * @param program that runs the node of the file which it is told; without it `holdfast run` does
   */
  static async create(
    name: string,
    dir: string,
    wishes: NodeWishes,
    program?: string,
  ): Promise<HoldfastNode> {
    const ports = { port: await freePort(), adminPort: await freePort() };
    return new HoldfastNode(name, dir, ports, wishes, program);
  }

  private constructor(
    name: string,
    dir: string,
    ports: NodePorts,
    wishes: NodeWishes,
    program: string | undefined,
  ) {
    this.#program = program;
    this.name = name;
    this.ports = ports;
    this.file = join(dir, `${name}.yaml`);
    this.#wishes = wishes;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.ports.port}`;
  }

  get adminOrigin(): string {
    return `http://127.0.0.1:${this.ports.adminPort}`;
  }

  get hasStarted(): boolean {
    return this.#child !== undefined;
  }

  get child(): Child {
    if (this.#child === undefined) throw new HoldfastError('INTERNAL', `${this.name} has not been started`);
    return this.#child;
  }

  /** Starts the node, with other wishes where they are given, and waits until it listens and is ready. */
  async start(wishes = this.#wishes): Promise<this> {
    await this.write(wishes);
    const eventsBefore = this.events.length;
    const child = new Child({
      name: this.name,
      ...(this.#program === undefined
        ? { command: HOLDFAST, args: ['run', '-c', this.file] }
        : { command: process.execPath, args: [this.#program, this.file] }),
      onStderr: (line) => keep(line, this.events),
      onStdout: (line) => keep(line, this.accessLog),
    });
    this.#child = child;
    const isListening = (): boolean => this.events.slice(eventsBefore).some(({ msg }) => msg === 'listening');
    await until(
      `${this.name} listens and is ready`,
      async () => child.hasExited || (isListening() && (await this.isReady())),
      START_DEADLINE_MS,
    );
    if (child.hasExited) {
      throw new HoldfastError('INTERNAL', `${this.name} ended at its start:\n${child.lines.join('\n')}`);
    }
    return this;
  }

  /** Writes the configuration file anew, by which a node that runs is not asked to go by it. */
  async write(wishes: NodeWishes): Promise<void> {
    this.#wishes = wishes;
    await writeFile(this.file, nodeConfig(this.name, this.ports, wishes));
  }

  /** Writes the file anew and has the node reload it; answers with what the node says of that. */
  async reload(wishes: NodeWishes): Promise<ReloadAnswer> {
    await this.write(wishes);
    const { body } = await request(`${this.adminOrigin}/reload`, { method: 'POST', reset: true });
    return (await body.json()) as ReloadAnswer;
  }

  /** Ends the node by `signal`, and answers with how it ended. */
  end(signal: NodeJS.Signals = 'SIGTERM'): Promise<ChildExit> {
    return this.child.end(signal);
  }

  async restart(signal: NodeJS.Signals, wishes = this.#wishes): Promise<void> {
    await this.end(signal);
    await this.start(wishes);
  }

  async isReady(): Promise<boolean> {
    return (await this.admin('/readyz').catch(() => undefined))?.status === 200;
  }

  async status(): Promise<StatusReport> {
    return JSON.parse((await this.admin('/status')).body) as StatusReport;
  }

  /** How many living pins the session map has in all; asked again for as long as the store does not answer. */
  async pinnedTotal(): Promise<number> {
    const pinned = await until(`${this.name} can count pins`, async () => (await this.status()).pinned);
    return Object.values(pinned).reduce((sum, count) => sum + count, 0);
  }

  async admin(path: string, headers: Record<string, string> = {}): Promise<{ status: number; body: string }> {
    const { statusCode, body } = await request(this.adminOrigin + path, { headers, reset: true });
    return { status: statusCode, body: await body.text() };
  }

  /** How this node sees the endpoint of that id in pool `shop`. */
  async standingOf(endpoint: string): Promise<string | undefined> {
    const { pools } = await this.status();
    return pools.flatMap(({ endpoints }) => endpoints).find(({ id }) => id === `shop/${endpoint}`)?.standing;
  }
}

function keep(line: string, lines: JsonLine[]): void {
  const parsed = readJsonLine(line);
  if (parsed !== undefined) lines.push(parsed);
}
