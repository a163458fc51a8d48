import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { rendered, type Values } from '../../support/helm-chart.ts';
import { valuesSchema } from './values-schema.ts';

/** A file of infra/kubernetes that is made of something else. */
export interface GeneratedFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

const FOLDER = 'infra/kubernetes';
const RULES = 'infra/prometheus/rules';

export const absolute = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

export const EXAMPLES = ['try-out', 'production'] as const;

/** The values of an example. */
export const example = (name: (typeof EXAMPLES)[number]): Values =>
  parse(readFileSync(absolute(`${FOLDER}/examples/${name}.yaml`), 'utf8')) as Values;

/** The schema of the chart's values, of which most is that of the configuration. */
export const schemaFile = (): GeneratedFile => ({
  path: `${FOLDER}/chart/values.schema.json`,
  text: `${JSON.stringify(valuesSchema(), undefined, 2)}\n`,
});

/** The alert rules, once more: a chart sees no file outside of its folder. */
export const ruleFiles = (): readonly GeneratedFile[] =>
  readdirSync(absolute(RULES))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => ({
      path: `${FOLDER}/chart/rules/${name}`,
      text: readFileSync(absolute(`${RULES}/${name}`), 'utf8'),
    }));

/** What the chart makes of the examples, for who installs without Helm. */
export const manifestFiles = (): readonly GeneratedFile[] =>
  EXAMPLES.map((name) => ({ path: `${FOLDER}/manifests/${name}.yaml`, text: manifestOf(name) }));

const HOLDFAST = { release: 'holdfast', namespace: 'holdfast' };

const NAMESPACE = `apiVersion: v1
kind: Namespace
metadata:
  name: holdfast
  labels:
    pod-security.kubernetes.io/enforce: restricted
`;

function manifestOf(name: (typeof EXAMPLES)[number]): string {
  const { files } = rendered(example(name), HOLDFAST);
  const texts = Object.entries(files)
    .filter(([path]) => path.endsWith('.yaml') && !path.startsWith('tests/'))
    .map(([, text]) => text.replace(/^\s*---\n/, '').trim())
    .filter((text) => text !== '');
  const source = `# Made of examples/${name}.yaml by "npm run kubernetes"; see docs/guides/kubernetes.md.\n`;
  return source + [NAMESPACE, ...texts.map((text) => `${withoutHelm(text)}\n`)].join('---\n');
}

/** Nothing of this is managed by Helm. */
const withoutHelm = (text: string): string =>
  text.replaceAll(/^ *(?:helm\.sh\/chart|app\.kubernetes\.io\/managed-by): .*\n/gm, '');
