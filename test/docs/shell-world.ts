import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '@holdfast/shared';
import { ROOT } from '../architecture/source-file.ts';
import { Child } from '../support/child.ts';
import { STEP } from './shell-script.ts';

/** Programs that do what no test can have them do, such as to start containers: what they are asked is looked at instead. */
export const STOOD_IN = ['npm', 'npx', 'docker', 'kubectl', 'helm', 'systemctl', 'sudo', 'apt-get', 'git'];

const STAND_IN = fileURLToPath(new URL('stand-in.ts', import.meta.url));

/** A page has dozens of commands, and each of them would compile the program anew. */
const COMPILED = join(ROOT, '.cache/compiled');

/** Where outputs go that are compared. */
const OUTPUTS = '.outputs';

/**
 * A network of its own, in which every address of 10.0.0.0/8 is at hand, mounts of its own, and processes that end with the
 * first of them.
 */
const ISOLATED = [
  '--user',
  '--map-root-user',
  '--mount',
  '--net',
  '--pid',
  '--fork',
  '--kill-child',
  '--mount-proc',
];

const NETWORK = 'ip link set lo up && ip route add local 10.0.0.0/8 dev lo';

/** What a page writes below a folder of the repository must not stay there. */
const READ_ONLY = [
  ['--bind', ROOT, ROOT],
  ['--bind', COMPILED, COMPILED],
  ['-o', 'remount,bind,ro', ROOT],
]
  .map((args) => `mount ${args.join(' ')}`)
  .join(' && ');

/** Whether this machine lets a test have a network and mounts of its own. */
export function canIsolate(): boolean {
  mkdirSync(COMPILED, { recursive: true });
  const command = [...ISOLATED, 'sh', '-c', `${NETWORK} && ${READ_ONLY}`];
  return spawnSync('unshare', command, { stdio: 'ignore' }).status === 0;
}

/**
 * The first lines of every script. What would never end is cut off after a second, which is no failure of it.
 */
const PRELUDE = `
OUTPUTS=$PWD/${OUTPUTS}
set -eE -o pipefail
${NETWORK}
${READ_ONLY}
curl() {
  case " $* " in
    *" -N "* | *" --no-buffer "*) timeout 1 curl "$@" || [ $? = 124 ] ;;
    *) command curl "$@" ;;
  esac
}
`;

/** What became of a script. */
export interface Outcome {
  readonly exitCode: number | null;
  /** The place of the step that was begun last. */
  readonly lastStep: string;
  /** What it has said, beside the output that is compared. */
  readonly said: string;
  /** By the names of their files. */
  readonly outputs: ReadonlyMap<string, string>;
}

/** A folder that looks like the repository, and may be written to. */
async function makeFolder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'holdfast-guide-'));
  await mkdir(join(dir, OUTPUTS));
  await mkdir(join(dir, '.stand-ins'));
  for (const name of await readdir(ROOT))
    if (!name.startsWith('.') && name !== 'node_modules') await symlink(join(ROOT, name), join(dir, name));
  await makePackages(join(dir, 'node_modules'));
  for (const name of STOOD_IN) {
    const file = join(dir, '.stand-ins', name);
    await writeFile(file, `#!/bin/sh\nexec "${process.execPath}" "${STAND_IN}" "${ROOT}" ${name} "$@"\n`);
    await chmod(file, 0o755);
  }
  return dir;
}

/** The packages that a page has users install are those that tests have. */
async function makePackages(dir: string): Promise<void> {
  const linked = new Set<string>();
  for (const from of ['node_modules', 'test/node_modules']) {
    for (const name of await packagesIn(join(ROOT, from))) {
      if (linked.has(name)) continue;
      linked.add(name);
      await mkdir(dirname(join(dir, name)), { recursive: true });
      await symlink(join(ROOT, from, name), join(dir, name));
    }
  }
}

/** The names of packages in a folder, with their scopes. */
async function packagesIn(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder);
  const scoped = await Promise.all(
    names
      .filter((name) => name.startsWith('@'))
      .map(async (scope) => (await readdir(join(folder, scope))).map((name) => `${scope}/${name}`)),
  );
  return [...names.filter((name) => !name.startsWith('@')), ...scoped.flat()];
}

/** Runs a script for Bash as a user would, at a machine where nothing else runs. */
export async function runScript(script: string, deadlineMs: number): Promise<Outcome> {
  const dir = await makeFolder();
  const file = join(dir, '.script');
  await writeFile(file, PRELUDE + script);
  const path = [join(dir, '.stand-ins'), join(ROOT, 'bin'), join(ROOT, 'node_modules/.bin'), '/usr/sbin'];
  const child = new Child({
    name: 'bash',
    command: 'unshare',
    args: [...ISOLATED, 'bash', '-c', 'cd "$1" && . ./.script 2>&1', 'bash', dir],
    env: { NODE_OPTIONS: '', NODE_COMPILE_CACHE: COMPILED, PATH: `${path.join(':')}:${process.env.PATH}` },
  });
  const cancel = systemClock.after(deadlineMs, () => child.signal('SIGKILL'));
  const { code } = await child.exit;
  cancel();
  const outputs = new Map<string, string>();
  for (const name of await readdir(join(dir, OUTPUTS)))
    outputs.set(name, await readFile(join(dir, OUTPUTS, name), 'utf8'));
  await rm(dir, { recursive: true });
  const lastStep =
    child.lines.findLast((line) => line.startsWith(STEP))?.slice(STEP.length) ?? 'the preparation';
  return { exitCode: code, lastStep, said: child.lines.slice(-40).join('\n'), outputs };
}
