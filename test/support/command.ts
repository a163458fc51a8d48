import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The program as users have it. */
export const HOLDFAST = fileURLToPath(new URL('../../bin/holdfast', import.meta.url));

/** What is left of a command when it has ended. */
export interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs it to its end. */
export function holdfast(...args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(HOLDFAST, args, { timeout: 30_000 }, (_, stdout, stderr) =>
      resolve({ exitCode: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}
