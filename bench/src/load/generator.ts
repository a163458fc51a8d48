import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../bench-error.ts';
import { type PinnedCommand, startPinned } from '../machine/pinned-process.ts';

/** Runs a load generator to its end, and returns what it printed. */
export async function runGenerator(command: PinnedCommand): Promise<string> {
  writeFileSync(command.outputFile, '');
  const generator = await startPinned(command);
  await generator.untilExit();
  return readFileSync(command.outputFile, 'utf8');
}

/** A load generator of ours: the name of a program in `generators`, and what it reads with {@link readSettings}. */
export interface OwnGenerator {
  readonly name: 'open-loop' | 'websocket';
  readonly settings: object;
  readonly cores: string;
  readonly outputFile: string;
}

/**
 * Runs a generator of ours to its end. It has the lowest priority on its core, so that it may turn in circles, which
 * keeps its time more exactly than any timer, without holding up the endpoints.
 * Throws a {@link BenchError} when it fails.
 */
export async function runOwnGenerator<Result>(generator: OwnGenerator): Promise<Result> {
  const { name, settings, cores, outputFile } = generator;
  const program = fileURLToPath(new URL(`generators/${name}.ts`, import.meta.url));
  const args = ['--idle', '0', process.execPath, program, JSON.stringify(settings)];
  return parseResult(await runGenerator({ cores, command: 'chrt', args, outputFile }));
}

const RESULT = '{"result":';

/** What a program in `generators` was started with. */
export const readSettings = <Settings>(): Settings => JSON.parse(process.argv[2]!) as Settings;

/** How a program in `generators` says what it saw. */
export const printResult = (result: object): void => console.log(JSON.stringify({ result }));

/** Finds the line of JSON that a generator prints at its end. */
export function parseResult<Result>(output: string): Result {
  const line = output.split('\n').find((candidate) => candidate.startsWith(RESULT));
  if (line === undefined) throw new BenchError(`the load generator did not finish:\n${output}`);
  return (JSON.parse(line) as { readonly result: Result }).result;
}
