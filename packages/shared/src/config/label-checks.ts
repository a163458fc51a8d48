import type { ConfigPath } from './config-path.ts';
import { parameterName } from './fields.ts';
import type { LabelSourceConfig } from './label-source-schema.ts';
import { poolKind } from './pool-kind.ts';
import type { Finding } from './problem.ts';
import type { PoolConfig } from './schema.ts';

/** What the sources of a pool's labels get wrong, by themselves, beside each other, and beside its endpoints. */
export function labelProblems(pool: PoolConfig, poolIndex: number): readonly Finding[] {
  const { affinity, discovery, endpoints } = pool;
  const { labels, sources } = affinity;
  const path: ConfigPath = ['pools', poolIndex, 'affinity'];
  const isLabelled =
    endpoints.some(({ label }) => label !== undefined) ||
    labels.some(({ derive }) => derive !== undefined) ||
    discovery?.type === 'file';
  const hasSealedCookie = sources.some(({ type }) => type === 'cookie');
  const hasCompanion = sources.some((source) => source.type === 'app-cookie' && source.companion);
  const isHttp = poolKind(pool) === 'http';
  return labels.flatMap((source, index) => {
    const isCookie = source.type === 'label-cookie';
    const objections: readonly (readonly [isWrong: boolean, key: string, message: string])[] = [
      [!isHttp, 'type', NOT_HTTP],
      [isCookie && labels.slice(0, index).some(({ type }) => type === 'label-cookie'), 'type', SECOND],
      [isCookie && hasSealedCookie, 'type', BESIDE_COOKIE],
      [isCookie && hasCompanion, 'type', BESIDE_COMPANION],
      [!isLabelled, 'type', UNLABELLED],
      [source.derive === 'address-keyed' && source.key === undefined, 'key', KEYLESS],
      [labels.slice(0, index).some((other) => derivesOtherwise(other, source)), 'derive', OTHER_DERIVE],
      [isParameter(source) && !parameterName.safeParse(source.name).success, 'name', NO_PARAMETER],
      ...datesWithoutInsert(source).map((key) => [true, key, ONLY_INSERT] as const),
    ];
    return objections
      .filter(([isWrong]) => isWrong)
      .map(([, key, message]) => ({
        path: [...path, 'sources', index, key],
        about: 'value' as const,
        message,
      }));
  });
}

/** An endpoint has one label, whichever source names it. */
const derivesOtherwise = (one: LabelSourceConfig, other: LabelSourceConfig): boolean =>
  one.derive !== undefined &&
  other.derive !== undefined &&
  (one.derive !== other.derive || one.key !== other.key);

const isParameter = (source: LabelSourceConfig): boolean =>
  source.type === 'label' && (source.in === 'query' || source.in === 'path');

/** Options that say when and how long a cookie is inserted. */
function datesWithoutInsert(source: LabelSourceConfig): readonly string[] {
  if (source.type !== 'label-cookie' || source.mode === 'insert') return [];
  const { maxIdle, maxLife, postOnly } = source;
  return Object.entries({ maxIdle, maxLife, postOnly }).flatMap(([key, value]) =>
    value === undefined || value === false ? [] : [key],
  );
}

const NOT_HTTP =
  'expected source-ip or none, because a client that sends no requests names no endpoint, found a label';
const SECOND = 'expected one source of type label-cookie, found a second one';
const BESIDE_COOKIE =
  'expected no source of type cookie beside it, found one: each client would have two cookies for one thing';
const BESIDE_COMPANION =
  'expected no companion beside it, found one: each client would have two cookies for one thing';
const UNLABELLED =
  'expected a label on at least one endpoint, or derive, found neither: nobody could be named';
const KEYLESS = 'expected a text beside derive: address-keyed, found nothing';
const OTHER_DERIVE =
  'expected the same derive and key as an earlier source has, found others: an endpoint has one label';
const NO_PARAMETER =
  'expected letters, digits, ".", "_", "~" and "-", at most 64, as parameters have, found others';
const ONLY_INSERT = 'expected only beside mode: insert, found it beside another';
