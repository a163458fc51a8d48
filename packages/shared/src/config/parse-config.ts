import { profileProblems } from '../profiles/profile-checks.ts';
import { type ConfigPath, isWithin, samePath } from './config-path.ts';
import { crossCheck } from './cross-checks.ts';
import type { Environment } from './interpolate.ts';
import { type ConfigProblem, type Finding, inFileOrder, problemAt } from './problem.ts';
import { type Config, configSchema } from './schema.ts';
import { schemaFindings } from './schema-findings.ts';
import { withMeantTypes, withoutKeys } from './source-value.ts';
import { readYaml, type YamlSource } from './yaml-source.ts';

/** What a configuration is read with. */
export interface ParseOptions {
  /** The name of the file, for problems. */
  readonly file: string;
  /** What `${NAME}` is replaced from. */
  readonly environment: Environment;
}

/** A configuration that the program can run with, or everything that keeps it from that, in the order of the file. */
export type ParsedConfig =
  | {
      readonly kind: 'config';
      readonly config: Config;
      /** The values as the file gives them, references replaced, without defaults. Holds secrets. */
      readonly given: unknown;
      readonly warnings: readonly ConfigProblem[];
      /** Says where in the file something stands that is found later. */
      readonly locate: (finding: Finding) => ConfigProblem;
    }
  | { readonly kind: 'problems'; readonly problems: readonly ConfigProblem[] };

/**
 * Reads a configuration from YAML. Never throws, whatever the text; never shows a secret in a problem.
 * Values that contradict each other are looked for as soon as every value that is there is right.
 */
export function parseConfig(text: string, { file, environment }: ParseOptions): ParsedConfig {
  const source = readYaml(text, environment);
  if (source.kind === 'unreadable') {
    const asProblem = ({ position, message }: (typeof source.errors)[number]) =>
      problemAt(file, position, { path: [], about: 'value', message });
    return { kind: 'problems', problems: inFileOrder(source.errors.map(asProblem)) };
  }
  const locate = (finding: Finding) => locateIn(source, file, finding);
  const located = (findings: readonly Finding[]) => inFileOrder(findings.map(locate));
  const checked = check(source);
  if (checked.kind === 'findings') return { kind: 'problems', problems: located(checked.findings) };
  return { ...checked, warnings: located(checked.warnings), locate };
}

type Checked =
  | {
      readonly kind: 'config';
      readonly config: Config;
      readonly given: unknown;
      readonly warnings: readonly Finding[];
    }
  | { readonly kind: 'findings'; readonly findings: readonly Finding[] };

function check(written: YamlSource): Checked {
  const source = { ...written, value: withMeantTypes(written) };
  const parsed = configSchema.safeParse(source.value);
  const fromSchema = parsed.success ? [] : schemaFindings(parsed.error.issues, source);
  const single = [...source.findings, ...unrelated(fromSchema, source.findings)];
  const config = parsed.success ? parsed.data : configOfTheRest(source.value, single);
  const { problems, warnings } = config === undefined ? { problems: [], warnings: [] } : crossCheck(config);
  // What a profile says of itself is said in the words of whoever wrote it, and so comes before what follows from it.
  const ofProfiles = config === undefined ? [] : unrelated(profileProblems(source.value, config), single);
  const findings = [...single, ...ofProfiles, ...unrelated(problems, [...single, ...ofProfiles])];
  if (findings.length > 0 || config === undefined) return { kind: 'findings', findings };
  return { kind: 'config', config, given: source.value, warnings };
}

/** The configuration without the keys that something is wrong with, if it is one: what else it says can be checked too. */
function configOfTheRest(value: unknown, findings: readonly Finding[]): Config | undefined {
  const rest = configSchema.safeParse(
    withoutKeys(
      value,
      findings.map(({ path }) => path),
    ),
  );
  return rest.success ? rest.data : undefined;
}

/** The findings that are not about a value in which, or around which, something was found already. */
const unrelated = (findings: readonly Finding[], earlier: readonly Finding[]): readonly Finding[] =>
  findings.filter(
    ({ path }) => !earlier.some((other) => isWithin(path, other.path) || isWithin(other.path, path)),
  );

function locateIn(source: YamlSource, file: string, finding: Finding): ReturnType<typeof problemAt> {
  const path = asWritten(source, finding.path);
  return problemAt(file, source.positionOf(path, finding.about), { ...finding, path });
}

/** What the file may write in a shorter form than the program sees it in, as the only one of a list. */
const SHORT_FORMS = [
  ['listeners', 'routes'],
  ['pools', 'affinity', 'sources'],
] as const;

/** A route that the file writes as the listener's `pool` is found there, and the one source of an affinity in it. */
function asWritten(source: YamlSource, path: ConfigPath): ConfigPath {
  const [section, index, ...below] = path;
  for (const [shortened, ...list] of SHORT_FORMS) {
    const isListed = section === shortened && samePath(below.slice(0, list.length + 1), [...list, 0]);
    if (!isListed || source.has([section, index!, ...list])) continue;
    return [section, index!, ...list.slice(0, -1), ...below.slice(list.length + 1)];
  }
  return path;
}
