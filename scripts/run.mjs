// Runs a verb of this repository (start, test, check, docs, kubernetes, bench, chaos) on a machine that has only Node and npm.
// It must therefore parse on Node 20 and import nothing but builtins. It installs when a manifest
// has changed since the last install, then runs the verb's steps with the Node that the project pins.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PNPM = 'pnpm@12.21.0';
const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** Each verb is a list of steps; arguments given by the user go to the last one. */
const VERBS = {
  start: [['node', 'packages/proxy/src/main.ts', 'demo']],
  test: [
    ['node', 'scripts/ensure-redis.mjs'],
    ['node', 'scripts/ensure-chromium.mjs'],
    ['node', 'scripts/ensure-servers.mjs'],
    ['node', 'scripts/ensure-prometheus.mjs'],
    ['node', 'scripts/ensure-go.mjs'],
    ['node', 'scripts/ensure-containers.mjs'],
    ['node', 'scripts/ensure-guide-programs.mjs'],
    ['vitest', 'run'],
  ],
  check: [
    ['turbo', 'run', 'check'],
    ['biome', 'check', '--error-on-warnings', '.'],
  ],
  docs: [['node', 'test/reference/main.ts']],
  kubernetes: [
    ['node', 'scripts/ensure-go.mjs'],
    ['node', 'test/infra/kubernetes/main.ts'],
    ['biome', 'format', '--write', 'infra/kubernetes'],
  ],
  dashboards: [
    ['node', 'scripts/dashboards/main.ts'],
    ['biome', 'format', '--write', 'infra/grafana/dashboards'],
  ],
  bench: [['node', 'bench/src/main.ts']],
  chaos: [
    ['node', 'scripts/ensure-redis.mjs'],
    ['node', 'test/chaos/main.ts'],
  ],
};

const MANIFESTS = [
  'package.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  ...['packages/shared', 'packages/store', 'packages/proxy', 'test', 'bench'].map(
    (dir) => `${dir}/package.json`,
  ),
];

function manifestHash() {
  const hash = createHash('sha256');
  for (const file of MANIFESTS) hash.update(file).update(readFileSync(join(root, file)));
  return hash.digest('hex');
}

function pnpmCommand() {
  const found = spawnSync('pnpm', ['--version'], { encoding: 'utf8' });
  return found.status === 0 && found.stdout.startsWith('12.') ? ['pnpm'] : ['npx', '-y', PNPM];
}

function installIfChanged() {
  const stamp = join(root, 'node_modules', '.holdfast-installed');
  const hash = manifestHash();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return;
  const [command, ...args] = [...pnpmCommand(), 'install', '--frozen-lockfile'];
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
  if (result.status !== 0) {
    console.error(
      `holdfast: "${[command, ...args].join(' ')}" failed in ${root}; can this machine reach the npm registry?`,
    );
    process.exit(1);
  }
  writeFileSync(stamp, hash);
}

/** Where a step's program is. turbo wants to find pnpm on the PATH, which npx can put there. */
function programOf(command, bin) {
  if (command === 'node') return [join(root, 'node_modules', 'node', 'bin', 'node')];
  if (command !== 'turbo' || pnpmCommand()[0] === 'pnpm') return [join(bin, command)];
  return ['npx', '-y', '-p', PNPM, command];
}

/** Runs one step to its end and answers its exit code; SIGTERM is passed on, Ctrl-C reaches the group by itself. */
function runStep([command, ...args]) {
  const bin = join(root, 'node_modules', '.bin');
  const env = {
    ...process.env,
    // Debian has servers and network tools where not every user looks for programs.
    PATH: [bin, process.env.PATH, '/usr/sbin', '/sbin'].join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
  };
  const [file, ...prefix] = programOf(command, bin);
  const child = spawn(file, [...prefix, ...args], { cwd: root, stdio: 'inherit', env });
  const passOn = () => child.kill('SIGTERM');
  process.on('SIGTERM', passOn);
  return new Promise((resolve) => {
    child.on('exit', (code) => {
      process.off('SIGTERM', passOn);
      resolve(code ?? 1);
    });
  });
}

const [verb, ...rest] = process.argv.slice(2);
const steps = VERBS[verb];
if (steps === undefined) {
  console.error(`holdfast: unknown verb "${verb}"; expected one of ${Object.keys(VERBS).join(', ')}`);
  process.exit(2);
}
installIfChanged();
process.on('SIGINT', () => {});
for (const [index, step] of steps.entries()) {
  const code = await runStep(index === steps.length - 1 ? [...step, ...rest] : step);
  if (code !== 0) process.exit(code);
}
