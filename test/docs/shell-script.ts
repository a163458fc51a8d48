import { type Block, fileNameOf, placeOf } from './blocks.ts';

/** A command of a `console` block, and what is to come of it. */
interface Shown {
  readonly command: string;
  readonly output: string;
}

/** What a `console` block shows: commands behind `$ `, each with the output that follows. */
export const shownIn = (code: string): readonly Shown[] =>
  code
    .split(/^\$ /m)
    .slice(1)
    .map((piece) => {
      const [command = ''] = /^(?:.*\\\n)*.*\n/.exec(piece) ?? [];
      return { command, output: piece.slice(command.length) };
    });

/** What a script says before each step, behind which the place of the step stands. */
export const STEP = '@@step ';

/** The file that gets the output of a command which is compared: by the place of its block, and its number there. */
export const outputFileOf = (block: Block, index: number): string =>
  `${placeOf(block).replaceAll('/', '-')}-${index}`;

const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/**
 * The blocks of a page as one script for Bash: files are written, commands are run in their order by one shell, and the
 * first that fails ends it.
 */
export function scriptOf(blocks: readonly Block[]): string {
  return blocks.map((block) => `echo ${quoted(STEP + placeOf(block))}\n${stepOf(block)}`).join('\n');
}

function stepOf(block: Block): string {
  const file = fileNameOf(block);
  if (file !== undefined) return `mkdir -p "$(dirname ${file})"\nprintf %s ${quoted(block.code)} > ${file}\n`;
  if (block.language === 'sh') return block.code;
  return shownIn(block.code)
    .map(({ command }, index) => {
      // Comments behind a command are for the reader, and a command that is shown to fail may fail.
      const body = command.replace(/\s+# .*\n$/, '\n');
      return `{\n${body}} > "$OUTPUTS"/${quoted(outputFileOf(block, index))} 2>&1 || true\n`;
    })
    .join('');
}

/** Whether a block is run or written to a file. */
export const isScript = (block: Block): boolean =>
  block.language === 'sh' || block.language === 'console' || fileNameOf(block) !== undefined;

const ANY_LINES = /^…$/;
const NUMBER = /\d[\d,]*(?:\.\d+)?/g;

/**
 * Whether an output is what is shown of it. `…` stands for anything, alone on a line for lines. Numbers may be others, but what is
 * one number in what is shown is one in the output, and what are two are two.
 */
export function isAsShown(output: string, shown: string): boolean {
  const lines = trimmed(shown).split('\n');
  const patterns = lines.map((line) =>
    ANY_LINES.test(line.trim()) ? String.raw`(?:.*\n)*?` : `${patternOf(line)}\\n`,
  );
  const match = new RegExp(`^${patterns.join('')}$`).exec(`${trimmed(output)}\n`);
  return match !== null && isOneToOne(trimmed(shown).match(NUMBER) ?? [], match.slice(1));
}

const trimmed = (text: string): string => text.replaceAll(/[ \t]+$/gm, '').replace(/\n+$/, '');

const patternOf = (line: string): string =>
  line
    .split('…')
    .map((piece) =>
      piece
        .split(NUMBER)
        .map((words) => words.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`).replaceAll(/ +/g, ' +'))
        .join(`(${NUMBER.source})`),
    )
    .join('.*');

const isOneToOne = (shown: readonly string[], found: readonly string[]): boolean => {
  const pairs = new Set(shown.map((number, index) => `${number} ${found[index]}`));
  return pairs.size === new Set(shown).size && pairs.size === new Set(found).size;
};
