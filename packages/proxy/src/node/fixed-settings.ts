import { isDeepStrictEqual } from 'node:util';
import type { Config, ConfigPath, Finding } from '@holdfast/shared/config';
import { matchListeners } from './listener-match.ts';

/** What a node follows while it runs. Whatever else the file says is fixed when the node starts. */
const FOLLOWED: ReadonlySet<string> = new Set([
  'secrets',
  'admin.token',
  'admin.endpointNetworks',
  'log.level',
  'shutdown',
  'listeners',
  'pools',
]);

/** What a socket is, which cannot be changed while it accepts. */
const OF_A_SOCKET = ['server', 'protocol', 'proxyProtocol'] as const;

/** What keeps a running node from going by another configuration. */
export const fixedSettings = (before: Config, after: Config): readonly Finding[] => [
  ...fixedKeys(before, after, []),
  ...fixedSockets(before, after),
];

/** Looks at the top of the file, and one level below: what is followed is followed as a whole. */
function fixedKeys(before: object, after: object, at: ConfigPath): readonly Finding[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].flatMap((key) => {
    const path = [...at, key];
    const [was, is]: readonly unknown[] = [Reflect.get(before, key), Reflect.get(after, key)];
    if (FOLLOWED.has(path.join('.')) || isDeepStrictEqual(was, is)) return [];
    if (at.length === 0 && isObject(was) && isObject(is)) return fixedKeys(was, is, path);
    return [needsRestart(path)];
  });
}

const isObject = (value: unknown): value is object => value !== null && typeof value === 'object';

const needsRestart = (path: ConfigPath): Finding => ({
  path,
  about: 'value',
  message: 'expected what the node was started with, found a change: restart the node',
});

function fixedSockets(before: Config, after: Config): readonly Finding[] {
  const running = before.listeners.map((config) => ({ config }));
  return matchListeners(running, after.listeners).next.flatMap(({ config, running: same }, index) =>
    OF_A_SOCKET.filter((key) => same !== undefined && same.config[key] !== config[key]).map((key) => ({
      path: ['listeners', index, key],
      about: 'value',
      message: `expected ${JSON.stringify(same?.config[key])} as long as the address stays, found a change: choose another address, or restart the node`,
    })),
  );
}
