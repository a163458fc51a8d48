import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type Block, blocksIn, blocksOf, PAGES } from './blocks.ts';
import { isException } from './exceptions.ts';
import { isAsShown, isScript, outputFileOf, scriptOf, shownIn } from './shell-script.ts';
import { canIsolate, type Outcome, runScript } from './shell-world.ts';
import { ABOUT_A_CLUSTER, beginningOf, PROGRAMS_NEEDED } from './worlds.ts';

const DEADLINE_MS = 90_000;

const isIsolated = canIsolate();
if (!isIsolated)
  process.stderr.write('\nno network of its own for a test: the commands of the guides are SKIPPED\n');

const scriptBlocks = (page: string): readonly Block[] =>
  blocksOf(page).filter((block) => isScript(block) && !isException(block));

/** Outputs that are not as the blocks show them. */
function deviations(blocks: readonly Block[], { outputs }: Outcome): readonly string[] {
  return blocks
    .filter(({ language }) => language === 'console')
    .flatMap((block) =>
      shownIn(block.code).flatMap(({ command, output: shown }, index) => {
        const output = outputs.get(outputFileOf(block, index)) ?? 'nothing: it did not run';
        return isAsShown(output, shown) ? [] : [`${block.page}: $ ${command}${output}`];
      }),
    );
}

/** Whether the program is here that a page is about. */
function hasItsProgram(page: string): boolean {
  const program = PROGRAMS_NEEDED[page];
  if (program === undefined || spawnSync(program, ['--version']).error === undefined) return true;
  process.stderr.write(`\nno ${program}: the commands of ${page} are SKIPPED\n`);
  return false;
}

/** Runs what pages have users type, in one world, and answers with everything that is not as they say. */
async function complaintsAbout(blocks: readonly Block[], beginning = ''): Promise<readonly string[]> {
  const outcome = await runScript(beginning + scriptOf(blocks), DEADLINE_MS);
  const { exitCode, lastStep, said } = outcome;
  if (exitCode !== 0) return [`${lastStep} ended with ${exitCode}:\n${said}`];
  return deviations(blocks, outcome);
}

describe.skipIf(!isIsolated)('the commands of the pages', () => {
  const alone = PAGES.filter((page) => !ABOUT_A_CLUSTER.includes(page))
    .filter((page) => scriptBlocks(page).length > 0)
    .filter(hasItsProgram);

  // It takes longest, and so it begins first.
  it.concurrent('those about a running cluster work in one, and print what is shown', async () => {
    const [first = ''] = ABOUT_A_CLUSTER;
    const blocks = ABOUT_A_CLUSTER.flatMap(scriptBlocks);
    expect(await complaintsAbout(blocks, beginningOf(first))).toEqual([]);
  });

  it.concurrent.each(alone)('%s: all of them work, and print what is shown', async (page) => {
    expect(await complaintsAbout(scriptBlocks(page))).toEqual([]);
  });
});

describe.skipIf(!isIsolated)('the running of commands', () => {
  const complaints = (text: string): Promise<readonly string[]> => complaintsAbout(blocksIn('page.md', text));

  it.concurrent.each([
    { name: 'a command that fails', text: '```sh\ntrue\nholdfast validate -c nowhere.yaml\ntrue\n```\n' },
    { name: 'an output that is another one', text: '```console\n$ echo one\ntwo\n```\n' },
    { name: 'a number that is one here and another there', text: '```console\n$ echo 1 2\n1 1\n```\n' },
    { name: 'a line too much', text: '```console\n$ printf "one\\ntwo\\n"\none\n```\n' },
    { name: 'an npm script that there is not', text: '```sh\nnpm run nothing\n```\n' },
    { name: 'a package that nothing is tested with', text: '```sh\nnpm install left-pad\n```\n' },
    { name: 'a file that there is not', text: '```sh\nkubectl apply -f infra/nothing.yaml\n```\n' },
    { name: 'a page that writes into the repository', text: '```sh\necho one > docs/guides/one.md\n```\n' },
    {
      name: 'a service that there is not',
      text: '```sh\ncd infra/compose\ndocker compose --env-file cluster.env stop nothing\n```\n',
    },
    { name: 'an option that there is not', text: '```sh\nholdfast endpoints list --colour\n```\n' },
  ])('complains of $name', async ({ text }) => {
    expect(await complaints(text)).toHaveLength(1);
  });

  it('keeps variables, folders and files from one block to the next, and takes other numbers for the same', async () => {
    const page = [
      '```sh\nexport WHO=me\nmkdir -p made && cd made\n```\n',
      '```yaml\n# a.yaml\na: 1\n```\n',
      '```console\n$ echo "$WHO has $(wc -c < a.yaml) in $(basename "$PWD")"\nme has 7 in made\n```\n',
    ].join('\n');
    expect(await complaints(page)).toEqual([]);
  });
});
