import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { HoldfastError } from '@holdfast/shared';
import { parseAllDocuments } from 'yaml';

const pathOf = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const SOURCES = pathOf('chart-renderer');
const CACHE = pathOf('../../.cache');
/** Of some hundred releases. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;
const LIBRARIES = '/usr/share/gocode';

/** The chart that this repository has. */
export const CHART = pathOf('../../infra/kubernetes/chart');

/** Whether Go is here, with the libraries of which Helm is made. */
export const canRender =
  spawnSync('go', ['version']).status === 0 &&
  ['github.com/Masterminds/sprig', 'github.com/xeipuuv/gojsonschema', 'sigs.k8s.io/yaml'].every((name) =>
    existsSync(`${LIBRARIES}/src/${name}`),
  );

if (!canRender)
  process.stderr.write('the chart is not rendered: Go, or a library of Helm, is not on this machine\n');

/** What users say of a release. */
export type Values = Readonly<Record<string, unknown>>;

/** An object of Kubernetes, as a template has it. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string } & Readonly<
    Record<string, Readonly<Record<string, string>>>
  >;
  readonly [member: string]: unknown;
}

/** What the chart makes of values, or everything that it has against them. */
export type Rendering =
  | {
      readonly kind: 'rendered';
      /** The text of each template, by its path below `templates/`. */
      readonly files: Readonly<Record<string, string>>;
      readonly objects: readonly KubernetesObject[];
      /** The values, with the defaults of the chart below them. */
      readonly values: Values;
    }
  | { readonly kind: 'refused'; readonly reason: string };

/** What is installed where. */
export interface Release {
  readonly release: string;
  readonly namespace: string;
}

const SHOP: Release = { release: 'shop', namespace: 'store' };

/** Renders the chart as `helm template shop --namespace store` does, or another release, once for all values. */
export function renderCharts(all: readonly Values[], release = SHOP): readonly Rendering[] {
  const requests = all.map((values) => ({ chart: CHART, ...release, kubeVersion: 'v1.34.0', values }));
  const input = requests.map((request) => JSON.stringify(request)).join('\n');
  const { stdout, stderr } = spawnSync(renderer(), { input, encoding: 'utf8', maxBuffer: ANSWER_BYTES_MAX });
  const answers = stdout.split('\n').filter((line) => line !== '');
  if (answers.length < all.length)
    throw new HoldfastError('INTERNAL', `the renderer of the chart has failed: ${stderr}`);
  return answers.map((line) => renderingOf(JSON.parse(line) as Answer));
}

export const renderChart = (values: Values, release = SHOP): Rendering =>
  renderCharts([values], release)[0] as Rendering;

function renderingOf(answer: Answer): Rendering {
  if (answer.error !== undefined) return { kind: 'refused', reason: answer.error };
  const files = Object.entries(answer.files ?? {}).map(([path, text]) => [
    path.slice('templates/'.length),
    text,
  ]);
  const objects = files.flatMap(([path = '', text = '']) => (path.endsWith('.yaml') ? objectsOf(text) : []));
  return { kind: 'rendered', files: Object.fromEntries(files), objects, values: answer.values ?? {} };
}

interface Answer {
  readonly files?: Readonly<Record<string, string>>;
  readonly values?: Values;
  readonly error?: string;
}

/** Most texts are the same for many values. */
const KNOWN = new Map<string, readonly KubernetesObject[]>();

/** The objects in a text of several documents; those that are empty are none. */
export function objectsOf(text: string): readonly KubernetesObject[] {
  const objects = KNOWN.get(text) ?? readObjects(text);
  KNOWN.set(text, objects);
  return objects;
}

function readObjects(text: string): readonly KubernetesObject[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [problem] = [...document.errors, ...document.warnings];
    if (problem !== undefined) throw new HoldfastError('INTERNAL', `no YAML: ${problem.message}`, problem);
    const read: unknown = document.toJS();
    return read === null ? [] : [read as KubernetesObject];
  });
}

/** As {@link renderChart}, of values that it must take. */
export function rendered(values: Values, release = SHOP): Extract<Rendering, { kind: 'rendered' }> {
  return taken(renderChart(values, release));
}

/** A rendering that is none of a refusal. */
export function taken(rendering: Rendering): Extract<Rendering, { kind: 'rendered' }> {
  if (rendering.kind === 'rendered') return rendering;
  throw new HoldfastError('INTERNAL', `the chart refuses what it must take: ${rendering.reason}`);
}

/** The program that renders: compiled once for each text that its source has had. */
function renderer(): string {
  const source = readFileSync(`${SOURCES}/main.go`);
  const program = `${CACHE}/chart-renderer-${createHash('sha256').update(source).digest('hex').slice(0, 16)}`;
  if (existsSync(program)) return program;
  mkdirSync(CACHE, { recursive: true });
  // Several files of tests may compile it at once.
  const mine = `${program}.${randomUUID()}`;
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: LIBRARIES, GOCACHE: `${CACHE}/go-build` };
  const { status, stderr } = spawnSync('go', ['build', '-o', mine, '.'], {
    cwd: SOURCES,
    env,
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new HoldfastError('INTERNAL', `cannot compile the renderer of the chart: ${stderr}`);
  renameSync(mine, program);
  return program;
}
