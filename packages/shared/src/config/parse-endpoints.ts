import { z } from 'zod';
import { type ConfigPath, isWithin } from './config-path.ts';
import { duplicateEndpoints } from './duplicates.ts';
import { type EndpointKind, endpointKind } from './fields.ts';
import { SCHEMES } from './pool-kind.ts';
import { endpoint } from './pool-schema.ts';
import { type ConfigProblem, type Finding, inFileOrder, problemAt } from './problem.ts';
import type { EndpointConfig } from './schema.ts';
import { schemaFindings } from './schema-findings.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

/** What a list of endpoints is read with. */
export interface EndpointListOptions {
  /** The name of the file, for problems. */
  readonly file: string;
  readonly kind: EndpointKind;
  /** Whether health checks find out incarnations, so that the list must not name them. */
  readonly incarnationsAreProbed: boolean;
}

/** The endpoints of a list, or everything that is wrong with it. */
export type ParsedEndpoints =
  | { readonly kind: 'endpoints'; readonly endpoints: readonly EndpointConfig[] }
  | { readonly kind: 'problems'; readonly problems: readonly ConfigProblem[] };

const endpointList = z.array(endpoint);

/** Where lists of endpoints stand in a configuration, by whose schema problems are worded. */
const AS_IN_A_POOL: ConfigPath = ['pools', 0, 'endpoints'];

/**
 * Reads a file that is one list of endpoints, as strictly as `endpoints` of a pool. Never throws, whatever the text.
 * Nothing is replaced from the environment.
 */
export function parseEndpoints(text: string, options: EndpointListOptions): ParsedEndpoints {
  const source = readYaml(text, {});
  if (source.kind === 'unreadable') {
    const asProblem = ({ position, message }: (typeof source.errors)[number]) =>
      problemAt(options.file, position, { path: [], about: 'value', message });
    return { kind: 'problems', problems: inFileOrder(source.errors.map(asProblem)) };
  }
  const checked = check(source, options);
  if (checked.kind === 'endpoints') return checked;
  const locate = (finding: Finding): ConfigProblem =>
    problemAt(options.file, source.positionOf(finding.path, finding.about), finding);
  return { kind: 'problems', problems: inFileOrder(checked.findings.map(locate)) };
}

type Checked =
  | { readonly kind: 'endpoints'; readonly endpoints: readonly EndpointConfig[] }
  | { readonly kind: 'findings'; readonly findings: readonly Finding[] };

function check(source: YamlSource, options: EndpointListOptions): Checked {
  const parsed = endpointList.safeParse(source.value);
  const findings = parsed.success ? listProblems(parsed.data, options) : wordingOf(parsed.error, source);
  const apart = findings.filter(({ path }) => !source.findings.some((other) => isWithin(path, other.path)));
  const all = [...source.findings, ...apart];
  if (all.length > 0 || !parsed.success) return { kind: 'findings', findings: all };
  return { kind: 'endpoints', endpoints: parsed.data };
}

function listProblems(
  endpoints: readonly EndpointConfig[],
  { kind, incarnationsAreProbed }: EndpointListOptions,
): readonly Finding[] {
  const each = endpoints.flatMap(({ url, incarnation }, index): readonly Finding[] => [
    ...(endpointKind(url) === kind
      ? []
      : [at([index, 'url'], `expected ${SCHEMES[kind]}, as the scheme of discovery says, found ${url}`)]),
    ...(incarnation !== undefined && incarnationsAreProbed
      ? [
          at(
            [index, 'incarnation'],
            'expected none beside healthCheck.incarnation, which finds it out, found one',
          ),
        ]
      : []),
  ]);
  return [...duplicateEndpoints(endpoints, []), ...each];
}

const at = (path: ConfigPath, message: string): Finding => ({ path, about: 'value', message });

function wordingOf({ issues }: z.ZodError, source: YamlSource): readonly Finding[] {
  const inPool = issues.map((issue) => ({ ...issue, path: [...AS_IN_A_POOL, ...issue.path] }));
  return schemaFindings(inPool, asInPool(source)).map((finding) => ({
    ...finding,
    path: finding.path.slice(AS_IN_A_POOL.length),
  }));
}

/** The list as if it stood in a configuration. */
function asInPool(source: YamlSource): YamlSource {
  const inList = (path: ConfigPath): ConfigPath => path.slice(AS_IN_A_POOL.length);
  return {
    ...source,
    value: { pools: [{ endpoints: source.value }] },
    positionOf: (path, about) => source.positionOf(inList(path), about),
    has: (path) => source.has(inList(path)),
    referenceAt: (path) => source.referenceAt(inList(path)),
  };
}
