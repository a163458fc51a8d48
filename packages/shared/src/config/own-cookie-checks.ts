import type { AffinitySourceConfig } from './affinity-source-schema.ts';
import type { ConfigPath } from './config-path.ts';
import type { Finding } from './problem.ts';

/** A cookie that a source looks at, and the keys that name it. */
interface Named {
  readonly name: string;
  readonly path: ConfigPath;
  readonly isOurs: boolean;
}

/**
 * What the cookies that Holdfast sets for a pool get wrong beside each other, and beside those of the application.
 *
 * @param pathOf where the file has the source of that index
 */
export function ownCookieProblems(
  sources: readonly AffinitySourceConfig[],
  pathOf: (index: number) => ConfigPath,
): readonly Finding[] {
  const named = sources.flatMap((source, index) => cookiesOf(source, pathOf(index)));
  const taken = named.filter(({ name, isOurs }, index) =>
    named.slice(0, index).some((earlier) => earlier.name === name && (earlier.isOurs || isOurs)),
  );
  return [...issuerProblems(sources, pathOf), ...taken.map(({ path }) => at(path, TAKEN))];
}

function cookiesOf(source: AffinitySourceConfig, path: ConfigPath): readonly Named[] {
  if (source.type === 'cookie')
    return ownCookies([...path, 'name'], [...path, 'cookie', 'twin'], source.name, source.cookie.twin);
  if (source.type !== 'app-cookie') return [];
  const { name, companion } = source;
  const theirs = { name, path: [...path, 'name'], isOurs: false };
  if (companion === undefined) return [theirs];
  const below = [...path, 'companion'];
  return [theirs, ...ownCookies([...below, 'name'], [...below, 'twin'], companion.name, companion.twin)];
}

function ownCookies(
  path: ConfigPath,
  twinPath: ConfigPath,
  name: string,
  twin: string | undefined,
): readonly Named[] {
  const single = { name, path, isOurs: true };
  return twin === undefined ? [single] : [single, { name: twin, path: twinPath, isOurs: true }];
}

/** A response sets one cookie of ours, with its twin, so that a client never brings two that disagree. */
const issuerProblems = (
  sources: readonly AffinitySourceConfig[],
  pathOf: (index: number) => ConfigPath,
): readonly Finding[] =>
  sources.flatMap((source, index) => {
    if (source.type !== 'app-cookie' || source.companion === undefined) return [];
    const path = [...pathOf(index), 'companion'];
    if (sources.some(({ type }) => type === 'cookie')) return [at(path, BESIDE_COOKIE)];
    const isSecond = sources
      .slice(0, index)
      .some((earlier) => earlier.type === 'app-cookie' && earlier.companion !== undefined);
    return isSecond ? [at(path, 'expected one companion in a pool, found a second one')] : [];
  });

const BESIDE_COOKIE =
  'expected no source of type cookie beside it, found one: a client would have two cookies of ours';

const TAKEN = 'expected another name than a cookie before it has, found the same';

const at = (path: ConfigPath, message: string): Finding => ({ path, about: 'value', message });
