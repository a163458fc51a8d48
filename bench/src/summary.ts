import type { Contender } from './contenders/contender.ts';
import { STORE_OPERATIONS, type StoreOperations } from './contenders/holdfast-status.ts';
import type { Series } from './rounds.ts';
import { type Spread, spreadOf } from './stats.ts';
import type { Trial } from './trial.ts';

/** What the rounds of one contender come to. Ratios compare with the base contender in the same round. */
export interface Summary {
  readonly contender: Contender;
  readonly requestsPerSecond: Spread;
  readonly throughputRatio?: Spread;
  readonly cpuUsPerRequest: Spread;
  readonly userUsPerRequest: Spread;
  readonly systemUsPerRequest: Spread;
  readonly cpuRatio?: Spread;
  readonly p50Ms: Spread;
  readonly p99Ms: Spread;
  readonly requests: number;
  readonly errors: number;
  readonly moved: number;
  /** Rounds in which the proxy was on its core practically all the time: only then is its throughput its limit. */
  readonly saturatedRounds: number;
  /** Rounds in which something else took a notable part of the proxy's core. */
  readonly disturbedRounds: number;
  readonly rounds: number;
  /** Operations on the session map until all sessions were open. */
  readonly openingOperations?: StoreOperations;
  /** Operations on the session map, summed over the measured windows. */
  readonly storeOperations?: StoreOperations;
}

/** Whom all are compared with. */
export const BASE = 'haproxy';

const SATURATED_SHARE = 0.95;
const DISTURBED_SHARE = 0.05;

export function summarize(all: readonly Series[]): readonly Summary[] {
  const base = all.find(({ contender }) => contender.name === BASE)?.trials;
  return all.map((series) => summarizeSeries(series, base));
}

function summarizeSeries(series: Series, base: readonly Trial[] | undefined): Summary {
  const { contender, trials, moved, errors, openingOperations } = series;
  const over = (figure: (trial: Trial) => number): Spread => spreadOf(trials.map(figure));
  const ratio = (figure: (trial: Trial) => number, baseTrials: readonly Trial[]): Spread =>
    spreadOf(trials.map((trial, round) => figure(trial) / figure(baseTrials[round]!)));
  const storeOperations = sumOperations(trials);
  return {
    contender,
    requestsPerSecond: over(throughput),
    cpuUsPerRequest: over(cpu),
    userUsPerRequest: over(({ usage }) => usage.userUsPerRequest),
    systemUsPerRequest: over(({ usage }) => usage.systemUsPerRequest),
    ...(base && { throughputRatio: ratio(throughput, base), cpuRatio: ratio(cpu, base) }),
    p50Ms: over(({ load }) => load.p50Ms),
    p99Ms: over(({ load }) => load.p99Ms),
    requests: total(trials, ({ load }) => load.requests),
    errors,
    moved,
    saturatedRounds: trials.filter(({ usage }) => usage.proxyShare >= SATURATED_SHARE).length,
    disturbedRounds: trials.filter(({ usage }) => usage.foreignShare > DISTURBED_SHARE).length,
    rounds: trials.length,
    ...(openingOperations && { openingOperations }),
    ...(storeOperations && { storeOperations }),
  };
}

const throughput = ({ load }: Trial): number => load.requestsPerSecond;
const cpu = ({ usage }: Trial): number => usage.userUsPerRequest + usage.systemUsPerRequest;

const total = (trials: readonly Trial[], figure: (trial: Trial) => number): number =>
  trials.reduce((sum, trial) => sum + figure(trial), 0);

function sumOperations(trials: readonly Trial[]): StoreOperations | undefined {
  if (trials.some(({ storeOperations }) => storeOperations === undefined)) return undefined;
  const sums = STORE_OPERATIONS.map(
    (name) => [name, total(trials, ({ storeOperations }) => storeOperations![name])] as const,
  );
  return Object.fromEntries(sums) as StoreOperations;
}
