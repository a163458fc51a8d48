import type { Difference, KnownDifference } from './known-differences.ts';
import type { Scenario } from './scenario.ts';

const WIDTH = 128;

/** The part of docs/profiles/side-by-side.md that says what this test compares. */
export function comparedPage(scenarios: readonly Scenario[], known: readonly KnownDifference[]): string {
  const compared = table(
    ['scenario', 'of the original', 'steps'],
    scenarios.map((scenario) => [
      code(scenario.name),
      code(scenario.theirs.join('; ')),
      String(stepsOf(scenario)),
    ]),
  );
  const differences = known.flatMap(({ title, why, where }) => [
    `### ${title}`,
    wrap(why),
    table(HEAD, where.map(row)),
  ]);
  return `${['## What is compared', compared, '## What differs', ...differences].join('\n\n')}\n`;
}

const HEAD = ['scenario', 'step', 'of the answer', 'original', 'Holdfast'];

const row = ({ scenario, step, aspect, theirs, ours }: Difference): readonly string[] => [
  code(scenario),
  step,
  aspect,
  theirs,
  ours,
];

const code = (text: string): string => `\`${text}\``;

const stepsOf = ({ script }: Scenario): number =>
  Object.values(script).reduce((sum, steps) => sum + steps.length, 0);

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...body].map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n');
}

function wrap(text: string): string {
  let line = '';
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join('\n');
}
