import { spawnSync } from 'node:child_process';
import { BenchError } from '../bench-error.ts';

/** A program that the bench starts, and the Debian package that brings it. */
export interface Program {
  readonly command: string;
  readonly packageName: string;
  /** The arguments that make it print its version. */
  readonly versionArgs: readonly string[];
}

export const HAPROXY: Program = { command: 'haproxy', packageName: 'haproxy', versionArgs: ['-v'] };
export const NGINX: Program = { command: 'nginx', packageName: 'nginx', versionArgs: ['-v'] };
export const CADDY: Program = { command: 'caddy', packageName: 'caddy', versionArgs: ['version'] };
export const WRK: Program = { command: 'wrk', packageName: 'wrk', versionArgs: ['-v'] };
export const TASKSET: Program = { command: 'taskset', packageName: 'util-linux', versionArgs: ['--version'] };
export const CHRT: Program = { command: 'chrt', packageName: 'util-linux', versionArgs: ['--version'] };
export const OPENSSL: Program = { command: 'openssl', packageName: 'openssl', versionArgs: ['version'] };
export const REDIS: Program = {
  command: 'redis-server',
  packageName: 'redis-server',
  versionArgs: ['--version'],
};

const isInstalled = ({ command, versionArgs }: Program): boolean =>
  spawnSync(command, versionArgs, { stdio: 'ignore' }).error === undefined;

/** The version that a program says it has: the first dotted number in what it prints. */
export function programVersion({ command, versionArgs }: Program): string {
  const { stdout, stderr } = spawnSync(command, versionArgs, { encoding: 'utf8' });
  return /\d+\.\d+(?:\.\d+)?/.exec(`${stdout}${stderr}`)?.[0] ?? 'unknown';
}

/**
 * Makes sure that every program is on the PATH. Installs what is missing where apt-get is there and this
 * process may use it; else throws a {@link BenchError} that says what to install.
 */
export function ensurePrograms(programs: readonly Program[]): void {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) return;
  if (process.getuid?.() === 0) aptInstall(missing.map(({ packageName }) => packageName));
  const stillMissing = missing.filter((program) => !isInstalled(program));
  if (stillMissing.length > 0) throw new BenchError(howToInstall(stillMissing));
}

function aptInstall(packageNames: readonly string[]): void {
  console.log(`bench: installing ${packageNames.join(', ')} with apt-get`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packageNames]]) {
    spawnSync('apt-get', args, { stdio: ['ignore', 'ignore', 'inherit'], env });
  }
}

function howToInstall(programs: readonly Program[]): string {
  const commands = programs.map(({ command }) => command).join(', ');
  const packageNames = programs.map(({ packageName }) => packageName).join(' ');
  return (
    `not on the PATH: ${commands}. Install them with your package manager ` +
    `(Debian and Ubuntu: sudo apt-get install --no-install-recommends ${packageNames}), ` +
    'or leave a peer out with --contenders.'
  );
}
