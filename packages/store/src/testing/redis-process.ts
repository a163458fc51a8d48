import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { HoldfastError } from '@holdfast/shared';
import { freePort } from './free-port.ts';

export interface RedisProcessOptions {
  /** Further arguments, such as `['--maxmemory', '10mb']`, which may depend on the port. */
  readonly args?: readonly string[] | ((port: number) => readonly string[]);
  /** The text of a configuration file, which the process may write to. Default: none. */
  readonly config?: string;
  /** Default: `redis-server`. */
  readonly program?: 'redis-server' | 'valkey-server';
}

/** A real Redis of a test's own: on a free port, with nothing on disk, gone when the test is. */
export interface RedisProcess {
  readonly port: number;
  /** `redis://127.0.0.1:<port>` */
  readonly url: string;
  /** Ends it for good and removes its folder. */
  stop(): Promise<void>;
  /** Ends it by a signal, `SIGKILL` where none is given, and waits until it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts it again on the same port, empty and without scripts; a living process is killed first. */
  restart(): Promise<void>;
  /** Freezes it: connections stay open, and nothing answers. */
  pause(): void;
  resume(): void;
}

const START_ATTEMPTS = 3;

/** Starts a Redis server. Rejects with the reason where the machine has no redis-server program. */
export async function startRedis(options: RedisProcessOptions = {}): Promise<RedisProcess> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-redis-'));
  if (options.config !== undefined) await writeFile(configFile(dir), options.config);
  for (let attempt = 1; ; attempt += 1) {
    const port = await freePort();
    try {
      return controls(await launch(port, dir, options), port, dir, options);
    } catch (error) {
      // Between finding a free port and using it, another process may have taken it.
      if (attempt < START_ATTEMPTS && !isMissingProgram(error)) continue;
      await rm(dir, { recursive: true, force: true });
      throw error;
    }
  }
}

function controls(
  first: ChildProcess,
  port: number,
  dir: string,
  options: RedisProcessOptions,
): RedisProcess {
  let child = first;
  const kill = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    // A frozen process would keep any other signal until it is resumed.
    child.kill('SIGCONT');
    await exited;
  };
  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    kill,
    async stop() {
      await kill();
      await rm(dir, { recursive: true, force: true });
    },
    async restart() {
      await kill();
      child = await launch(port, dir, options);
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  };
}

/** Starts the program and waits until it accepts connections. */
async function launch(port: number, dir: string, options: RedisProcessOptions): Promise<ChildProcess> {
  const { args = [], config, program = 'redis-server' } = options;
  const child = spawn(
    program,
    [
      ...(config === undefined ? [] : [configFile(dir)]),
      ...['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no'],
      ...(typeof args === 'function' ? args(port) : args),
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const killWithTest = (): void => void child.kill('SIGKILL');
  process.on('exit', killWithTest);
  child.once('exit', () => process.off('exit', killWithTest));
  await new Promise<void>((resolve, reject) => {
    child.once('error', (error) => {
      process.off('exit', killWithTest);
      reject(launchError(program, error));
    });
    child.once('exit', (code) =>
      reject(new HoldfastError('INTERNAL', `start ${program} on port ${port}: it exited with code ${code}`)),
    );
    createInterface(child.stdout).on('line', (line) => {
      if (/Ready to accept connections|Sentinel ID is/.test(line)) resolve();
    });
  });
  return child;
}

const isMissingProgram = (error: unknown): boolean =>
  error instanceof HoldfastError &&
  error.cause instanceof Error &&
  'code' in error.cause &&
  error.cause.code === 'ENOENT';

const configFile = (dir: string): string => join(dir, 'server.conf');

const launchError = (program: string, cause: Error): HoldfastError =>
  new HoldfastError(
    'INTERNAL',
    `start ${program}: ${cause.message}; these tests need it, Redis 6.2 or newer, on the PATH`,
    cause,
  );
