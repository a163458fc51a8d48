// Installs a program of the machine that the tests need, with the platform's package manager.
import { spawnSync } from 'node:child_process';
import { delimiter } from 'node:path';

// Servers are installed where not every user looks for programs.
const env = { ...process.env, PATH: `${process.env.PATH}${delimiter}/usr/sbin` };

export const has = (command) =>
  spawnSync(command, ['--version'], { stdio: 'ignore', env }).error === undefined;

// Debian starts a server as it installs it, on a port such as 80 that somebody else may want. These keep systemd and
// System V init from doing so. They are named by "env", as sudo takes variables away.
const APT_GET = ['env', 'DEBIAN_FRONTEND=noninteractive', 'SYSTEMD_OFFLINE=1', 'RUNLEVEL=1', 'apt-get'];

const INSTALLERS = [
  {
    tool: 'apt-get',
    stepsFor: (names) => [
      [...APT_GET, 'update'],
      [...APT_GET, 'install', '-y', '--no-install-recommends', ...names],
    ],
    root: true,
  },
  { tool: 'brew', stepsFor: (names) => [['brew', 'install', ...names]], root: false },
];

// Nor is it to start with the machine: the tests start their own.
const NOT_AT_BOOT = [
  { tool: 'systemctl', stepFor: (service) => ['systemctl', 'disable', service] },
  { tool: 'update-rc.d', stepFor: (service) => ['update-rc.d', service, 'disable'] },
];

function run(step, needsRoot) {
  const elevated = needsRoot && process.getuid?.() !== 0 ? ['sudo', ...step] : step;
  const result = spawnSync(elevated[0], elevated.slice(1), { stdio: ['ignore', 'ignore', 'inherit'], env });
  return result.status === 0;
}

/**
 * Installs `program` by the first package manager that is here and has a name for it, or several, in `packages`.
 *
 * @param isService whether Debian takes it for a service; it is installed as one that nobody starts
 */
export function install(program, packages, { isService = false } = {}) {
  const installer = INSTALLERS.find(({ tool }) => packages[tool] !== undefined && has(tool));
  if (installer === undefined) return;
  console.log(`holdfast: ${program} is missing; installing it with ${installer.tool}`);
  for (const step of installer.stepsFor([packages[installer.tool]].flat())) run(step, installer.root);
  if (!isService || installer.tool !== 'apt-get') return;
  const switcher = NOT_AT_BOOT.find(({ tool }) => has(tool));
  if (switcher !== undefined) run(switcher.stepFor(packages['apt-get']), true);
}
