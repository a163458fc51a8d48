import { spawnSync } from 'node:child_process';
import { cpus, release } from 'node:os';
import { systemClock } from '@holdfast/shared';
import { programVersion, WRK } from './programs.ts';

/** Where and when a run took place, as the report states it. */
export interface Environment {
  readonly date: string;
  readonly commit: string;
  readonly cpu: string;
  readonly kernel: string;
  readonly node: string;
  readonly wrk: string;
}

export const describeEnvironment = (): Environment => ({
  date: new Date(systemClock.now()).toISOString().slice(0, 10),
  commit: commit(),
  cpu: `${cpus().length} cores of ${cpus()[0]?.model ?? 'an unknown CPU'}`,
  kernel: `Linux ${release()}`,
  node: process.versions.node,
  wrk: programVersion(WRK),
});

/** The commit that was measured; with `-dirty` where the files were not those of the commit. */
function commit(): string {
  const { status, stdout } = spawnSync(
    'git',
    ['describe', '--always', '--dirty', '--abbrev=12', '--exclude=*'],
    {
      cwd: import.meta.dirname,
      encoding: 'utf8',
    },
  );
  return status === 0 ? stdout.trim() : 'unknown';
}
