import { join } from 'node:path';
import type { Contender } from '../contenders/contender.ts';
import type { Endpoints } from '../endpoints/endpoints.ts';
import type { Circumstances, Conditions } from '../entrant.ts';
import { describeEnvironment } from '../machine/environment.ts';
import type { Program } from '../machine/programs.ts';
import type { Column } from '../report/columns.ts';
import { formatReport } from '../report/report.ts';
import { type Entry, runRounds, type Series } from '../rounds.ts';
import type { Scale } from '../scale.ts';

/** What a case measures, and how it tells of it. A `Trial` is what one round of one contender comes to. */
export interface CaseDefinition<Trial> extends CaseTraits {
  startEndpoints(directory: string, cores: string): Promise<Endpoints>;
  /** Who takes part in place of those that were chosen. Default: those. */
  readonly variantsOf?: (chosen: readonly Contender[]) => readonly Contender[];
  /** The one of them with whom all are compared, by its name. Default: HAProxy. */
  readonly base?: string;
  /** Starts a contender and readies it. */
  enter(contender: Contender, conditions: Conditions): Promise<Entry<Trial>>;
  readonly columns: readonly Column<Trial>[];
  /** One trial as a line for who waits. */
  describeTrial(trial: Trial): string;
  /** How the run was measured, as a sentence below the table. */
  describe(conditions: Conditions): string;
  notes(all: readonly Series<Trial>[]): readonly string[];
}

/** What a run must know of a case before it starts. */
interface CaseTraits {
  /** What `--case` calls it. */
  readonly name: string;
  /** What it measures, in the words of the usage. */
  readonly summary: string;
  readonly scale: Scale;
  /** Programs of this case alone that must be on the PATH. */
  readonly programs: readonly Program[];
  /** Whether clients speak TLS to the proxy. */
  readonly secure?: boolean;
  /** Whether proxies carry bytes of TCP and read no request, which not every contender does. */
  readonly passesThrough?: boolean;
  /** Whether clients speak WebSocket, which not every contender does. */
  readonly needsWebSocket?: boolean;
  /** The page that its report stands in. Default: docs/benchmarks.md. */
  readonly page?: string;
  /** Whether its report also stands in README.md. */
  readonly inReadme?: boolean;
}

/** Something that all contenders are measured at, side by side. A value: `--case` chooses from a list of them. */
export interface BenchCase extends CaseTraits {
  /** Measures the contenders in turn, and returns the report as Markdown. `remarks` are added to its notes. */
  run(
    contenders: readonly Contender[],
    circumstances: Circumstances,
    remarks: readonly string[],
  ): Promise<string>;
}

/** A case from its definition. */
export const benchCase = <Trial>(definition: CaseDefinition<Trial>): BenchCase => ({
  ...definition,
  async run(contenders, circumstances, remarks) {
    const { directory, cores } = circumstances;
    await using endpoints = await definition.startEndpoints(join(directory, 'endpoints'), cores.rest);
    const conditions = { ...circumstances, endpoints: endpoints.all };
    const series = await runRounds(
      definition.variantsOf?.(contenders) ?? contenders,
      conditions.rounds,
      (contender) => definition.enter(contender, conditions),
      (round, { name }, trial) =>
        console.log(`${definition.name} ${round}  ${name.padEnd(18)}  ${definition.describeTrial(trial)}`),
    );
    return formatReport(definition.columns, series, {
      description: definition.describe(conditions),
      notes: [...definition.notes(series), ...remarks],
      environment: describeEnvironment(),
      base: definition.base,
    });
  },
});
