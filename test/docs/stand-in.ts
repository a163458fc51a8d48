import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Stands in for a program that a test cannot have do its work. It does nothing, and ends with 1 where its arguments
 * name something of the repository that there is not: a file, an npm script, a service of a compose file.
 */

const [root = '', program = '', ...args] = process.argv.slice(2);

const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

/** A path below a folder of the repository, and not one of the machine, an address, or an image. */
const isOurs = (arg: string): boolean =>
  /^(?:\.\/)?(?:bench|bin|docs|infra|packages|scripts|test)\/[\w./-]+$/.test(arg);

/** Options whose values are files, counted from where the program is started. */
const OF_FILES = ['--env-file', '-f', '--file', '--values'];

const missingFiles = args
  .flatMap((arg) => arg.split(/[=,]/))
  .filter((arg) => isOurs(arg) && !existsSync(join(root, arg)))
  .concat(
    OF_FILES.flatMap((option) => optionOf(option) ?? []).filter(
      (file) => /\.\w+$/.test(file) && !existsSync(file),
    ),
  )
  .map((arg) => `there is no ${arg}`);

function missingScript(): readonly string[] {
  const { scripts, devDependencies } = JSON.parse(textOf('package.json'));
  const [verb = '', ...rest] = args;
  const script = verb === 'run' ? (rest[0] ?? '') : verb;
  if (verb === 'install' || verb === 'ci')
    return rest.flatMap((name) => missingPackage(name, devDependencies));
  return Object.hasOwn(scripts, script) ? [] : [`there is no npm script "${script}"`];
}

const MANIFESTS = ['packages/proxy/package.json', 'test/package.json'];

/** A package that a guide has users install must be one that is tested with. */
function missingPackage(name: string, known: object): readonly string[] {
  const bare = name.replace(/(?<=.)@.*$/, '');
  const isKnown = bare in known || MANIFESTS.some((path) => textOf(path).includes(`"${bare}":`));
  return name.startsWith('-') || isKnown ? [] : [`${bare} is no package that is tested with`];
}

const COMPOSE_FILE = 'infra/compose/compose.yaml';

/** Verbs of compose behind which the name of a service may stand. */
const ON_SERVICES = /^(?:build|exec|kill|logs|pause|restart|rm|run|start|stop|unpause|up)$/;

/** What docker compose is asked for that its file does not have: the file itself, a profile, a service. */
function missingInCompose(): readonly string[] {
  const file = optionOf('-f') ?? optionOf('--file') ?? COMPOSE_FILE;
  if (!existsSync(join(root, file))) return [`there is no ${file}`];
  const text = textOf(file);
  const profile = optionOf('--profile');
  const isKnown = profile === undefined || new RegExp(String.raw`profiles:.*\b${profile}\b`).test(text);
  const verb = args.findIndex((arg) => ON_SERVICES.test(arg));
  const service = verb < 0 ? undefined : args.slice(verb + 1).find((arg) => !arg.startsWith('-'));
  const isThere = service === undefined || text.includes(`\n  ${service}:`);
  return [
    ...(isKnown ? [] : [`there is no profile "${profile}" in ${file}`]),
    ...(isThere ? [] : [`there is no service "${service}" in ${file}`]),
  ];
}

function optionOf(option: string): string | undefined {
  const at = args.indexOf(option);
  return at < 0 ? undefined : args[at + 1];
}

const problems = [
  ...missingFiles,
  ...(program === 'npm' ? missingScript() : []),
  ...(program === 'docker' && args[0] === 'compose' ? missingInCompose() : []),
];
for (const problem of problems) process.stdout.write(`${program}: ${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);
