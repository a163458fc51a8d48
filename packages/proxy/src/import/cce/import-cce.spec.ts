import { describe, expect, it } from 'vitest';
import { configOf, noted } from '../testing/imported-config.ts';
import { importCce } from './import-cce.ts';

const service = (
  annotations: Readonly<Record<string, string>>,
  port = '{ port: 80, targetPort: 8080 }',
): string =>
  `apiVersion: v1
kind: Service
metadata:
  name: shop
  annotations:
${Object.entries(annotations)
  .map(([key, value]) => `    kubernetes.io/elb.${key}: '${value}'`)
  .join('\n')}
spec:
  ports: [${port}]
---
kind: Endpoints
metadata: { name: shop }
subsets: [{ addresses: [{ ip: 10.0.0.1 }, { ip: 10.0.0.2 }] }]
`;

const INGRESS = `---
kind: Ingress
metadata:
  name: web
  annotations: { kubernetes.io/elb.port: '8081' }
spec:
  rules:
    - host: shop.example
      http: { paths: [{ path: /, backend: { service: { name: shop, port: { number: 80 } } } }] }
`;

const HTTP = { 'protocol-port': 'http:80' };

describe('importCce', () => {
  it('pins client addresses of a tcp Service for as long as ELB does', () => {
    const imported = importCce(
      service({
        'session-affinity-mode': 'SOURCE_IP',
        'session-affinity-option': '{"persistence_timeout":"30"}',
      }),
    );
    expect(imported.notes).toEqual([]);
    expect(configOf(imported)).toMatchObject({
      listeners: [{ protocol: 'tcp', listen: { port: 80 } }],
      pools: [
        {
          endpoints: [{ url: 'tcp://10.0.0.1:8080' }, { url: 'tcp://10.0.0.2:8080' }],
          affinity: { sources: [{ type: 'source-ip', mode: 'table' }], idleTimeout: 1_800_000 },
        },
      ],
    });
  });

  it.each([
    [{ 'session-affinity-mode': 'HTTP_COOKIE' }, [{ type: 'cookie' }], 1_200_000],
    [
      { 'session-affinity-mode': 'HTTP_COOKIE', 'session-affinity-option': '{"persistence_timeout":1440}' },
      [{ type: 'cookie' }],
      86_400_000,
    ],
    [
      { 'session-affinity-mode': 'APP_COOKIE', 'session-affinity-option': '{"app_cookie_name":"SID"}' },
      [{ type: 'app-cookie', name: 'SID' }],
      1_200_000,
    ],
    [
      {
        'session-affinity-flag': 'on',
        'session-affinity-option': '{"type":"APP_COOKIE","cookie_name":"SID"}',
      },
      [{ type: 'app-cookie', name: 'SID' }],
      1_200_000,
    ],
    [{ 'lb-algorithm': 'SOURCE_IP' }, [{ type: 'source-ip', mode: 'hash' }], 1_200_000],
    [{ 'session-affinity-mode': '' }, [], 0],
  ])('knows sessions of an http Service by %j', (annotations, sources, idleTimeout) => {
    const imported = importCce(service({ ...HTTP, ...annotations }));
    expect(imported.notes).toEqual([]);
    expect(configOf(imported).pools[0]?.affinity).toMatchObject({ sources, idleTimeout });
  });

  it.each(['0', '61', '1.5', 'abc'])(
    'notes a persistence_timeout of %s minutes and takes the usual one',
    (minutes) => {
      const option = JSON.stringify({ persistence_timeout: minutes });
      const imported = importCce(
        service({ 'session-affinity-mode': 'SOURCE_IP', 'session-affinity-option': option }),
      );
      expect(noted(imported)).toEqual(['7 kubernetes.io/elb.session-affinity-option']);
      expect(configOf(imported).pools[0]?.affinity.idleTimeout).toBe(3_600_000);
    },
  );

  it('leaves out a kind of session that the protocol has not', () => {
    const imported = importCce(service({ 'session-affinity-mode': 'HTTP_COOKIE' }));
    expect(configOf(imported).pools[0]?.affinity.sources).toEqual([]);
    expect(noted(imported)).toEqual(['6 kubernetes.io/elb.session-affinity-mode']);
  });

  it('lets a Service overrule its Ingress, which routes to it', () => {
    const ingress = INGRESS.replace("'8081'", "'8081', kubernetes.io/elb.session-affinity-mode: HTTP_COOKIE");
    const app = {
      'session-affinity-mode': 'APP_COOKIE',
      'session-affinity-option': '{"app_cookie_name":"SID"}',
    };
    const { listeners } = configOf(importCce(service(app) + ingress));
    expect(listeners).toMatchObject([
      { listen: { port: 8081 }, routes: [{ match: { host: 'shop.example' }, pool: 'shop' }] },
    ]);
    const sourcesOf = (text: string) => configOf(importCce(text)).pools[0]?.affinity.sources;
    expect(sourcesOf(service(app) + ingress)).toMatchObject([{ type: 'app-cookie' }]);
    expect(sourcesOf(service({}) + ingress)).toMatchObject([{ type: 'cookie' }]);
  });

  it('names each pod of a StatefulSet, and says that a Service alone is no set of endpoints', () => {
    const [lone] = service(HTTP).split('---');
    const set = `${lone}---\nkind: StatefulSet\nmetadata: { name: shop }\nspec: { serviceName: shop, replicas: 2 }\n`;
    expect(configOf(importCce(set)).pools[0]?.endpoints).toMatchObject([
      { id: 'shop-0', url: 'http://shop-0.shop.default.svc.cluster.local:8080' },
      { id: 'shop-1', url: 'http://shop-1.shop.default.svc.cluster.local:8080' },
    ]);
    expect(noted(importCce(lone ?? ''))).toEqual(['4 Service shop']);
  });

  it('reads the objects of a list', () => {
    const items = `kind: List\nitems:\n- ${service(HTTP).split('---')[0]!.trim().replaceAll('\n', '\n  ')}\n`;
    expect(configOf(importCce(items)).pools).toMatchObject([{ name: 'shop' }]);
  });

  it('notes annotations without a meaning here, by their line', () => {
    const imported = importCce(service({ ...HTTP, id: 'a', frobnicate: 'b' }));
    expect(noted(imported)).toEqual(['7 kubernetes.io/elb.id', '8 kubernetes.io/elb.frobnicate']);
  });

  it.each([
    ['a: [', 'expected YAML'],
    ['[]', 'expected a Service'],
    ['', 'expected a Service'],
    ['['.repeat(20_000), 'expected YAML'],
    ['kind: *nothing', 'expected YAML'],
  ])('says what is missing in a text that is none', (text, reason) => {
    const imported = importCce(text);
    expect(imported.kind).toBe('unreadable');
    expect(imported.notes.at(-1)?.reason).toContain(reason);
  });
});
