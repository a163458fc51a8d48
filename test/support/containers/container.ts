import { execFile } from 'node:child_process';
import { mkdir, readlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Child, type ChildPlan } from '../child.ts';
import type { Ended } from '../command.ts';
import { until } from '../until.ts';
import type { Attachment } from './container-network.ts';
import { execScript, layerScript, type Mount, plugScript, rootScript } from './container-script.ts';
import type { Image } from './image.ts';

/** A process as a container engine would start it. */
export interface ContainerPlan extends Pick<ChildPlan, 'name' | 'onStdout'> {
  readonly image: Image;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** `uid:gid`; by default that of the image. */
  readonly user?: string;
  readonly attachment: Attachment;
  /** Names of other containers, as the lines of /etc/hosts. */
  readonly hosts: string;
  readonly nameServer: string;
  readonly mounts: readonly Mount[];
  /** Folders in memory, with the options of their mount: `/tmp:mode=1777`. */
  readonly tmpfs: readonly string[];
  /** Settings of the kernel, for its network alone. */
  readonly sysctls: Readonly<Record<string, string>>;
  readonly isReadOnly: boolean;
}

/**
 * Starts a process with a network address and a root directory of its own, as another user, without capabilities and without
 * ways to get any. It has the processes, the memory and the host name of this machine.
 *
 * @param directory where what it needs of files is put
 */
export async function startContainer(plan: ContainerPlan, directory: string): Promise<Child> {
  const { name, attachment, onStdout } = plan;
  const place = join(directory, `${name}-${attachment.plug}`);
  await mkdir(join(place, 'layers'), { recursive: true });
  const files = await writeFiles(place, {
    hosts: `127.0.0.1 localhost\n${plan.hosts}`,
    'resolv.conf': `nameserver ${plan.nameServer}\n`,
  });
  const script = scriptOf({ ...plan, mounts: [...files, ...plan.mounts] }, join(place, 'layers'));
  const child = new Child({
    ...(onStdout !== undefined && { onStdout }),
    name,
    command: 'unshare',
    args: ['--net', '--mount', '--propagation', 'private', 'sh', '-c', script],
  });
  // Until then it is a shell of this machine, and nothing can be run beside it.
  const isInside = async (): Promise<boolean> => (await readlink(`/proc/${child.pid}/root`)) !== '/';
  await until(`${name} is inside`, () => child.hasExited || isInside());
  return child;
}

/** What a container engine writes into every container, below /etc. */
function writeFiles(place: string, texts: Readonly<Record<string, string>>): Promise<readonly Mount[]> {
  const mounts = Object.entries(texts).map(async ([file, text]) => {
    const source = join(place, file);
    await writeFile(source, text);
    return { source, target: `/etc/${file}`, isReadOnly: true };
  });
  return Promise.all(mounts);
}

function scriptOf({ image, user = image.user, ...plan }: ContainerPlan, layers: string): string {
  const root = join(layers, 'root');
  const sysctls = Object.entries(plan.sysctls).map(([key, value]) => [key.replaceAll('.', '/'), value]);
  const environment = { ...image.environment, ...plan.environment };
  return [
    'set -e',
    ...plugScript(plan.attachment),
    ...sysctls.map(([path, value]) => `echo ${value} > /proc/sys/${path}`),
    ...layerScript(image.root, layers),
    ...rootScript(root, plan.mounts),
    ...plan.tmpfs.map((entry) => tmpfsScript(root, entry)),
    ...(plan.isReadOnly ? [`mount -o remount,ro ${root}`] : []),
    execScript(root, user, image.directory, environment, [...image.entrypoint, ...plan.command]),
  ].join('\n');
}

function tmpfsScript(root: string, entry: string): string {
  const [target = '', options = 'mode=1777'] = entry.split(':');
  return `mkdir -p ${root}${target} && mount -t tmpfs -o ${options} tmpfs ${root}${target}`;
}

/** Runs a command in a running container, as its user. */
export function runInContainer(
  { pid }: Child,
  { image, user = image.user, environment }: Pick<ContainerPlan, 'image' | 'user' | 'environment'>,
  command: readonly string[],
): Promise<Ended> {
  const [uid = '0', gid = uid] = user.split(':');
  const variables = Object.entries({ ...image.environment, ...environment }).map((pair) => pair.join('='));
  const args = [
    ...['--target', String(pid), '--net', '--mount', '--root'],
    ...['setpriv', '--reuid', uid, '--regid', gid, '--clear-groups', '--no-new-privs', '--bounding-set=-all'],
    ...['env', '--ignore-environment', `--chdir=${image.directory}`, ...variables, ...command],
  ];
  return new Promise((resolve) => {
    const child = execFile('nsenter', args, { timeout: 30_000 }, (_, stdout, stderr) =>
      resolve({ exitCode: child.exitCode ?? -1, stdout, stderr }),
    );
  });
}
