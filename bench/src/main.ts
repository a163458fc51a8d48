import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BenchError } from './bench-error.ts';
import type { Contender } from './contenders/contender.ts';
import { allContenders, selectContenders } from './contenders/index.ts';
import { divideCores } from './cores.ts';
import { startEndpoints } from './endpoints.ts';
import { describeEnvironment } from './environment.ts';
import { writeSection } from './marked-section.ts';
import { type Options, parseOptions, USAGE } from './options.ts';
import { killAll } from './pinned-process.ts';
import { ensurePrograms, NGINX, REDIS, TASKSET, WRK } from './programs.ts';
import { startRedis } from './redis.ts';
import { formatReport } from './report.ts';
import { runRounds } from './rounds.ts';
import { summarize } from './summary.ts';
import type { Trial } from './trial.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === 'help') return console.log(USAGE);
  const report = await measure(options);
  console.log(`\n${report}`);
  if (options.write) {
    writeSection(join(root, 'docs/benchmarks.md'), options.accessLog ? 'bench-access-log' : 'bench', report);
  }
}

async function measure(options: Options): Promise<string> {
  const cores = divideCores();
  const usesRedis = options.store === 'redis';
  ensurePrograms([WRK, TASKSET, NGINX, ...(usesRedis ? [REDIS] : [])]);
  const directory = temporaryDirectory();
  await using redis = usesRedis ? await startRedis(join(directory, 'redis'), cores.rest) : undefined;

  const known = allContenders({
    store: options.store,
    ...(redis && { redisPort: redis.port }),
    ...(options.profile && { profileDirectory: join(root, '.cache/bench-profiles') }),
  });
  const contenders = selectContenders(known, options.contenders);
  ensurePrograms(contenders.flatMap(({ programs }) => programs));

  await using endpoints = await startEndpoints(join(directory, 'endpoints'), cores.rest);
  const conditions = { ...options, directory, cores, endpoints: endpoints.all };
  const series = await runRounds(contenders, options.rounds, conditions, printTrial);
  return formatReport(summarize(series), options, describeEnvironment());
}

/** Also removed, as all children are ended, when the bench is interrupted or fails. */
function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'holdfast-bench-'));
  process.once('exit', () => {
    killAll();
    rmSync(directory, { recursive: true, force: true });
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  return directory;
}

function printTrial(round: number, contender: Contender, { load, usage }: Trial): void {
  const figures = [
    `${Math.round(load.requestsPerSecond)} requests/s`,
    `${(usage.userUsPerRequest + usage.systemUsPerRequest).toFixed(1)} µs/request`,
    `proxy ${percent(usage.proxyShare)}, others on its core ${percent(usage.foreignShare)}, load ${percent(usage.restShare)}`,
    `${load.errors} errors`,
  ];
  console.log(`round ${round}  ${contender.name.padEnd(18)}  ${figures.join('  ')}`);
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BenchError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}
