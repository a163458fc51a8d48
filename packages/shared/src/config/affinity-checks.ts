import type { AffinityConfig } from './affinity-schema.ts';
import type { AffinitySourceConfig } from './affinity-source-schema.ts';
import type { ConfigPath } from './config-path.ts';
import { ownCookieProblems } from './own-cookie-checks.ts';
import type { Finding } from './problem.ts';
import type { PoolConfig } from './schema.ts';

/** What the sources of a pool's sessions get wrong beside each other. */
export function affinityProblems(pool: PoolConfig, poolIndex: number): readonly Finding[] {
  const { sources } = pool.affinity;
  const pathOf = (index: number): ConfigPath => sourcePath(pool, poolIndex, index);
  const problems = sources.flatMap((source, index) => {
    const message = objection(source, sources.slice(0, index), sources);
    const repeated = message === undefined ? [] : [at([...pathOf(index), 'type'], message)];
    return isInsecureNone(source)
      ? [...repeated, at([...pathOf(index), 'cookie', 'secure'], INSECURE_NONE)]
      : repeated;
  });
  return [...problems, ...ownCookieProblems(sources, pathOf)];
}

/** Where the file has the source of that index: behind those of labels. */
export const sourcePath = ({ affinity }: PoolConfig, poolIndex: number, index: number): ConfigPath => [
  'pools',
  poolIndex,
  'affinity',
  'sources',
  affinity.labels.length + index,
];

/** Whether the pool derives keys or seals cookies with the secrets of the cluster. */
export const needsSecret = ({ sources }: AffinityConfig): boolean =>
  sources.some((source) => !isHash(source));

/** Whether the pool pins sessions, of which a balance policy can go by the number. */
export const pinsSessions = needsSecret;

const isHash = (source: AffinitySourceConfig): boolean =>
  source.type === 'source-ip' && source.mode === 'hash';

function objection(
  source: AffinitySourceConfig,
  earlier: readonly AffinitySourceConfig[],
  all: readonly AffinitySourceConfig[],
): string | undefined {
  if (earlier.some((other) => identityOf(other) === identityOf(source))) return REPEATED[source.type];
  if (source.type !== 'source-ip') return undefined;
  if (all.some(({ type }) => type === 'cookie')) return BESIDE_COOKIE;
  return isHash(source) && source !== all.at(-1) ? HASH_NOT_LAST : undefined;
}

/** Sources of one identity look at the same place. There is one cookie of ours, and one address of a client. */
function identityOf(source: AffinitySourceConfig): string {
  switch (source.type) {
    case 'cookie':
    case 'source-ip':
      return source.type;
    case 'header':
      return `header ${source.name.toLowerCase()}`;
    default:
      return `${source.type} ${source.name}`;
  }
}

const REPEATED: Readonly<Record<AffinitySourceConfig['type'], string>> = {
  cookie: 'expected one source of type cookie, found a second one',
  'app-cookie': 'expected another cookie than an earlier source has, found the same',
  header: 'expected another header than an earlier source has, found the same',
  query: 'expected another parameter than an earlier source has, found the same',
  path: 'expected another parameter than an earlier source has, found the same',
  'source-ip': 'expected one source of type source-ip, found a second one',
};

const BESIDE_COOKIE =
  'expected no source of type cookie beside it, found one: every client has an address, so the cookie would never be set';

const HASH_NOT_LAST =
  'expected as the last source, found before others: with mode: hash it takes every request that they leave';

function isInsecureNone(source: AffinitySourceConfig): boolean {
  if (source.type !== 'cookie' || source.cookie.sameSite !== 'None') return false;
  const { secure, attributes } = source.cookie;
  const names = attributes.map((name) => name.toLowerCase());
  return names.includes('samesite') && (secure === 'never' || !names.includes('secure'));
}

const INSECURE_NONE =
  'expected auto or always beside sameSite: None, which browsers refuse without Secure, found never';

const at = (path: ConfigPath, message: string): Finding => ({ path, about: 'value', message });
