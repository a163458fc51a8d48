import { fileURLToPath } from 'node:url';
import { HoldfastError } from '@holdfast/shared';
import { request } from 'undici';
import { afterEach } from 'vitest';
import { Child } from '../support/child.ts';
import { freePort } from '../support/free-port.ts';
import { type JsonLine, readJsonLine } from '../support/json-line.ts';
import type { EndpointAddress } from '../support/node-config.ts';
import { until } from '../support/until.ts';

/** An endpoint of a test that runs a program of this folder: started with its id and port, it tells what it sees as JSON lines. */
export class ProgramEndpoint {
  readonly address: EndpointAddress;
  /** What the program has told so far. */
  readonly told: JsonLine[] = [];
  readonly #child: Child;

  /** @param program the name of a file in this folder */
  static async start(program: string, id: string): Promise<ProgramEndpoint> {
    const endpoint = new ProgramEndpoint(program, id, await freePort());
    await endpoint.#untilListening();
    return endpoint;
  }

  private constructor(program: string, id: string, port: number) {
    this.address = { id, url: `http://127.0.0.1:${port}` };
    this.#child = new Child({
      name: id,
      command: process.execPath,
      args: [fileURLToPath(new URL(program, import.meta.url)), id, String(port)],
      onStdout: (line) => {
        const told = readJsonLine(line);
        if (told !== undefined) this.told.push(told);
      },
    });
  }

  get id(): string {
    return this.address.id;
  }

  /** Whether the program has told a line with all of these fields. */
  hasTold(fields: JsonLine): boolean {
    return this.told.some((line) => Object.entries(fields).every(([name, value]) => line[name] === value));
  }

  async untilTold(fields: JsonLine, deadlineMs?: number): Promise<void> {
    await until(`${this.id} tells ${JSON.stringify(fields)}`, () => this.hasTold(fields), deadlineMs);
  }

  /** Asks the program itself, past every proxy. */
  async ask(path: string): Promise<string> {
    const { body } = await request(this.address.url + path, { reset: true });
    return body.text();
  }

  async kill(): Promise<void> {
    await this.#child.end('SIGKILL');
  }

  async #untilListening(): Promise<void> {
    await until(`${this.id} listens`, () => this.hasTold({ listening: true }) || this.#child.hasExited);
    if (this.#child.hasExited)
      throw new HoldfastError('INTERNAL', `${this.id} ended: ${this.#child.lines.join('\n')}`);
  }
}

/** Starts endpoints `shop-1`, `shop-2` and so on of a program, which end with the test. */
export function useEndpoints(program: string): (count: number) => Promise<readonly ProgramEndpoint[]> {
  const started: ProgramEndpoint[] = [];
  afterEach(async () => {
    await Promise.all(started.splice(0).map((endpoint) => endpoint.kill()));
  });
  return async (count) => {
    const ids = Array.from({ length: count }, (_, index) => `shop-${index + 1}`);
    const endpoints = await Promise.all(ids.map((id) => ProgramEndpoint.start(program, id)));
    started.push(...endpoints);
    return endpoints;
  };
}
