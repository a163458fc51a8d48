import type { Attachment } from './container-network.ts';

/** A part of the file system of a container that comes from elsewhere. */
export interface Mount {
  readonly source: string;
  readonly target: string;
  readonly isReadOnly: boolean;
}

/** Shell commands that make a file system of an image, at `root`, with what the base image would bring taken from this machine. */
export function rootScript(root: string, mounts: readonly Mount[]): readonly string[] {
  return [
    `for folder in usr proc dev etc; do mkdir -p ${root}/$folder; done`,
    `for link in bin sbin lib lib64; do ln -sfn usr/$link ${root}/$link; done`,
    ...['usr', 'proc', 'dev'].map((folder) => `mount --rbind /${folder} ${root}/${folder}`),
    ...mounts.flatMap((mount) => mountScript(root, mount)),
  ];
}

function mountScript(root: string, { source, target, isReadOnly }: Mount): readonly string[] {
  const at = `${root}${target}`;
  return [
    `if [ -d ${source} ]; then mkdir -p ${at}; else mkdir -p $(dirname ${at}); touch ${at}; fi`,
    `mount --bind ${source} ${at}`,
    ...(isReadOnly ? [`mount -o remount,bind,ro ${at}`] : []),
  ];
}

/** Shell commands that lay an empty layer over an image, so that it stays as it is. */
export const layerScript = (image: string, root: string): readonly string[] => [
  `mount -t tmpfs tmpfs ${root}`,
  `mkdir ${root}/layer ${root}/work ${root}/root`,
  `mount -t overlay overlay -o lowerdir=${image},upperdir=${root}/layer,workdir=${root}/work ${root}/root`,
];

/** Shell commands that plug the process of this shell into a network. */
export function plugScript({ address, holderPid, plug }: Attachment): readonly string[] {
  const inNetwork = `nsenter --target ${holderPid} --net`;
  // The hardware address follows from the other, as with container engines: who comes back is known to its neighbours.
  const hardware = ['02', '42', ...address.split('.').map((part) => hex(Number(part)))].join(':');
  return [
    `${inNetwork} ip link add ${plug} type veth peer name eth0 address ${hardware} netns $$`,
    `${inNetwork} ip link set ${plug} master lan up`,
    `ip addr add ${address}/24 dev eth0`,
    'ip link set eth0 up',
    'ip link set lo up',
  ];
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

/** The words of a command as a shell takes them back. */
export const quoted = (words: readonly string[]): string =>
  words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');

/** The end of a script: the command, in the root, as that user and with no more rights than it has. */
export function execScript(
  root: string,
  user: string,
  directory: string,
  environment: Readonly<Record<string, string>>,
  command: readonly string[],
): string {
  const [uid = '0', gid = uid] = user.split(':');
  const rights = uid === '0' ? [] : ['--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'];
  const variables = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  return `exec chroot ${root} ${quoted([
    ...['setpriv', '--pdeathsig', 'KILL', '--reuid', uid, '--regid', gid, '--clear-groups', ...rights],
    ...['env', '--ignore-environment', `--chdir=${directory}`, ...variables, ...command],
  ])}`;
}
