import { fileURLToPath } from 'node:url';
import { HoldfastError } from '@holdfast/shared';
import { freePort } from '@holdfast/store/testing';
import { request } from 'undici';
import { afterAll, afterEach } from 'vitest';
import { Child, type ChildPlan } from '../support/child.ts';
import { type JsonLine, readJsonLine } from '../support/json-line.ts';
import type { EndpointAddress } from '../support/node-config.ts';
import { until } from '../support/until.ts';

/** How long a program may take to start, on a machine that is busy. */
const START_DEADLINE_MS = 30_000;

/** What runs a program that is to be an endpoint. */
export type EndpointPlan = Pick<ChildPlan, 'command' | 'args' | 'env'>;

/** An endpoint of a test that runs a program, which tells what it sees as JSON lines. */
export class ProgramEndpoint {
  readonly address: EndpointAddress;
  /** What the program has told so far. */
  readonly told: JsonLine[] = [];
  readonly #plan: EndpointPlan;
  /** Whether it does not tell that it listens, but is asked until it answers. */
  readonly #isAsked: boolean;
  #child: Child | undefined;

  /** @param program the name of a file in this folder, started with its id and port, which tells when it listens */
  static async start(program: string, id: string): Promise<ProgramEndpoint> {
    const port = await freePort();
    const args = [fileURLToPath(new URL(program, import.meta.url)), id, String(port)];
    const endpoint = new ProgramEndpoint(id, port, { command: process.execPath, args }, false);
    await endpoint.start();
    return endpoint;
  }

  /** A program that knows nothing of tests: it is asked until it answers. */
  static async startAs(id: string, planOf: (port: number) => EndpointPlan): Promise<ProgramEndpoint> {
    const port = await freePort();
    const endpoint = new ProgramEndpoint(id, port, planOf(port), true);
    await endpoint.start();
    return endpoint;
  }

  private constructor(id: string, port: number, plan: EndpointPlan, isAsked: boolean) {
    this.address = { id, url: `http://127.0.0.1:${port}` };
    this.#plan = plan;
    this.#isAsked = isAsked;
  }

  get id(): string {
    return this.address.id;
  }

  /** Whether the program has told a line with all of these fields. */
  hasTold(fields: JsonLine): boolean {
    return this.timesTold(fields) > 0;
  }

  /** Starts anew with what the program tells. */
  forget(): void {
    this.told.length = 0;
  }

  async untilTold(fields: JsonLine, deadlineMs?: number): Promise<void> {
    await until(`${this.id} tells ${JSON.stringify(fields)}`, () => this.hasTold(fields), deadlineMs);
  }

  /** How often the program has told a line with all of these fields, over all of its lives. */
  timesTold(fields: JsonLine): number {
    return this.told.filter((line) => holds(line, fields)).length;
  }

  /** Asks the program itself, past every proxy. */
  async ask(path: string): Promise<string> {
    const { body } = await request(this.address.url + path, { reset: true });
    return body.text();
  }

  async kill(): Promise<void> {
    await this.#child?.end('SIGKILL');
  }

  /** Starts the program, or starts it again, on the same port. */
  async start(): Promise<void> {
    let isListening = false;
    const child = new Child({
      name: this.id,
      ...this.#plan,
      onStdout: (line) => {
        const told = readJsonLine(line);
        if (told !== undefined) this.told.push(told);
        isListening ||= told?.listening === true;
      },
    });
    this.#child = child;
    await until(
      `${this.id} listens`,
      async () => isListening || child.hasExited || (this.#isAsked && (await this.#answers())),
      START_DEADLINE_MS,
    );
    if (child.hasExited) throw new HoldfastError('INTERNAL', `${this.id} ended: ${child.lines.join('\n')}`);
  }

  #answers(): Promise<boolean> {
    return this.ask('/').then(
      () => true,
      () => false,
    );
  }
}

const holds = (line: JsonLine, fields: JsonLine): boolean =>
  Object.entries(fields).every(([name, value]) => line[name] === value);

/**
 * Starts endpoints `shop-1`, `shop-2` and so on of a program, which end with the test, or after all tests of the
 * `describe`.
 */
export function useEndpoints(
  program: string,
  per: 'test' | 'file' = 'test',
): (count: number) => Promise<readonly ProgramEndpoint[]> {
  const started: ProgramEndpoint[] = [];
  const endAll = async (): Promise<void> => {
    await Promise.all(started.splice(0).map((endpoint) => endpoint.kill()));
  };
  if (per === 'file') afterAll(endAll);
  else afterEach(endAll);
  return async (count) => {
    const ids = Array.from({ length: count }, (_, index) => `shop-${index + 1}`);
    const endpoints = await Promise.all(ids.map((id) => ProgramEndpoint.start(program, id)));
    started.push(...endpoints);
    return endpoints;
  };
}
