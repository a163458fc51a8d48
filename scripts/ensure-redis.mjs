// Makes sure that a redis-server program is on this machine, because the store's tests run on a real one.
// Installs it with the platform's package manager; where there is none it says what to do and fails:
// the tests that need Redis are never skipped.
import { spawnSync } from 'node:child_process';

const INSTALLERS = [
  {
    tool: 'apt-get',
    steps: [
      ['apt-get', 'update'],
      ['apt-get', 'install', '-y', '--no-install-recommends', 'redis-server'],
    ],
    root: true,
  },
  { tool: 'brew', steps: [['brew', 'install', 'redis']], root: false },
];

const has = (command) => spawnSync(command, ['--version'], { stdio: 'ignore' }).error === undefined;

function run(step, needsRoot) {
  const elevated = needsRoot && process.getuid?.() !== 0 ? ['sudo', ...step] : step;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const result = spawnSync(elevated[0], elevated.slice(1), { stdio: ['ignore', 'ignore', 'inherit'], env });
  return result.status === 0;
}

if (!has('redis-server')) {
  const installer = INSTALLERS.find(({ tool }) => has(tool));
  if (installer !== undefined) {
    console.log(`holdfast: redis-server is missing; installing it with ${installer.tool}`);
    for (const step of installer.steps) run(step, installer.root);
  }
}
if (!has('redis-server')) {
  console.error(
    'holdfast: the tests need a redis-server program (6.2 or newer) on the PATH. Install Redis or Valkey, then run this again.',
  );
  process.exit(1);
}
