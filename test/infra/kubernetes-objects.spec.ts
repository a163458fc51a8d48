import { parseConfig } from '@holdfast/shared/config';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fixedSettings } from '../../packages/proxy/src/node/fixed-settings.ts';
import { findMetric } from '../../packages/proxy/src/telemetry/metric-catalogue.ts';
import { prometheusName } from '../../packages/proxy/src/telemetry/prometheus-name.ts';
import { canRender, type KubernetesObject, rendered, type Values } from '../support/helm-chart.ts';
import { ruleFiles } from './kubernetes/generated.ts';
import { isSelected, nodeContainer, only, podsOf, templateOf, violationsOf } from './kubernetes/pods.ts';
import { COMBINATIONS, ORDINARY, together } from './kubernetes/switches.ts';

type Objects = readonly KubernetesObject[];
type Spec<T> = { readonly spec: T };
type Selector = Readonly<Record<string, string>>;
type Policy = Spec<{ ingress: readonly { ports: readonly Port[]; from?: readonly object[] }[] }>;
type Monitor = Spec<{
  selector: { matchLabels: Selector };
  endpoints: readonly { port: string; authorization?: { credentials: object } }[];
}>;
type Port = { readonly port: number; readonly protocol: string };

const objectsWith = (values: Values): Objects => rendered(together(ORDINARY, values)).objects;

const configText = (objects: Objects): string =>
  only<{ data: Record<string, string> }>(objects, 'ConfigMap').data['holdfast.yaml'] ?? '';

const ENVIRONMENT = {
  POD_NAME: 'shop-holdfast-7c5b5d6f9-abcde',
  HOLDFAST_ADMIN_TOKEN: 'a token for operators',
  HOLDFAST_SECRET_1: 'a secret of sixteen signs',
  HOLDFAST_SECRET_2: 'another secret of sixteen signs',
};

/** The configuration of a node whose pod has the variables of the container. */
function configOf(objects: Objects, environment: Readonly<Record<string, string>> = ENVIRONMENT) {
  const named = new Set(nodeContainer(objects).env?.map(({ name }) => name));
  const given = Object.fromEntries(Object.entries(environment).filter(([name]) => named.has(name)));
  const parsed = parseConfig(configText(objects), { file: 'holdfast.yaml', environment: given });
  if (parsed.kind === 'config') return parsed.config;
  throw new Error(JSON.stringify(parsed.problems));
}

describe.skipIf(!canRender)('what the chart makes', () => {
  it('has a configuration without problems, with what the pod knows of itself and of secrets', () => {
    const secret = { sealingKeys: ['new-key', 'old-key'] };
    const config = configOf(objectsWith({ secret }));
    expect(config).toMatchObject({
      cluster: { name: 'shop-holdfast', node: ENVIRONMENT.POD_NAME },
      store: { url: 'redis://shop-holdfast-redis:6379' },
      admin: { listen: { host: '0.0.0.0', port: 9900 }, token: ENVIRONMENT.HOLDFAST_ADMIN_TOKEN },
      secrets: [ENVIRONMENT.HOLDFAST_SECRET_1, ENVIRONMENT.HOLDFAST_SECRET_2],
      shutdown: { delay: 15_000, deadline: 30_000 },
    });
  });

  it('has no secret in its ConfigMap, nor anywhere but in the Secret that it makes', () => {
    const values = { 'sealing-key': 's'.repeat(32), 'admin-token': 't'.repeat(32) };
    const objects = objectsWith({ secret: { existing: '', values } });
    expect(only<{ stringData: object }>(objects, 'Secret').stringData).toEqual(values);
    const others = JSON.stringify(objects.filter(({ kind }) => kind !== 'Secret'));
    for (const secret of Object.values(values)) expect(others).not.toContain(secret);
  });

  it('gives every pod no more rights than it needs', () => {
    const objects = objectsWith({});
    const pods = podsOf(objects);
    expect(pods).toHaveLength(3);
    expect(pods.flatMap(violationsOf)).toEqual([]);
    expect(pods.map(({ spec }) => spec.automountServiceAccountToken)).toEqual([false, false, false]);
  });

  it('lets nodes see EndpointSlices where pools are found there, in those namespaces and nowhere else', () => {
    const found = (name: string, namespace: string) => ({
      name,
      discovery: { type: 'kubernetes', namespace, service: name, port: 'http' },
    });
    const pools = [found('app', 'store'), found('api', 'store'), found('mail', 'office')];
    const objects = objectsWith({ config: { pools } });
    expect(templateOf(only(objects, 'Deployment')).spec.automountServiceAccountToken).toBe(true);
    const roles = objects.filter(({ kind }) => kind === 'Role');
    expect(roles.map(({ metadata }) => metadata.namespace)).toEqual(['store', 'office']);
    for (const role of roles)
      expect(role.rules).toEqual([
        { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
      ]);
    const account = only(objects, 'ServiceAccount').metadata.name;
    for (const binding of objects.filter(({ kind }) => kind === 'RoleBinding'))
      expect(binding.subjects).toEqual([{ kind: 'ServiceAccount', name: account, namespace: 'store' }]);
  });

  it('selects the pods with nodes, and neither those of Redis nor of tests', () => {
    const objects = objectsWith({});
    const selectors = [
      only<Spec<{ selector: Selector }>>(objects, 'Service', 'shop-holdfast').spec.selector,
      only<Spec<{ selector: Selector }>>(objects, 'Service', 'shop-holdfast-headless').spec.selector,
      only<Spec<{ selector: { matchLabels: Selector } }>>(objects, 'Deployment').spec.selector.matchLabels,
      only<Spec<{ selector: { matchLabels: Selector } }>>(objects, 'PodDisruptionBudget').spec.selector
        .matchLabels,
      only<Spec<{ podSelector: { matchLabels: Selector } }>>(objects, 'NetworkPolicy', 'shop-holdfast').spec
        .podSelector.matchLabels,
    ];
    const node = templateOf(only(objects, 'Deployment'));
    for (const selector of selectors)
      expect(podsOf(objects).filter((pod) => isSelected(selector, pod))).toEqual([node]);
  });

  it.each([
    [':8080', 'http', [{ port: 8080, protocol: 'TCP' }]],
    ['[::]:1883', 'tcp', [{ port: 1883, protocol: 'TCP' }]],
    ['0.0.0.0:5353', 'udp', [{ port: 5353, protocol: 'UDP' }]],
    ['127.0.0.1:8080', 'http', []],
    ['[::1]:8080', 'http', []],
  ])(
    'opens for a listener on %s of protocol %s what others can reach, and nothing else',
    (listen, protocol, ports) => {
      const pool = { name: 'app', endpoints: [{ id: 'a', url: `${protocol}://10.0.0.1:80` }] };
      const affinity = protocol === 'http' ? {} : { affinity: { type: 'source-ip' } };
      const config = {
        admin: { listen: ':9911' },
        listeners: [{ name: 'one', listen, protocol, pool: 'app' }],
        pools: [{ ...pool, ...affinity }],
      };
      const objects = objectsWith({ config });
      expect(configOf(objects).listeners).toHaveLength(1);
      const admin = { port: 9911, protocol: 'TCP' };
      const named = ({ port, protocol: of }: Port): Port => ({ port, protocol: of });
      const container = nodeContainer(objects).ports ?? [];
      expect(container.map(({ containerPort: port, protocol: of }) => ({ port, protocol: of }))).toEqual([
        ...ports,
        admin,
      ]);
      type Ports = Spec<{ ports?: readonly Port[] | null }>;
      const service = only<Ports>(objects, 'Service', 'shop-holdfast').spec.ports ?? [];
      expect(service.map(named)).toEqual(ports);
      const headless = only<Ports>(objects, 'Service', 'shop-holdfast-headless').spec.ports ?? [];
      expect(headless.map(named)).toEqual([...ports, admin]);
      const { ingress } = only<Policy>(objects, 'NetworkPolicy', 'shop-holdfast').spec;
      expect(ingress.flatMap((rule) => rule.ports)).toEqual([...ports, admin]);
      expect(ingress.filter(({ from }) => from === undefined).flatMap((rule) => rule.ports)).toEqual(ports);
    },
  );

  it('replaces pods for what a running node cannot change, and for nothing else', () => {
    const checksum = (objects: Objects): string | undefined =>
      templateOf(only(objects, 'Deployment')).metadata.annotations?.['checksum/fixed-config'];
    const before = objectsWith({});
    const [pool] = (ORDINARY.config as { pools: readonly object[] }).pools;
    const listener = { name: 'web', listen: ':8080', pool: 'app' };
    const changes: readonly Values[] = [
      { config: { cluster: { name: 'other' } } },
      { config: { store: { url: 'redis://elsewhere:6379' } } },
      { config: { store: { nearCacheEntries: 5 } } },
      { config: { workers: 2 } },
      { config: { admin: { listen: ':9901' } } },
      { config: { admin: { endpointNetworks: ['10.0.0.0/8'] } } },
      { config: { log: { level: 'debug' } } },
      { config: { log: { access: false } } },
      { config: { telemetry: { metrics: { interval: '10s' } } } },
      { config: { listeners: [{ ...listener, debugHeaders: true }] } },
      { config: { listeners: [{ ...listener, proxyProtocol: true, trustedProxies: ['10.0.0.0/8'] }] } },
      { config: { listeners: [{ ...listener, server: 'node' }] } },
      { config: { pools: [{ ...pool, balance: 'least-connections' }] } },
      { shutdown: { deadlineSeconds: 20 } },
    ];
    const answers = changes.map((change) => {
      const after = objectsWith(change);
      const needsOthers = fixedSettings(configOf(before), configOf(after)).length > 0;
      return { change, needsOthers, replaces: checksum(before) !== checksum(after) };
    });
    expect(answers.filter(({ needsOthers, replaces }) => needsOthers !== replaces)).toEqual([]);
    expect(answers.map(({ needsOthers }) => needsOthers)).toContain(true);
    expect(answers.map(({ needsOthers }) => needsOthers)).toContain(false);
  });

  it.each([
    [0, 1],
    [15, 30],
    [300, 3_600],
  ])(
    'gives a node more time to end than it takes: %i s to leave, %i s for its requests',
    (delay, deadline) => {
      const objects = objectsWith({ shutdown: { delaySeconds: delay, deadlineSeconds: deadline } });
      const { shutdown } = configOf(objects);
      expect(shutdown).toEqual({ delay: delay * 1000, deadline: deadline * 1000 });
      const { terminationGracePeriodSeconds = 0 } = templateOf(only(objects, 'Deployment')).spec;
      expect(terminationGracePeriodSeconds * 1000).toBeGreaterThan(shutdown.delay + shutdown.deadline);
    },
  );

  it('names things so that the name of a pod is one of a node, however long the release is called', () => {
    const { objects } = rendered(ORDINARY, { release: 'r'.repeat(53), namespace: 'store' });
    const { name } = only(objects, 'Deployment').metadata;
    const pod = `${name}-7c5b5d6f9f-abcde`;
    expect(configOf(objects, { ...ENVIRONMENT, POD_NAME: pod }).cluster.node).toBe(pod);
  });

  it('never takes a node away before another one is ready', () => {
    const { strategy, replicas } = only<Spec<{ strategy: object; replicas?: number }>>(
      objectsWith({}),
      'Deployment',
    ).spec;
    expect(strategy).toEqual({ type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } });
    expect(replicas).toBe(3);
  });

  it('scales by a metric that nodes have, and leaves their number to that', () => {
    const objects = objectsWith({ autoscaling: { enabled: true, connections: 2_000_000, cpu: null } });
    expect(only<Spec<object>>(objects, 'Deployment').spec).not.toHaveProperty('replicas');
    const connections = findMetric('holdfast.listener.connections');
    const name = connections === undefined ? undefined : prometheusName(connections);
    const target = { type: 'AverageValue', averageValue: '2000000' };
    expect(only<Spec<object>>(objects, 'HorizontalPodAutoscaler').spec).toMatchObject({
      metrics: [{ type: 'Pods', pods: { metric: { name }, target } }],
    });
  });

  it('has metrics read where they are, with the token', () => {
    const objects = objectsWith({ serviceMonitor: { enabled: true } });
    const { selector, endpoints } = only<Monitor>(objects, 'ServiceMonitor').spec;
    const monitored = objects.filter(({ kind, metadata }) =>
      Object.entries(selector.matchLabels).every(
        ([name, value]) => kind === 'Service' && metadata.labels?.[name] === value,
      ),
    );
    expect(monitored.map(({ metadata }) => metadata.name)).toEqual(['shop-holdfast-headless']);
    const ports = (monitored[0] as unknown as Spec<{ ports: readonly { name: string }[] }>).spec.ports;
    expect(ports.map(({ name }) => name)).toContain(endpoints[0]?.port);
    const token = nodeContainer(objects).env?.find(({ name }) => name === 'HOLDFAST_ADMIN_TOKEN');
    expect(endpoints[0]?.authorization?.credentials).toEqual(token?.valueFrom?.secretKeyRef);
  });

  it('has metrics read without it where they have an address of their own', () => {
    const config = { telemetry: { metrics: { listen: ':9464' } } };
    const objects = objectsWith({ serviceMonitor: { enabled: true }, config });
    const { endpoints } = only<Monitor>(objects, 'ServiceMonitor').spec;
    expect(endpoints).toMatchObject([{ port: 'metrics', path: '/metrics' }]);
    expect(endpoints[0]).not.toHaveProperty('authorization');
    const { ports = [] } = nodeContainer(objects);
    expect(ports.map(({ name, containerPort }) => `${name}:${containerPort}`)).toEqual([
      'web:8080',
      'admin:9900',
      'metrics:9464',
    ]);
    const { ingress } = only<Policy>(objects, 'NetworkPolicy', 'shop-holdfast').spec;
    expect(ingress.find(({ from }) => from !== undefined)?.ports.map(({ port }) => port)).toEqual([
      9900, 9464,
    ]);
  });

  it('lets those whom the values name get to operators in addition to who must get there', () => {
    const operators = [{ ipBlock: { cidr: '192.0.2.0/24' } }];
    const objects = objectsWith({ networkPolicy: { operators } });
    const { ingress } = only<Policy>(objects, 'NetworkPolicy', 'shop-holdfast').spec;
    const from = ingress.find((rule) => rule.from !== undefined)?.from;
    expect(from).toContainEqual(operators[0]);
    const [test] = podsOf(objects.filter(({ kind }) => kind === 'Pod'));
    const letIn = (from as { podSelector?: { matchLabels: Selector } }[]).filter(
      ({ podSelector }) => test !== undefined && podSelector && isSelected(podSelector.matchLabels, test),
    );
    expect(letIn).toHaveLength(1);
  });

  it('has the alert rules as they are', () => {
    const objects = objectsWith({ prometheusRule: { enabled: true } });
    const rules = objects.filter(({ kind }) => kind === 'PrometheusRule').map(({ spec }) => spec);
    expect(rules).toEqual(ruleFiles().map(({ text }) => parse(text)));
  });

  it('tells who installs it where clients go, in words that fit the values', () => {
    const { files } = rendered(
      together(COMBINATIONS.at(-1) ?? {}, { config: { cluster: { name: 'till' } } }),
    );
    expect(files['NOTES.txt']).toContain('3 to 10 nodes of cluster till.');
    expect(files['NOTES.txt']).toContain('shop-holdfast.store:80 (web)');
    expect(files['NOTES.txt']).not.toContain('Redis');
  });
});
