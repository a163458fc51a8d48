import type { Environment } from '@holdfast/shared/config';

/** What a command may use of the process that it runs in. */
export interface Terminal {
  readonly environment: Environment;
  /** A line, or several, for who asked: standard output. */
  print(text: string): void;
  /** A line, or several, about what went wrong: standard error. */
  complain(text: string): void;
}

/** How a command ended, as its exit code: `failure` is the world's doing, `usage` that of the command line or the configuration. */
export const EXIT = { ok: 0, failure: 1, usage: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
