import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BenchError } from './bench-error.ts';
import type { BenchCase } from './cases/bench-case.ts';
import { ALL_CASES, selectCases } from './cases/index.ts';
import { killAll } from './machine/pinned-process.ts';
import { parseOptions, USAGE } from './options.ts';
import { ensureSection, writeSection } from './report/marked-section.ts';
import { runCase, sectionOf } from './run-case.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const DEFAULT_PAGE = 'docs/benchmarks.md';
const readme = join(root, 'README.md');

async function main(args: readonly string[]): Promise<void> {
  const options = parseOptions(args);
  if (options === 'help') return console.log(`${USAGE}\n\nCases:\n\n${caseList()}`);
  const chosen = selectCases(options.cases).map((benchCase) => ({
    benchCase,
    section: sectionOf(benchCase, options),
    pages: options.write ? pagesOf(benchCase) : [],
  }));
  for (const { section, pages } of chosen) for (const file of pages) ensureSection(file, section);
  const directories = { work: temporaryDirectory(), profiles: join(root, '.cache/bench-profiles') };
  for (const { benchCase, section, pages } of chosen) {
    const report = await runCase(benchCase, options, directories);
    console.log(`\n${report}\n`);
    for (const file of pages) writeSection(file, section, report);
  }
}

const pagesOf = ({ page = DEFAULT_PAGE, inReadme }: BenchCase): readonly string[] => [
  join(root, page),
  ...(inReadme ? [readme] : []),
];

const caseList = (): string =>
  ALL_CASES.map(
    ({ name, summary, scale }) => `  ${name.padEnd(16)} ${summary} (rounds: ${scale.rounds})`,
  ).join('\n');

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

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof BenchError)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 2;
}
