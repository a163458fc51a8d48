import type { Finding } from './finding.ts';

const WIDTH = 96;
const INDENT = '    ';

/** The heading of a step. */
export const describeTitle = (number: number, total: number, title: string): string =>
  `${number}/${total} ${title}\n`;

/** What was observed; or what was expected, and what was seen instead. */
export function describeFinding(finding: Finding): string {
  if (finding.kind === 'observed') return paragraph('✓ ', finding.what);
  const { expected, seen, trail } = finding;
  const compared = paragraph('✗ expected ', expected) + paragraph('  but saw  ', seen);
  return trail === undefined ? compared : compared + paragraph('  in turn  ', trail);
}

/** The last line of a story of which every step was observed. */
export const describeEnding = (steps: number, tookMs: number): string =>
  `\nAll ${steps} steps were observed, in ${(tookMs / 1_000).toFixed(1)} s.\n`;

/** `text` in lines of at most 96 characters, the first after `mark`, the others aligned with it. */
function paragraph(mark: string, text: string): string {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > WIDTH - INDENT.length - mark.length)
      lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  const margin = ' '.repeat(mark.length);
  return lines.map((line, index) => `${INDENT}${index === 0 ? mark : margin}${line}\n`).join('');
}
