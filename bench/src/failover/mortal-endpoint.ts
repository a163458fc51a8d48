import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { smallAnswer } from '../endpoints/answers.ts';
import { type Endpoint, nginxCommand } from '../endpoints/endpoints.ts';
import { type PinnedProcess, startPinned } from '../machine/pinned-process.ts';
import { untilAnswered } from '../machine/ready.ts';

/** An endpoint that is a process of its own, so that it can die without the others. */
export class MortalEndpoint implements AsyncDisposable {
  readonly endpoint: Endpoint;
  readonly #directory: string;
  readonly #cores: string;
  #process: PinnedProcess | undefined;

  constructor(endpoint: Endpoint, directory: string, cores: string) {
    this.endpoint = endpoint;
    this.#directory = join(directory, endpoint.id);
    this.#cores = cores;
  }

  /** Starts it, at first or again, at the same port. It answers when this settles. */
  async start(): Promise<void> {
    await this.#process?.untilExit();
    mkdirSync(this.#directory, { recursive: true });
    const [command, ...args] = nginxCommand(this.#directory, [this.endpoint], smallAnswer);
    const outputFile = join(this.#directory, 'output.log');
    this.#process = await startPinned({ cores: this.#cores, command, args, outputFile });
    await untilAnswered(this.#process, { port: this.endpoint.port, secure: false }, outputFile);
  }

  /** SIGKILL: its connections break off and new ones are refused, within a moment. */
  kill(): void {
    this.#process?.kill();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
  }
}
