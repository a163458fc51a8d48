import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { HoldfastError } from '@holdfast/shared';
import { Child } from '../child.ts';
import { execScript, rootScript } from './container-script.ts';
import { type Instruction, pairsOf, wordsOf } from './dockerfile.ts';
import { BASE_MOUNTS, type Image } from './image.ts';

/** Where a step may copy from. */
export interface Sources {
  /** Whether the builder gets this path of the context, which is the repository. */
  readonly brings: (path: string) => boolean;
  /** Another stage. */
  readonly build: (stage: string) => Promise<Image>;
}

type Step = (text: string, image: Image, sources: Sources) => Promise<Image> | Image;

const ROOT = join(import.meta.dirname, '../../..');

const STEPS: Readonly<Record<string, Step>> = {
  COPY: copy,
  RUN: run,
  WORKDIR: async (text, image) => {
    await mkdir(join(image.root, text), { recursive: true });
    return { ...image, directory: text };
  },
  ENV: (text, image) => ({ ...image, environment: { ...image.environment, ...environmentOf(text, image) } }),
  USER: (text, image) => ({ ...image, user: text }),
  ENTRYPOINT: (text, image) => ({ ...image, entrypoint: wordsOf(text) }),
  CMD: (text, image) => ({ ...image, command: wordsOf(text) }),
  HEALTHCHECK: (text, image) => ({ ...image, healthcheck: wordsOf(text.replace(/^.*?CMD\s+/, '')) }),
  // Labels are looked at where they are written, and every process ends by SIGTERM here.
  LABEL: (_, image) => image,
  STOPSIGNAL: (_, image) => image,
};

/** The image as it is after a step. */
export async function takeStep({ name, text }: Instruction, image: Image, sources: Sources): Promise<Image> {
  const step = STEPS[name];
  if (step === undefined) throw new HoldfastError('INTERNAL', `no step of an image is called ${name} here`);
  return step(text, image, sources);
}

function environmentOf(text: string, { environment }: Image): Readonly<Record<string, string>> {
  const given = Object.entries(pairsOf(text));
  return Object.fromEntries(
    given.map(([name, value]) => [name, value.replace('$PATH', environment.PATH ?? '')]),
  );
}

async function copy(text: string, image: Image, { brings, build }: Sources): Promise<Image> {
  const [, stage, rest = ''] = /^(?:--from=(\S+)\s+)?(.*)$/.exec(text) ?? [];
  const words = rest.split(/\s+/);
  const [to = '', sources] = [words.at(-1), words.slice(0, -1)];
  const from = stage === undefined ? ROOT : (await build(stage)).root;
  for (const source of sources) {
    const name = to.endsWith('/') ? basename(source) : '';
    const target = join(image.root, resolve(image.directory, to), name);
    await mkdir(dirname(target), { recursive: true });
    if (stage !== undefined) await linkTree(join(from, source), target);
    else
      await cp(join(from, source), target, {
        recursive: true,
        filter: (path) => brings(relative(ROOT, path)),
      });
  }
  return image;
}

/** Where npm and pnpm keep what they have fetched already, and what they need to know of the network. */
const FOR_BUILDING = ['/root', '/etc/resolv.conf', '/etc/hosts', '/etc/ssl', '/tmp'];

/** Named, because pnpm would begin a store of its own, and fetch everything again, where it cannot link from the one that it has. */
const STORE = { pnpm_config_store_dir: '/root/.local/share/pnpm/store' };

async function run(text: string, image: Image): Promise<Image> {
  const { root, user, directory, environment } = image;
  const mounts = FOR_BUILDING.map((path) => ({ source: path, target: path, isReadOnly: false }));
  const inherited = Object.entries(process.env).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, value]],
  );
  // A root that is mounted on itself can have mounts of its own, which end with the step.
  const script = [
    'set -e',
    `mount --bind ${root} ${root}`,
    ...rootScript(root, [...BASE_MOUNTS, ...mounts]),
    execScript(
      root,
      user,
      directory,
      { ...Object.fromEntries(inherited), ...STORE, ...environment },
      wordsOf(text),
    ),
  ];
  const child = new Child({
    name: `RUN ${text}`,
    command: 'unshare',
    args: ['--mount', '--propagation', 'private', 'sh', '-c', script.join('\n')],
  });
  const { code } = await child.exit;
  if (code !== 0) throw new HoldfastError('INTERNAL', `${child.name} failed: ${child.lines.join('\n')}`);
  return image;
}

/** Copies a folder as fast as a layer is laid over another: no step changes a file that another one has made. */
export const linkTree = (source: string, target: string): Promise<unknown> =>
  promisify(execFile)('cp', ['-alT', source, target]);
