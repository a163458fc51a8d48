// Installs a program of the machine that the tests need, with the platform's package manager.
import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';

// Servers are installed where not every user looks for programs.
const env = { ...process.env, PATH: `${process.env.PATH}${delimiter}/usr/sbin` };

export const has = (command) =>
  spawnSync(command, ['--version'], { stdio: 'ignore', env }).error === undefined;

const INSTALLERS = [
  {
    tool: 'apt-get',
    stepsFor: (name) => [
      ['apt-get', 'update'],
      ['apt-get', 'install', '-y', '--no-install-recommends', name],
    ],
    root: true,
  },
  { tool: 'brew', stepsFor: (name) => [['brew', 'install', name]], root: false },
];

function run(step, needsRoot) {
  const elevated = needsRoot && process.getuid?.() !== 0 ? ['sudo', ...step] : step;
  const result = spawnSync(elevated[0], elevated.slice(1), {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return result.status === 0;
}

/** Installs `program` by the first package manager that is here and has a name for it in `packages`. */
export function install(program, packages) {
  const installer = INSTALLERS.find(({ tool }) => packages[tool] !== undefined && has(tool));
  if (installer === undefined) return;
  console.log(`holdfast: ${program} is missing; installing it with ${installer.tool}`);
  for (const step of installer.stepsFor(packages[installer.tool])) run(step, installer.root);
}
