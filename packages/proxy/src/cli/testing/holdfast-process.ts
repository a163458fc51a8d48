import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COMMAND = fileURLToPath(new URL('../../../../../bin/holdfast', import.meta.url));

/** What is left of a command when it has ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as users have it, started in a directory of its own that holds the given files. */
export class HoldfastProcess implements AsyncDisposable {
  readonly #directory = mkdtempSync(join(tmpdir(), 'holdfast-cli-'));
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #stdout = '';
  #stderr = '';

  constructor(
    args: readonly string[],
    files: Readonly<Record<string, string>> = {},
    environment: NodeJS.ProcessEnv = {},
  ) {
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.#directory, name), text);
    const env = { PATH: process.env.PATH, ...environment };
    this.#child = spawn(COMMAND, args, { cwd: this.#directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.#stdout += text;
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.#ended = once(this.#child, 'close');
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Waits until what it has written, to standard output or standard error, matches. */
  async output(pattern: RegExp): Promise<RegExpExecArray> {
    let hasEnded = false;
    for (;;) {
      const match = pattern.exec(this.#stdout + this.#stderr);
      if (match !== null) return match;
      if (hasEnded) throw new Error(`ended without ${pattern}: ${this.#stdout}${this.#stderr}`);
      const written = [once(this.#child.stdout!, 'data'), once(this.#child.stderr!, 'data')];
      hasEnded = await Promise.race([
        ...written.map((data) => data.then(() => false)),
        this.#ended.then(() => true),
      ]);
    }
  }

  async end(): Promise<Ended> {
    await this.#ended;
    return { exitCode: this.#child.exitCode, stdout: this.#stdout, stderr: this.#stderr };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
    rmSync(this.#directory, { recursive: true });
  }
}

/** Runs the command to its end. */
export async function holdfast(...args: ConstructorParameters<typeof HoldfastProcess>): Promise<Ended> {
  await using running = new HoldfastProcess(...args);
  return await running.end();
}
