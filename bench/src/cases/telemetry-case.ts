import { SILENT, telemetryVariants } from '../contenders/telemetry-variants.ts';
import { smallAnswer } from '../endpoints/answers.ts';
import { startEndpoints } from '../endpoints/endpoints.ts';
import { cpuUs, describeLoad, describeTrial, loadNotes, throughput } from '../load/load-columns.ts';
import type { Traffic } from '../load/traffic.ts';
import { NGINX, WRK } from '../machine/programs.ts';
import { conductColumns, differenceColumn, mediansColumn, spreadColumn } from '../report/columns.ts';
import type { LoadTrial } from '../trial.ts';
import { type BenchCase, benchCase } from './bench-case.ts';
import { enter } from './http-cases.ts';

const TRAFFIC: Traffic = { answering: smallAnswer };

/** The warm case with Holdfast alone, once for each amount of telemetry. */
export const telemetryCase: BenchCase = benchCase<LoadTrial>({
  name: 'telemetry',
  summary: 'the warm case with Holdfast alone: without telemetry, with metrics, with traces',
  scale: { rounds: 7, seconds: 3, warmUpSeconds: 4, connections: 64, sessions: 5_000 },
  programs: [WRK, NGINX],
  startEndpoints: (directory, cores) => startEndpoints(directory, cores, TRAFFIC.answering),
  variantsOf: telemetryVariants,
  base: SILENT,
  enter: (contender, conditions) => enter(contender, TRAFFIC, conditions),
  columns: [
    spreadColumn('CPU µs/request', cpuUs, 1),
    differenceColumn('more than without', cpuUs, 1),
    spreadColumn('requests/s', throughput, 0),
    mediansColumn('p50 / p99 ms', [({ load }) => load.latencyMs.p50, ({ load }) => load.latencyMs.p99], 2),
    ...conductColumns,
  ],
  describeTrial,
  describe: (conditions) =>
    `${describeLoad(conditions)} Spans and metrics go to an nginx on the core of the load, which throws them away.`,
  notes: loadNotes,
});
