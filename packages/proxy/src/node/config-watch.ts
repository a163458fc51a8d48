import type { CancelTimer, Clock } from '@holdfast/shared';
import type { ConfigSource } from './config-source.ts';
import { hashOf } from './current-config.ts';

/**
 * Looking at the text once in a while finds every way in which a file is replaced: written in place, renamed over, or
 * reached by another link, as in a mounted ConfigMap. The system's notices miss some of them.
 */
const LOOK_INTERVAL_MS = 1_000;

/** Notices that a configuration file has another text, and stays so. */
export class ConfigWatch {
  readonly #source: Pick<ConfigSource, 'read'>;
  readonly #clock: Clock;
  readonly #onChange: (text: string) => unknown;
  #settled: string | undefined;
  #seen: string | undefined;
  #cancel: CancelTimer | undefined;

  /** @param onChange told once of each text that two looks in a row have found; the next look waits for what it answers */
  constructor(
    source: Pick<ConfigSource, 'text' | 'read'>,
    clock: Clock,
    onChange: (text: string) => unknown,
  ) {
    this.#source = source;
    this.#clock = clock;
    this.#onChange = onChange;
    this.#settled = source.text === undefined ? undefined : hashOf(source.text);
    this.#seen = this.#settled;
  }

  start(): void {
    this.#cancel = this.#clock.after(LOOK_INTERVAL_MS, async () => {
      await this.#look();
      if (this.#cancel !== undefined) this.start();
    });
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Somebody has acted on this text already. */
  settle(text: string): void {
    this.#settled = hashOf(text);
  }

  async #look(): Promise<void> {
    // A file that is not there is being replaced; the configuration before stays until there is another.
    const text = await this.#source.read().catch(() => undefined);
    if (text === undefined) return;
    const hash = hashOf(text);
    const isStable = hash === this.#seen;
    this.#seen = hash;
    if (!isStable || hash === this.#settled) return;
    this.#settled = hash;
    await this.#onChange(text);
  }
}
