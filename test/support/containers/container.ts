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
  const { name, image, attachment } = plan;
  const place = join(directory, `${name}-${attachment.plug}`);
  await mkdir(place);
  const files = {
    hosts: `127.0.0.1 localhost\n${plan.hosts}`,
    'resolv.conf': `nameserver ${plan.nameServer}\n`,
  };
  for (const [file, text] of Object.entries(files)) await writeFile(join(place, file), text);
  const root = join(place, 'layers', 'root');
  const mounts = Object.keys(files).map((file) => ({
    source: join(place, file),
    target: `/etc/${file}`,
    isReadOnly: true,
  }));
  const script = [
    'set -e',
    ...plugScript(attachment),
    ...Object.entries(plan.sysctls).map(
      ([key, value]) => `echo ${value} > /proc/sys/${key.replaceAll('.', '/')}`,
    ),
    `mkdir -p ${join(place, 'layers')}`,
    ...layerScript(image.root, join(place, 'layers')),
    ...rootScript(root, [...mounts, ...plan.mounts]),
    ...plan.tmpfs.map((entry) => tmpfsScript(root, entry)),
    ...(plan.isReadOnly ? [`mount -o remount,ro ${root}`] : []),
    execScript(
      root,
      plan.user ?? image.user,
      image.directory,
      { ...image.environment, ...plan.environment },
      [...image.entrypoint, ...plan.command],
    ),
  ];
  const child = new Child({
    ...(plan.onStdout !== undefined && { onStdout: plan.onStdout }),
    name,
    command: 'unshare',
    args: ['--net', '--mount', '--propagation', 'private', 'sh', '-c', script.join('\n')],
  });
  await until(
    `${name} is inside`,
    async () => child.hasExited || (await readlink(`/proc/${child.pid}/root`)) !== '/',
  );
  return child;
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
