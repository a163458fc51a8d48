import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { HoldfastError } from '@holdfast/shared';
import { freePort } from '@holdfast/store/testing';
import { Child } from '../child.ts';
import { HttpClient } from '../http-client.ts';
import { until } from '../until.ts';
import { type Original, type OriginalBackend, type OriginalSetup, PATH } from './original.ts';

/** An original that runs. */
export class OriginalProcess {
  readonly setup: OriginalSetup;
  readonly #child: Child;

  /** Starts it in a folder of its own below `dir`, and waits until it listens. `onStdout` hears what it prints. */
  static async start(
    original: Original,
    dir: string,
    endpoints: OriginalSetup['endpoints'],
    backends: readonly OriginalBackend[],
    onStdout?: (line: string) => void,
  ): Promise<OriginalProcess> {
    const own = join(dir, original.command);
    await mkdir(own);
    const setup = { dir: own, port: await freePort(), endpoints, backends };
    const file = join(own, 'configuration');
    await writeFile(file, original.configuration(setup));
    const child = new Child({
      name: original.name,
      command: original.command,
      args: original.args(file, setup),
      env: { PATH, ...original.env?.(setup) },
      ...(onStdout !== undefined && { onStdout }),
    });
    const started = new OriginalProcess(setup, child);
    await started.#untilListening();
    return started;
  }

  private constructor(setup: OriginalSetup, child: Child) {
    this.setup = setup;
    this.#child = child;
  }

  get origin(): string {
    return `http://127.0.0.1:${this.setup.port}`;
  }

  async end(): Promise<void> {
    await this.#child.end('SIGTERM');
  }

  /** Whatever it answers to a host that it does not know. */
  async #untilListening(): Promise<void> {
    const client = new HttpClient(this.origin, 1);
    const answers = (): Promise<boolean> =>
      client.send().then(
        () => true,
        () => false,
      );
    await until(`${this.#child.name} listens`, async () => this.#child.hasExited || (await answers()));
    await client.close();
    if (this.#child.hasExited)
      throw new HoldfastError(
        'INTERNAL',
        `${this.#child.name} ended at its start:\n${this.#child.lines.join('\n')}`,
      );
  }
}

/** What a program answers to a command on its socket. */
export function command(socketPath: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(socketPath, () => socket.write(`${line}\n`));
    socket.on('data', (piece) => {
      answer += piece.toString();
    });
    socket.on('error', reject);
    socket.on('end', () => resolve(answer));
  });
}
