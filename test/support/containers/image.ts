import { execFile } from 'node:child_process';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Child } from '../child.ts';
import { execScript, type Mount, rootScript } from './container-script.ts';
import { readDockerIgnore } from './docker-ignore.ts';
import { type BuildStage, type Instruction, pairsOf, parseDockerfile, wordsOf } from './dockerfile.ts';

/** What an image says of the processes that are started from it, and its files but for those of the base image. */
export interface Image {
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly directory: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

const ROOT = join(import.meta.dirname, '../../..');

/** The Node that this project pins stands for the one of the base image. */
const NODE = { source: join(ROOT, 'node_modules/node/bin'), target: '/opt/node/bin', isReadOnly: true };
const PATH = '/opt/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

const BASE: Omit<Image, 'root'> = {
  environment: { PATH },
  user: '0:0',
  directory: '/',
  entrypoint: [],
  command: [],
  healthcheck: [],
  labels: {},
};

/** What every container has that is made of one of these images, beside its files. */
export const BASE_MOUNTS: readonly Mount[] = [
  NODE,
  ...['/etc/passwd', '/etc/group'].map((path) => ({ source: path, target: path, isReadOnly: true })),
];

/** An image of somebody else, whose programs are those of this machine. */
export async function baseImage(root: string): Promise<Image> {
  await mkdir(root, { recursive: true });
  return { ...BASE, root };
}

/**
 * Takes the steps of a Dockerfile for real: copies what they copy, and runs what they run in the file system that is being
 * made. What the base image would bring is taken from this machine.
 *
 * @param directory where images are put
 */
export async function buildImage(file: string, target: string, directory: string): Promise<Image> {
  const stages = parseDockerfile(await readFile(file, 'utf8'));
  const brings = readDockerIgnore(await readFile(`${file}.dockerignore`, 'utf8'));
  const built = new Map<string, Image>();
  const build = async (name: string): Promise<Image> => {
    const known = built.get(name);
    if (known !== undefined) return known;
    const stage = stages.find((candidate) => candidate.name === name);
    const image =
      stage === undefined
        ? await baseImage(join(directory, name.replaceAll(/\W/g, '-')))
        : await buildStage(stage, { directory, brings, build });
    built.set(name, image);
    return image;
  };
  return build(target);
}

interface Builder {
  readonly directory: string;
  readonly brings: (path: string) => boolean;
  readonly build: (name: string) => Promise<Image>;
}

async function buildStage({ name, base, instructions }: BuildStage, builder: Builder): Promise<Image> {
  const below = await builder.build(base);
  if (instructions.length === 0) return below;
  const root = join(builder.directory, name);
  await link(below.root, root);
  let image: Image = { ...below, root };
  for (const instruction of instructions) image = await take(instruction, image, builder);
  return image;
}

async function take({ name, text }: Instruction, image: Image, builder: Builder): Promise<Image> {
  switch (name) {
    case 'COPY':
      await copy(text, image, builder);
      return image;
    case 'RUN':
      await run(wordsOf(text), image, builder.directory);
      return image;
    case 'WORKDIR':
      await mkdir(join(image.root, text), { recursive: true });
      return { ...image, directory: text };
    case 'ENV': {
      const given = Object.entries(pairsOf(text)).map(([key, value]) => [
        key,
        value.replace('$PATH', image.environment.PATH ?? ''),
      ]);
      return { ...image, environment: { ...image.environment, ...Object.fromEntries(given) } };
    }
    case 'USER':
      return { ...image, user: text };
    case 'ENTRYPOINT':
      return { ...image, entrypoint: wordsOf(text) };
    case 'CMD':
      return { ...image, command: wordsOf(text) };
    case 'HEALTHCHECK':
      return { ...image, healthcheck: wordsOf(text.replace(/^.*?CMD\s+/, '')) };
    case 'LABEL':
      return { ...image, labels: { ...image.labels, ...pairsOf(text) } };
    case 'STOPSIGNAL':
      return image;
    default:
      throw new Error(`${name} is no instruction that is known here`);
  }
}

async function copy(text: string, image: Image, builder: Builder): Promise<void> {
  const [, stage, rest = ''] = /^(?:--from=(\S+)\s+)?(.*)$/.exec(text) ?? [];
  const words = rest.split(/\s+/);
  const [to = '', sources] = [words.at(-1), words.slice(0, -1)];
  const from = stage === undefined ? ROOT : (await builder.build(stage)).root;
  for (const source of sources) {
    const name = to.endsWith('/') ? basename(source) : '';
    const target = join(image.root, resolve(image.directory, to), name);
    await mkdir(dirname(target), { recursive: true });
    if (stage === undefined) await copyOfContext(join(from, source), target, builder.brings);
    else await link(join(from, source), target);
  }
}

const copyOfContext = (source: string, target: string, brings: Builder['brings']): Promise<void> =>
  cp(source, target, { recursive: true, filter: (path) => brings(relative(ROOT, path)) });

/** As fast as a layer: no step changes a file that another one has made. */
const link = (source: string, target: string) => promisify(execFile)('cp', ['-al', source, target]);

/** Where npm keeps what it has fetched already, and what it needs to know of the network. */
const FOR_BUILDING = ['/root', '/etc/resolv.conf', '/etc/hosts', '/etc/ssl', '/tmp'];

async function run(command: readonly string[], image: Image, directory: string): Promise<void> {
  const { root } = image;
  const mounts = FOR_BUILDING.map((path) => ({ source: path, target: path, isReadOnly: false }));
  const inherited = Object.fromEntries(
    Object.entries(process.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
  // A root that is mounted on itself can have mounts of its own, which end with the step.
  const script = [
    'set -e',
    `mount --bind ${root} ${root}`,
    ...rootScript(root, [...BASE_MOUNTS, ...mounts]),
    execScript(root, image.user, image.directory, { ...inherited, ...image.environment }, command),
  ];
  const child = new Child({
    name: `RUN ${command.join(' ')}`,
    command: 'unshare',
    args: ['--mount', '--propagation', 'private', 'sh', '-c', script.join('\n')],
  });
  const { code } = await child.exit;
  if (code !== 0) throw new Error(`${child.name} in ${directory} failed: ${child.lines.join('\n')}`);
}
