import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureSection, writeSection } from '../../bench/src/report/marked-section.ts';
import { Stage } from '../support/stage.ts';
import { BRIEF, type Figure, type Finding, FULL } from './figure.ts';
import { FIGURES } from './figures/index.ts';
import { formatFigures } from './report.ts';
import { World } from './world.ts';

const USAGE = `usage: npm run chaos -- [options]

  --figure a,b   what to measure (default: all)
  --brief        at the scale of the tests, for a look
  --write        put the table into docs/reliability.md; only with all figures at full scale
  --note TEXT    a sentence below the table
  --help         show this

Figures: ${FIGURES.map(({ name }) => name).join(', ')}`;

const PAGE = join(fileURLToPath(new URL('../..', import.meta.url)), 'docs/reliability.md');
const SECTION = 'chaos';

const { values: options } = parseArgs({
  options: {
    figure: { type: 'string' },
    brief: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    note: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function measureAll(figures: readonly Figure[]): Promise<ReadonlyMap<Figure, Finding>> {
  const found = new Map<Figure, Finding>();
  const stage = await Stage.open();
  const world = await World.open(stage, 'chaos');
  try {
    for (const figure of figures) {
      const finding = await figure.measure(world, options.brief ? BRIEF : FULL);
      found.set(figure, finding);
      say(`${figure.name}: ${finding.measured}`);
      for (const line of finding.wrong) say(`  ${line}`);
    }
  } finally {
    await stage.close();
    await world.close();
  }
  return found;
}

const wanted = options.figure?.split(',') ?? FIGURES.map(({ name }) => name);
const chosen = FIGURES.filter(({ name }) => wanted.includes(name));
const isPartial = options.brief || options.figure !== undefined;
if (options.help || chosen.length !== wanted.length || (options.write && isPartial)) {
  say(USAGE);
  process.exitCode = options.help ? 0 : 2;
} else {
  if (options.write) ensureSection(PAGE, SECTION);
  const found = await measureAll(chosen);
  const report = formatFigures(found, options.note);
  say(`\n${report}`);
  if (options.write) writeSection(PAGE, SECTION, report);
  process.exitCode = [...found.values()].every(({ wrong }) => wrong.length === 0) ? 0 : 1;
}
