import { configJsonSchema, type JsonSchema } from '@holdfast/shared/config';

/** What is written in values.schema.json: JSON Schema, draft 7, which every Helm 3 understands. */
export type ValuesSchema = Readonly<Record<string, unknown>>;

const text = { type: 'string' };
const name = { type: 'string', pattern: '^$|^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$' };
const yesOrNo = { type: 'boolean' };
const texts = { type: 'array', items: text };
const labels = { type: 'object', additionalProperties: text };
const someObject = { type: 'object' };
const objects = { type: 'array', items: someObject };
const seconds = (least: number) => ({ type: 'integer', minimum: least, maximum: 3_600 });
const counted = (least: number) => ({ type: 'integer', minimum: least });
const keyOfSecret = { type: 'string', pattern: '^[-._a-zA-Z0-9]{1,253}$' };
const oneOf = (...values: readonly string[]) => ({ type: 'string', enum: values });

/** An object with these members and no others. */
const only = (properties: ValuesSchema, ...required: readonly string[]): ValuesSchema => ({
  type: 'object',
  properties,
  additionalProperties: false,
  ...(required.length > 0 && { required }),
});

/** What helm refuses before anything is sent to a cluster. */
export const valuesSchema = (): ValuesSchema => ({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Values of the Holdfast chart',
  ...only(
    {
      // Helm gives a chart within another one a value `global`.
      global: someObject,
      nameOverride: name,
      fullnameOverride: name,
      image: only({
        repository: { ...text, minLength: 1 },
        tag: text,
        digest: { ...text, pattern: '^$|^sha256:[0-9a-f]{64}$' },
        pullPolicy: oneOf('Always', 'IfNotPresent', 'Never'),
      }),
      imagePullSecrets: objects,
      replicas: counted(1),
      config: configuration(),
      shutdown: only({ delaySeconds: seconds(0), deadlineSeconds: seconds(1) }),
      secret: only({
        existing: name,
        sealingKeys: { type: 'array', items: keyOfSecret, minItems: 1, uniqueItems: true },
        adminTokenKey: keyOfSecret,
        values: { type: 'object', additionalProperties: { ...text, minLength: 16 } },
      }),
      env: {
        type: 'array',
        items: { type: 'object', required: ['name'], properties: { name: text, value: text } },
      },
      volumes: objects,
      volumeMounts: objects,
      service: only({
        type: oneOf('ClusterIP', 'NodePort', 'LoadBalancer'),
        annotations: labels,
        ports: { type: 'object', additionalProperties: { type: 'integer', minimum: 1, maximum: 65_535 } },
        loadBalancerClass: text,
        loadBalancerSourceRanges: texts,
        externalTrafficPolicy: oneOf('Local', 'Cluster'),
      }),
      headless: only({ annotations: labels }),
      autoscaling: only({
        enabled: yesOrNo,
        minReplicas: counted(1),
        maxReplicas: counted(1),
        connections: counted(1),
        cpu: { type: ['integer', 'null'], minimum: 1, maximum: 100 },
        scaleDownAfterSeconds: seconds(0),
        scaleDownEverySeconds: { ...seconds(1), maximum: 1_800 },
      }),
      podDisruptionBudget: only({
        enabled: yesOrNo,
        maxUnavailable: { type: ['integer', 'string'], minimum: 1, pattern: '^[1-9][0-9]?%$' },
      }),
      networkPolicy: only({ enabled: yesOrNo, clients: objects, operators: objects, egress: objects }),
      serviceMonitor: only({
        enabled: yesOrNo,
        interval: { ...text, pattern: '^([0-9]+(ms|s|m))+$' },
        labels,
      }),
      prometheusRule: only({ enabled: yesOrNo, labels }),
      serviceAccount: only({ name, create: yesOrNo, annotations: labels }),
      rbac: only({ create: yesOrNo }),
      redis: only({
        enabled: yesOrNo,
        image: { ...text, minLength: 1 },
        storage: { ...text, pattern: '^$|^[0-9]+([.][0-9]+)?([KMGTP]i?)?$' },
        resources: someObject,
      }),
      resources: someObject,
      podAnnotations: labels,
      podLabels: labels,
      nodeSelector: labels,
      tolerations: objects,
      affinity: someObject,
      topologySpreadConstraints: objects,
      priorityClassName: text,
    },
    'config',
    'secret',
  ),
});

/** What the chart itself says of a node, by its path in the configuration. */
const OF_THE_CHART: ReadonlySet<string> = new Set(['cluster.node', 'admin.token', 'secrets', 'shutdown']);

/** Kubernetes calls a port as its listener is called, and takes fewer names than Holdfast. Two are taken. */
const PORT_NAME = { pattern: '^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$', not: { enum: ['admin', 'metrics'] } };

/** The schema of holdfast.yaml, without what the chart writes, and in the words of an older draft. */
function configuration(): ValuesSchema {
  const { properties = {} } = configJsonSchema();
  const { cluster, store, admin, listeners, ...others } = properties;
  const kept = Object.fromEntries(Object.entries(others).filter(([key]) => !OF_THE_CHART.has(key)));
  const storeKeys = store?.properties ?? {};
  const members = {
    ...kept,
    cluster: { ...cluster, properties: without(cluster, 'cluster') },
    // The chart's own word for "none named" is the empty text.
    store: { ...store, properties: { ...storeKeys, url: emptyOr(storeKeys.url) } },
    admin: { ...admin, properties: without(admin, 'admin') },
    listeners: { ...listeners, items: { allOf: [listeners?.items, { properties: { name: PORT_NAME } }] } },
  };
  return plainly(only(members, 'cluster', 'store', 'admin', 'listeners', 'pools')) as ValuesSchema;
}

const emptyOr = (schema: JsonSchema | undefined) => ({ anyOf: [{ const: '' }, schema] });

/** The members of an object that are not for the chart to say. */
function without(schema: JsonSchema | undefined, path: string): ValuesSchema {
  const members = Object.entries(schema?.properties ?? {});
  const kept = members.filter(([key]) => !OF_THE_CHART.has(`${path}.${key}`));
  return Object.fromEntries(
    kept.map(([key, member]) => [key, path === 'cluster' && key === 'name' ? emptyOr(member) : member]),
  );
}

/** What says nothing to a validator; a format says no more here than the pattern beside it. */
const FOR_READERS: ReadonlySet<string> = new Set([
  'title',
  'default',
  'description',
  'examples',
  'format',
  'writeOnly',
]);
/** Go's regular expressions do not look around. */
const LOOKS_AROUND = /\(\?[=!<]/;

/** Leaves out what is for readers, and patterns that Go cannot read: the node that reads the file checks them all the same. */
function plainly(schema: unknown, isNames = false): unknown {
  if (Array.isArray(schema)) return schema.map((each) => plainly(each));
  if (schema === null || typeof schema !== 'object') return schema;
  const members = Object.entries(schema).filter(
    ([key, value]) => isNames || !(FOR_READERS.has(key) || isUnreadable(key, value)),
  );
  return Object.fromEntries(
    members.map(([key, value]) => [key, plainly(value, !isNames && key === 'properties')]),
  );
}

const isUnreadable = (key: string, value: unknown): boolean =>
  key === 'pattern' && typeof value === 'string' && LOOKS_AROUND.test(value);
