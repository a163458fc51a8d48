import type { Clock } from '@holdfast/shared';
import { type EndpointListOptions, formatProblem, parseEndpoints } from '@holdfast/shared/config';
import { ConfigWatch } from '../../node/config-watch.ts';
import { failed, type HearAnswer, type Registry, type RegistryAnswer } from '../registry.ts';

/** Names the endpoints that a file lists, read again when two looks in a row find the same new text. */
export class FileRegistry implements Registry {
  readonly #options: EndpointListOptions;
  readonly #readFile: () => Promise<string>;
  readonly #clock: Clock;
  #hear: HearAnswer | undefined;
  #watch: ConfigWatch | undefined;
  /** The latest answer of a file that could be read. */
  #latest: RegistryAnswer | undefined;
  #isUnreadable = false;

  constructor(options: EndpointListOptions, readFile: () => Promise<string>, clock: Clock) {
    this.#options = options;
    this.#readFile = readFile;
    this.#clock = clock;
  }

  async start(hear: HearAnswer): Promise<void> {
    this.#hear = hear;
    const text = await this.#read().catch(() => undefined);
    if (this.#hear === undefined) return;
    if (text !== undefined) this.#tell(text);
    const source = { text, read: () => this.#read() };
    this.#watch = new ConfigWatch(source, this.#clock, (next) => this.#tell(next));
    this.#watch.start();
  }

  stop(): void {
    this.#hear = undefined;
    this.#watch?.stop();
  }

  async #read(): Promise<string> {
    try {
      const text = await this.#readFile();
      if (this.#isUnreadable && this.#latest !== undefined) this.#hear?.(this.#latest);
      this.#isUnreadable = false;
      return text;
    } catch (error) {
      this.#isUnreadable = true;
      this.#hear?.(failed(error));
      throw error;
    }
  }

  #tell(text: string): void {
    const parsed = parseEndpoints(text, this.#options);
    this.#latest =
      parsed.kind === 'endpoints'
        ? { kind: 'named', endpoints: parsed.endpoints }
        : { kind: 'failed', reason: parsed.problems.map(formatProblem).join('\n') };
    this.#hear?.(this.#latest);
  }
}
