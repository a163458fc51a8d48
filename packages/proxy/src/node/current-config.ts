import { createHash } from 'node:crypto';
import type { Clock, EpochMs } from '@holdfast/shared';
import type { Config } from '@holdfast/shared/config';
import type { ConfigChanges } from './config-changes.ts';
import { fingerprintOf } from './config-fingerprint.ts';

/** Who or what asked for a reload. */
export type ReloadTrigger = 'signal' | 'file' | 'admin';

/**
 * How a reload ended.
 *
 * - `applied`: the node goes by the new configuration
 * - `refused`: nothing has changed, and why
 */
export type ReloadOutcome =
  | { readonly outcome: 'applied'; readonly changes: ConfigChanges }
  | {
      readonly outcome: 'refused';
      /** Whether the file is wrong, or something that it refers to: a file that cannot be read, an address that is taken. */
      readonly cause: 'configuration' | 'system';
      /** As `holdfast validate` words them. */
      readonly problems: readonly string[];
    };

/** A reload that is over. */
export type ReloadReport = ReloadOutcome & { readonly trigger: ReloadTrigger; readonly atMs: EpochMs };

/** What a node goes by at the moment, and what became of the last attempt to change that. */
export class CurrentConfig {
  lastReload: ReloadReport | undefined = undefined;
  readonly #clock: Clock;
  #config: Config;
  #hash: string | undefined;
  #fingerprint: string;
  #loadedAtMs: EpochMs;

  /** @param text of the file; undefined where the configuration comes from none */
  constructor(config: Config, text: string | undefined, clock: Clock) {
    this.#clock = clock;
    this.#config = config;
    this.#hash = text === undefined ? undefined : hashOf(text);
    this.#fingerprint = fingerprintOf(config);
    this.#loadedAtMs = clock.now();
  }

  get config(): Config {
    return this.#config;
  }

  /** SHA-256 of the file's text, in hex; undefined where the configuration comes from no file. */
  get hash(): string | undefined {
    return this.#hash;
  }

  /** As {@link fingerprintOf} makes it. */
  get fingerprint(): string {
    return this.#fingerprint;
  }

  get loadedAtMs(): EpochMs {
    return this.#loadedAtMs;
  }

  become(config: Config, text: string): void {
    this.#config = config;
    this.#hash = hashOf(text);
    this.#fingerprint = fingerprintOf(config);
    this.#loadedAtMs = this.#clock.now();
  }
}

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
