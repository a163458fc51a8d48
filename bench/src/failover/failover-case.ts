import { join } from 'node:path';
import { BenchError } from '../bench-error.ts';
import type { BenchCase } from '../cases/bench-case.ts';
import type { Contender } from '../contenders/contender.ts';
import type { Circumstances } from '../entrant.ts';
import type { Cores } from '../machine/cores.ts';
import { describeEnvironment } from '../machine/environment.ts';
import { NGINX, REDIS } from '../machine/programs.ts';
import { startRedis } from '../machine/redis.ts';
import { describeMachine } from '../report/report.ts';
import { formatTable } from '../report/table.ts';
import { type EndpointDeath, killEndpoint, reviveEndpoint } from './endpoint-death.ts';
import { type FailoverTrial, failoverColumns } from './failover-trial.ts';
import type { Pair } from './pair.ts';
import { pairsOf } from './pairs/index.ts';
import { type RunningPair, startPair } from './running-pair.ts';

/** A pair that takes part, and what it did. */
interface Row {
  readonly title: string;
  readonly pair: RunningPair;
  readonly trials: FailoverTrial[];
}

/** Parallel requests of one session, through two proxies, at the moment at which its endpoint dies. */
export const failoverCase: BenchCase = {
  name: 'failover',
  summary: 'where 50 parallel requests of a session go when its endpoint dies, through two proxies',
  scale: { rounds: 10, seconds: 1, warmUpSeconds: 1, connections: 50, sessions: 1 },
  programs: [NGINX, REDIS],
  inReadme: true,
  async run(contenders, circumstances, remarks) {
    const { directory, cores, rounds, connections } = circumstances;
    await using redis = await startRedis(join(directory, 'redis'), everyCore(cores));
    await using running = new AsyncDisposableStack();
    const rows = await startRows(contenders, circumstances, redis.port, running);
    for (let round = 1; round <= rounds; round++) {
      await playRound(rows, connections);
      console.log(`failover ${round}  ${rows.map(describeLast).join(', ')}`);
    }
    return [report(rows, connections), describe(circumstances), ...remarks].join('\n\n');
  },
};

async function startRows(
  contenders: readonly Contender[],
  { directory, cores }: Circumstances,
  redisPort: number,
  running: AsyncDisposableStack,
): Promise<readonly Row[]> {
  const known = contenders.flatMap((contender) => pairsOf(contender).map((pair) => ({ contender, pair })));
  if (known.length === 0) throw new BenchError('none of these contenders keeps sessions as a pair');
  const rows: Row[] = [];
  for (const [index, { contender, pair }] of known.entries()) {
    const place = {
      directory: join(directory, `${index}`),
      cores: everyCore(cores),
      redisPort,
    };
    const started = running.use(await startPair(pair, place));
    rows.push({ title: titleOf(pair, contender), pair: started, trials: [] });
  }
  return rows;
}

/** What a session sees is no matter of speed: nothing is pinned, so that nothing waits for one core. */
const everyCore = ({ proxy, rest }: Cores): string => `${proxy},${rest}`;

const titleOf = ({ title }: Pair, contender: Contender): string => `${title} (${contender.version()})`;

/** Endpoints die one after the other, so that no pair disturbs another; they return together, because that is waiting. */
async function playRound(rows: readonly Row[], parallel: number): Promise<void> {
  const deaths: (readonly [Row, EndpointDeath])[] = [];
  for (const row of rows) deaths.push([row, await killEndpoint(row.pair, parallel)]);
  await Promise.all(
    deaths.map(async ([row, death]) => row.trials.push(await reviveEndpoint(row.pair, death))),
  );
}

const describeLast = ({ title, trials }: Row): string =>
  `${title.split(' (', 1)[0]}: ${trials.at(-1)?.newEndpoints}`;

function report(rows: readonly Row[], parallel: number): string {
  const columns = failoverColumns(parallel);
  return formatTable([
    ['two proxies', ...columns.map(({ heading }) => heading)],
    ...rows.map(({ title, trials }) => [title, ...columns.map((column) => column.cell(trials))]),
  ]);
}

const describe = ({ rounds, connections }: Circumstances): string =>
  `${rounds} rounds, in each ${connections} parallel requests of one session, half through each proxy, at the moment at which ` +
  `its endpoint, one of four, gets SIGKILL.\n\n${describeMachine(describeEnvironment())}.`;
