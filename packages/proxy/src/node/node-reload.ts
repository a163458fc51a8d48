import { HoldfastError, type Logger } from '@holdfast/shared';
import { type Config, formatProblem, formatWarning } from '@holdfast/shared/config';
import { type ConfigChanges, configChanges } from './config-changes.ts';
import type { ConfigSource } from './config-source.ts';
import type { CurrentConfig, ReloadOutcome } from './current-config.ts';
import { fixedSettings } from './fixed-settings.ts';
import type { PreparedParts } from './node-parts.ts';

/** Another configuration that a node could go by from one moment to the next; or why it cannot. */
export type Preparation =
  | {
      readonly kind: 'prepared';
      readonly changes: ConfigChanges;
      /** Goes by it from now on, all of it as soon as the answer settles. Cannot fail. */
      commit(): void | Promise<void>;
      /** Leaves everything as it was. */
      discard(): Promise<void>;
    }
  | ({ readonly kind: 'refused' } & Omit<Extract<ReloadOutcome, { outcome: 'refused' }>, 'outcome'>);

export interface NodeReloadOptions {
  readonly current: CurrentConfig;
  readonly source: Pick<ConfigSource, 'parse'>;
  /** Makes everything that a configuration needs, as when the node was started. */
  readonly prepare: (config: Config) => Promise<PreparedParts>;
  readonly log: Logger;
}

/**
 * Has a running node go by another configuration: all of it, or nothing. Whatever can fail is done before anything is
 * changed, and the change itself takes no time.
 */
export class NodeReload {
  readonly #options: NodeReloadOptions;

  constructor(options: NodeReloadOptions) {
    this.#options = options;
  }

  /** Two preparations must not overlap: the first is committed or discarded before the second begins. */
  async prepare(text: string): Promise<Preparation> {
    const { current, source, log } = this.#options;
    const parsed = source.parse(text);
    if (parsed.kind === 'problems') return refused(parsed.problems.map(formatProblem));
    const fixed = fixedSettings(current.config, parsed.config).map(parsed.locate);
    if (fixed.length > 0) return refused(fixed.map(formatProblem));
    for (const warning of parsed.warnings) log.warn({}, formatWarning(warning));
    try {
      return this.#prepared(text, parsed.config, await this.#options.prepare(parsed.config));
    } catch (error) {
      return { kind: 'refused', cause: 'system', problems: [HoldfastError.from(error).message] };
    }
  }

  #prepared(text: string, config: Config, { commit, discard }: PreparedParts): Preparation {
    const { current } = this.#options;
    const changes = configChanges(current.config, config);
    const commitAll = (): void => {
      commit();
      current.become(config, text);
    };
    return { kind: 'prepared', changes, commit: commitAll, discard };
  }
}

const refused = (problems: readonly string[]): Preparation => ({
  kind: 'refused',
  cause: 'configuration',
  problems,
});
