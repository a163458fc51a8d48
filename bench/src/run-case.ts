import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BenchCase } from './cases/bench-case.ts';
import { allContenders, selectContenders } from './contenders/index.ts';
import type { Circumstances } from './entrant.ts';
import { makeCertificate } from './machine/certificate.ts';
import { divideCores } from './machine/cores.ts';
import { ensurePrograms, REDIS, TASKSET } from './machine/programs.ts';
import { startRedis } from './machine/redis.ts';
import type { Options } from './options.ts';

/** Where a run works and leaves its profiles. */
export interface Directories {
  /** Deleted by who made it. */
  readonly work: string;
  readonly profiles: string;
}

/** Runs one case with what it needs, and returns its report as Markdown. */
export async function runCase(
  benchCase: BenchCase,
  options: Options,
  directories: Directories,
): Promise<string> {
  const cores = divideCores();
  const usesRedis = options.store === 'redis';
  ensurePrograms([TASKSET, ...benchCase.programs, ...(usesRedis ? [REDIS] : [])]);
  const directory = join(directories.work, benchCase.name);
  mkdirSync(directory, { recursive: true });
  await using redis = usesRedis ? await startRedis(join(directory, 'redis'), cores.rest) : undefined;
  const known = allContenders({
    store: options.store,
    ...(redis && { redisPort: redis.port }),
    ...(options.profile && { profileDirectory: directories.profiles }),
  });
  const chosen = selectContenders(known, options.contenders);
  const contenders = chosen.filter(
    ({ lacksWebSocket, passesThrough }) =>
      !(benchCase.needsWebSocket && lacksWebSocket) && (!benchCase.passesThrough || passesThrough),
  );
  ensurePrograms(contenders.flatMap(({ programs }) => programs));

  const circumstances: Circumstances = {
    ...benchCase.scale,
    ...options.scale,
    directory,
    cores,
    accessLog: options.accessLog,
    ...(benchCase.secure && { certificate: makeCertificate(join(directory, 'certificate')) }),
  };
  return await benchCase.run(contenders, circumstances, remarksOf(options));
}

const remarksOf = ({ profile }: Options): readonly string[] =>
  profile ? ["Holdfast's figures include the cost of the profiler."] : [];

/** The section of the documentation that a run writes. */
export const sectionOf = ({ name }: BenchCase, { accessLog, store }: Options): string =>
  [
    'bench',
    ...(name === 'warm' ? [] : [name]),
    ...(accessLog ? ['access-log'] : []),
    ...(store === 'sqlite' ? [] : [store]),
  ].join('-');
