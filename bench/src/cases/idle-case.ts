import { sleep, systemClock } from '@holdfast/shared';
import type { Contender } from '../contenders/contender.ts';
import { smallAnswer } from '../endpoints/answers.ts';
import { startEndpoints } from '../endpoints/endpoints.ts';
import { type Conditions, type Entrant, startEntrant } from '../entrant.ts';
import { IdleConnections } from '../load/idle-connections.ts';
import type { Traffic } from '../load/traffic.ts';
import { readTreeMemory } from '../machine/memory.ts';
import { NGINX } from '../machine/programs.ts';
import { conductColumns, fixed, ratioColumn, spreadColumn } from '../report/columns.ts';
import type { Entry } from '../rounds.ts';
import { benchCase } from './bench-case.ts';

/** Memory of the proxy, all its processes, in bytes. */
interface IdleTrial {
  /** With its sessions and without connections. */
  readonly before: number;
  readonly withFew: number;
  readonly withMany: number;
  readonly failed: number;
  readonly moved: number;
}

const FEW = 1_000;
const MANY = 10_000;
const SETTLE_MS = 1_000;
const KIB = 1_024;
const MIB = 1_024 * KIB;
const TRAFFIC: Traffic = { answering: smallAnswer };

const perConnection = ({ before, withMany }: IdleTrial): number => (withMany - before) / MANY / KIB;

/** Memory for connections that have served a request and wait for the next. */
export const idleCase = benchCase<IdleTrial>({
  name: 'idle',
  summary: `memory for ${fixed(FEW, 0)} and ${fixed(MANY, 0)} idle connections that have served a request`,
  scale: { rounds: 2, seconds: SETTLE_MS / 1_000, warmUpSeconds: 1, connections: MANY, sessions: 1_000 },
  programs: [NGINX],
  startEndpoints: (directory, cores) => startEndpoints(directory, cores, TRAFFIC.answering),
  enter: async (contender, conditions) => freshEntry(contender, conditions),
  columns: [
    spreadColumn('MiB before', ({ before }) => before / MIB, 1),
    spreadColumn(`MiB with ${fixed(FEW, 0)}`, ({ withFew }) => withFew / MIB, 1),
    spreadColumn(`MiB with ${fixed(MANY, 0)}`, ({ withMany }) => withMany / MIB, 1),
    spreadColumn('KiB/connection', perConnection, 1),
    ratioColumn(perConnection),
    ...conductColumns,
  ],
  describeTrial: (trial) =>
    `${fixed(trial.before / MIB, 1)} MiB, ${fixed(perConnection(trial), 1)} KiB per connection, ${trial.failed} errors`,
  describe: ({ rounds, sessions, accessLog }) =>
    `Median (least to greatest) of ${rounds} interleaved rounds, each with a new process and ${fixed(sessions, 0)} sessions; ` +
    `read ${SETTLE_MS / 1_000} s after the last request; access log ${accessLog ? 'on' : 'off'}.`,
  notes: () => [],
});

/** Starts the contender anew in every round: memory that was freed once is not taken from the system again. */
function freshEntry(contender: Contender, conditions: Conditions): Entry<IdleTrial> {
  let moved = 0;
  let failed = 0;
  return {
    contender,
    async measure() {
      await using entrant = await startEntrant(contender, TRAFFIC, conditions);
      const trial = await measureIdle(entrant);
      const check = await entrant.check();
      moved += trial.moved + check.moved;
      failed += trial.failed + check.failed;
      return trial;
    },
    conclude: async () => ({ moved, failed }),
    [Symbol.asyncDispose]: async () => {},
  };
}

async function measureIdle({ origin, sessions, pid }: Entrant): Promise<IdleTrial> {
  using connections = new IdleConnections(origin, sessions);
  const before = await settledMemory(pid);
  await connections.growTo(FEW);
  const withFew = await settledMemory(pid);
  await connections.growTo(MANY);
  const withMany = await settledMemory(pid);
  return { before, withFew, withMany, failed: connections.failed, moved: connections.moved };
}

async function settledMemory(pid: number): Promise<number> {
  await sleep(systemClock, SETTLE_MS);
  return readTreeMemory(pid);
}
