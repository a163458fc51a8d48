import { HoldfastError } from '@holdfast/shared';
import type { ParsedConfig } from '@holdfast/shared/config';

/** Where the configuration of a node comes from, and comes from again. */
export interface ConfigSource {
  /** The text that the node was started with; undefined where it was none. */
  readonly text: string | undefined;
  /** The text as it is now. Rejects if it cannot be read. */
  read(): Promise<string>;
  /** Reads a text of this source. */
  parse(text: string): ParsedConfig;
  /** What is wrong where {@link read} has rejected, as `holdfast validate` words it. */
  unreadable(error: unknown): string;
}

const NO_FILE = 'this node was started without a configuration file to reload';

/** Of a node that was started with values. */
export const noSource: ConfigSource = {
  text: undefined,
  read: () => Promise.reject(new HoldfastError('INTERNAL', NO_FILE)),
  parse: () => ({
    kind: 'problems',
    problems: [{ file: 'none', line: 1, column: 1, path: '', message: NO_FILE }],
  }),
  unreadable: () => NO_FILE,
};
