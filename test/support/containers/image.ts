import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mount } from './container-script.ts';

/** What an image says of the processes that are started from it, and its files but for those of the base image. */
export interface Image {
  readonly root: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: string;
  readonly directory: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

/** The Node that this project pins stands for the one of the base image. */
const NODE = {
  source: join(import.meta.dirname, '../../../node_modules/node/bin'),
  target: '/opt/node/bin',
  isReadOnly: true,
};
const PATH = '/opt/node/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What every container has beside the files of its image, in place of what the base image would bring. */
export const BASE_MOUNTS: readonly Mount[] = [
  NODE,
  ...['/etc/passwd', '/etc/group'].map((path) => ({ source: path, target: path, isReadOnly: true })),
];

/** An image of somebody else, whose programs are those of this machine. @param root where its files are put */
export async function baseImage(root: string): Promise<Image> {
  await mkdir(root, { recursive: true });
  return {
    root,
    environment: { PATH },
    user: '0:0',
    directory: '/',
    entrypoint: [],
    command: [],
    healthcheck: [],
  };
}
