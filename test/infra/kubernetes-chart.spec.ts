import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  CHART,
  canRender,
  type KubernetesObject,
  objectsOf,
  renderChart,
  renderCharts,
  rendered,
  taken,
  type Values,
} from '../support/helm-chart.ts';
import { unknownIn, wrongIn } from '../support/kubernetes-schema.ts';
import { absolute, EXAMPLES, example, manifestFiles, ruleFiles, schemaFile } from './kubernetes/generated.ts';
import { nodeContainer, only } from './kubernetes/pods.ts';
import { COMBINATIONS, ORDINARY, together } from './kubernetes/switches.ts';

const read = (path: string): string => readFileSync(path, 'utf8');
/** Objects that differ. */
const distinct = (objects: readonly KubernetesObject[]): readonly KubernetesObject[] => [
  ...new Map(objects.map((object) => [JSON.stringify(object), object])).values(),
];

describe.skipIf(!canRender)('the chart', () => {
  it('makes objects that Kubernetes takes of every combination of its switches', async () => {
    expect(COMBINATIONS).toHaveLength(256);
    const objects = distinct(renderCharts(COMBINATIONS).flatMap((rendering) => taken(rendering).objects));
    expect(new Set(objects.map(({ kind }) => kind)).size).toBe(14);
    expect((await Promise.all(objects.map(wrongIn))).flat()).toEqual([]);
    expect(unknownIn(objects)).toEqual([]);
  });

  it('makes such objects of values that say everything', async () => {
    const { objects } = rendered(EVERYTHING);
    expect((await Promise.all(objects.map(wrongIn))).flat()).toEqual([]);
    expect(unknownIn(objects)).toEqual([]);
    const text = JSON.stringify(objects);
    for (const trace of ['registry-key', '@sha256:', 'a-volume', 'EXTRA', 'urgent', 'gpu', 'an/annotation'])
      expect(text).toContain(trace);
  });

  it('is checked by types that know what is wrong', async () => {
    const { objects } = rendered(ORDINARY);
    const deployment = structuredClone(only(objects, 'Deployment'));
    const container = nodeContainer([deployment]);
    Object.assign(container, { imagePullPolcy: 'Always' });
    expect(unknownIn([deployment])).toEqual([expect.stringContaining('imagePullPolcy')]);
    Object.assign(container, { command: 'holdfast run' });
    expect(await wrongIn(deployment)).toEqual([
      expect.stringMatching(/^Deployment shop-holdfast: .*containers\/0\/command must be array/),
    ]);
  });

  it.each<[what: string, values: Values, says: string]>([
    ['a key that there is not', { replica: 2 }, 'Additional property replica is not allowed'],
    ['no pool', { config: { pools: [] } }, 'config.pools: Array must have at least 1 items'],
    [
      'a key of the configuration that there is not',
      { config: { listners: [] } },
      'config: Additional property listners is not allowed',
    ],
    [
      'a word that is none of its words',
      { config: { pools: [{ name: 'app', endpoints: [], onEmpty: 1 }] } },
      'config.pools.0: Additional property onEmpty is not allowed',
    ],
    [
      'what the chart says itself',
      { config: { secrets: ['a secret of 16 signs'] } },
      'config: Additional property secrets is not allowed',
    ],
    [
      'another name of the node',
      { config: { cluster: { node: 'me' } } },
      'config.cluster: Additional property node is not allowed',
    ],
    [
      'a name that no port may have',
      { config: { listeners: [listener('Web_1')] } },
      'config.listeners.0.name',
    ],
    ["the admin listener's name", { config: { listeners: [listener('admin')] } }, 'config.listeners.0.name'],
    ['a number as a text', { replicas: '3' }, 'replicas: Invalid type. Expected: integer, given: string'],
    ['a digest that is none', { image: { digest: 'latest' } }, 'image.digest: Does not match pattern'],
    [
      'a kind of Service that there is not',
      { service: { type: 'ExternalName' } },
      'service.type: service.type',
    ],
    [
      'a secret that is too short',
      { secret: { existing: '', values: { 'sealing-key': 'short', 'admin-token': 't'.repeat(16) } } },
      'secret.values.sealing-key: String length must be greater than or equal to 16',
    ],
    [
      'no secret at all',
      { secret: { existing: '' } },
      'expected the name of a Secret with the key sealing-key, or that key in secret.values, found neither',
    ],
    [
      'no store',
      { redis: { enabled: false } },
      'config.store.url: expected the URL of a Redis that all nodes share, found none',
    ],
    [
      'a store that pods cannot share',
      { config: { store: { url: 'sqlite:./sessions.db' } } },
      'config.store.url: expected a Redis, found sqlite:./sessions.db, which pods cannot share',
    ],
  ])('refuses %s, and says where', (_, values, says) => {
    const rendering = renderChart(together(ORDINARY, values));
    expect(rendering).toMatchObject({ kind: 'refused', reason: expect.stringContaining(says) });
  });

  it('takes the values that the guide shows, and scales by the metric of which the guide has the rule', () => {
    const guide = read(absolute('docs/guides/kubernetes.md'));
    const blocks = [...guide.matchAll(/```yaml\n# (.+)\n([^`]*)```/g)].map(([, name = '', text = '']) => ({
      name,
      text,
    }));
    const valuesIn = (wanted: string): Values =>
      parse(blocks.find(({ name }) => name === wanted)?.text ?? '') as Values;
    const simple = valuesIn('values.yaml');
    for (const values of [simple, together(simple, valuesIn('redis-values.yaml'))])
      expect(rendered(values).objects.length).toBeGreaterThan(8);
    const { rules } = valuesIn('prometheus-adapter.yaml') as {
      rules: { custom: { name: { as: string } }[] };
    };
    const { objects } = rendered(together(simple, { autoscaling: { enabled: true } }));
    const { spec } = only<{ spec: { metrics: { pods?: { metric: { name: string } } }[] } }>(
      objects,
      'HorizontalPodAutoscaler',
    );
    expect(rules.custom.map(({ name }) => name.as)).toEqual([spec.metrics[0]?.pods?.metric.name]);
  });

  it('is of the version that the program has, and installs that one', () => {
    const { version } = parse(read(absolute('packages/proxy/package.json'))) as { version: string };
    const chart = parse(read(`${CHART}/Chart.yaml`)) as Values;
    expect(chart).toMatchObject({ apiVersion: 'v2', name: 'holdfast', version, appVersion: version });
    const container = nodeContainer(rendered(ORDINARY).objects);
    expect(container.image).toBe(`holdfast:${version}`);
  });

  it('has a default for every value that its templates ask for, and asks for every value that it has', () => {
    const defaults = parse(read(`${CHART}/values.yaml`)) as Values;
    const names = readdirSync(`${CHART}/templates`, { recursive: true, encoding: 'utf8' });
    const templates = names.filter((name) => /\.(?:yaml|tpl|txt)$/.test(name));
    const text = templates.map((name) => read(`${CHART}/templates/${name}`)).join('\n');
    const asked = new Set([...text.matchAll(/\.Values\.([\w.]+)/g)].map(([, path = '']) => path));
    expect([...asked].filter((path) => !has(defaults, path))).toEqual([]);
    const unused = leaves(defaults).filter(
      (path) => ![...asked].some((one) => `${path}.`.startsWith(`${one}.`)),
    );
    expect(unused).toEqual([]);
  });

  it('has the schema, the rules and the manifests that it is made of now', () => {
    const { path, text } = schemaFile();
    expect(JSON.parse(read(absolute(path))), 'run "npm run kubernetes"').toEqual(JSON.parse(text));
    for (const file of [...ruleFiles(), ...manifestFiles()])
      expect(read(absolute(file.path)), `${file.path}: run "npm run kubernetes"`).toBe(file.text);
    expect(readdirSync(`${CHART}/rules`)).toHaveLength(ruleFiles().length);
  });

  it.each(EXAMPLES)('makes manifests of the example %s that Kubernetes takes', async (name) => {
    const objects = objectsOf(read(absolute(`infra/kubernetes/manifests/${name}.yaml`)));
    expect(objects[0]).toMatchObject({ kind: 'Namespace' });
    expect(objects.slice(1).map(({ kind }) => kind)).toEqual(
      rendered(example(name))
        .objects.map(({ kind }) => kind)
        .filter((kind) => kind !== 'Pod'),
    );
    expect((await Promise.all(objects.map(wrongIn))).flat()).toEqual([]);
    expect(unknownIn(objects)).toEqual([]);
  });
});

const listener = (name: string) => ({ name, listen: ':8080', pool: 'app' });

/** Everything beyond the switches that values can say. */
const EVERYTHING: Values = together(COMBINATIONS.at(-1) ?? {}, {
  fullnameOverride: 'sessions',
  image: { digest: `sha256:${'a'.repeat(64)}` },
  imagePullSecrets: [{ name: 'registry-key' }],
  env: [{ name: 'EXTRA', value: '1' }],
  volumes: [{ name: 'a-volume', emptyDir: {} }],
  volumeMounts: [{ name: 'a-volume', mountPath: '/a' }],
  service: { annotations: { 'an/annotation': 'yes' }, loadBalancerClass: 'example.com/lb' },
  headless: { annotations: { 'an/annotation': 'yes' } },
  serviceAccount: { name: 'somebody', annotations: { 'an/annotation': 'yes' } },
  podAnnotations: { 'an/annotation': 'yes' },
  podLabels: { team: 'shop' },
  nodeSelector: { gpu: 'no' },
  tolerations: [{ key: 'gpu', operator: 'Exists' }],
  affinity: { nodeAffinity: {} },
  topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'rack', whenUnsatisfiable: 'DoNotSchedule' }],
  priorityClassName: 'urgent',
});

const has = (values: unknown, path: string): boolean =>
  path.split('.').reduce<unknown>((at, key) => (at as Values | undefined)?.[key], values) !== undefined;

/** The path of every value that is not an object with members. */
const leaves = (values: Values, before = ''): readonly string[] =>
  Object.entries(values).flatMap(([key, value]) =>
    value !== null && typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length > 0
      ? leaves(value as Values, `${before}${key}.`)
      : [before + key],
  );
