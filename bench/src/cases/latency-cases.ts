import type { Contender } from '../contenders/contender.ts';
import { smallAnswer } from '../endpoints/answers.ts';
import { startEndpoints } from '../endpoints/endpoints.ts';
import { type Conditions, startEntrant } from '../entrant.ts';
import type { Latency } from '../load/latency.ts';
import { applyLoad } from '../load/load.ts';
import { cpuColumns, describeLoad, describeTrial, loadNotes, throughput } from '../load/load-columns.ts';
import { loadEntry } from '../load/load-entry.ts';
import { applyConstantRate, type OpenLoopResult } from '../load/open-loop-load.ts';
import type { Traffic } from '../load/traffic.ts';
import { CHRT, NGINX, WRK } from '../machine/programs.ts';
import { conductColumns, fixed, mediansColumn, ratioColumn } from '../report/columns.ts';
import type { Entry } from '../rounds.ts';
import { type LoadTrial, measureLoad } from '../trial.ts';
import { type BenchCase, benchCase } from './bench-case.ts';
import { prepareLoad } from './http-cases.ts';

/** What a constant rate showed, through the proxy and past it. */
interface ConstantRateResult extends OpenLoopResult {
  /** Requests per second that were due. */
  readonly rate: number;
  /** Latency of the same load without a proxy: what of it is not the proxy's. */
  readonly floorMs: Latency;
}

type LatencyTrial = LoadTrial<ConstantRateResult>;

const TRAFFIC: Traffic = { answering: smallAnswer };

const COMMON_RATE = 10_000;

/** Warm GETs at a constant rate, from a generator that does not wait for answers. */
function latencyCase(name: string, summary: string, rateFor: (saturation: number) => number): BenchCase {
  return benchCase<LatencyTrial>({
    name,
    summary,
    scale: { rounds: 3, seconds: 2, warmUpSeconds: 2, connections: 64, sessions: 2_000 },
    programs: [WRK, NGINX, CHRT],
    startEndpoints: (directory, cores) => startEndpoints(directory, cores, TRAFFIC.answering),
    enter: (contender, conditions) => enter(contender, conditions, rateFor),
    columns: [
      mediansColumn('due/s', [({ load }) => load.rate], 0),
      mediansColumn('answered/s', [throughput], 0),
      mediansColumn('p50 ms', [({ load }) => load.latencyMs.p50], 2),
      ratioColumn(({ load }) => load.latencyMs.p50),
      mediansColumn('p90 ms', [({ load }) => load.latencyMs.p90], 2),
      mediansColumn('p99 ms', [({ load }) => load.latencyMs.p99], 2),
      ratioColumn(({ load }) => load.latencyMs.p99),
      mediansColumn('p99.9 ms', [({ load }) => load.latencyMs.p999], 2),
      mediansColumn('max ms', [({ load }) => load.latencyMs.max], 2),
      ...cpuColumns('request'),
      mediansColumn(
        'without proxy p50 / p99 ms',
        [({ load }) => load.floorMs.p50, ({ load }) => load.floorMs.p99],
        2,
      ),
      mediansColumn(
        'sent late p50 / p99 ms',
        [({ load }) => load.delayMs.p50, ({ load }) => load.delayMs.p99],
        2,
      ),
      ...conductColumns,
    ],
    describeTrial: (trial) =>
      `${describeTrial(trial)}  p50 ${fixed(trial.load.latencyMs.p50, 2)} ms, without proxy ${fixed(trial.load.floorMs.p50, 2)} ms`,
    describe: describeLoad,
    notes: loadNotes,
  });
}

/** Latency at a rate that all have in common, and at half of what each contender can do. */
export const latencyCases: readonly BenchCase[] = [
  latencyCase(
    'latency',
    `percentiles of latency at ${fixed(COMMON_RATE, 0)} requests/s for all`,
    () => COMMON_RATE,
  ),
  latencyCase(
    'latency-half',
    'percentiles of latency at half of the requests/s that each proxy can do',
    (saturation) => Math.round(saturation / 2),
  ),
];

async function enter(
  contender: Contender,
  conditions: Conditions,
  rateFor: (saturation: number) => number,
): Promise<Entry<LatencyTrial>> {
  const entrant = await startEntrant(contender, TRAFFIC, conditions);
  const load = prepareLoad(entrant, TRAFFIC, conditions);
  await applyLoad({ ...load, seconds: conditions.warmUpSeconds });
  const closedLoop = await measureLoad(entrant, conditions.cores, () => applyLoad({ ...load, seconds: 1 }));
  const rate = rateFor(saturationOf(closedLoop));
  const pastProxy = { ...load, origin: { port: conditions.endpoints[0]!.port, secure: false }, seconds: 1 };
  const { latencyMs: floorMs } = await applyConstantRate(pastProxy, rate);
  return loadEntry(entrant, conditions, async (seconds) => ({
    ...(await applyConstantRate({ ...load, seconds }, rate)),
    rate,
    floorMs,
  }));
}

/** Requests per second with the proxy's core full: where the load generator was the limit, as far as can be told. */
const saturationOf = ({ load, usage }: LoadTrial): number =>
  load.requestsPerSecond / Math.min(1, usage.proxyShare);
