import { type Config, parseConfig } from '@holdfast/shared/config';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TranslatedGateway, translateGateway } from './translate-gateway.ts';

const SERVICES = 'shop/cart:80: ["10.0.0.1:8080", "10.0.0.2:8080"]\nshop/api:80: ["[fd00::1]:80"]\n';

const manifest = (apiVersion: string, kind: string, spec: object, metadata: object = {}): string =>
  `---\n${JSON.stringify({ apiVersion, kind, metadata: { name: 'web', ...metadata }, spec }, undefined, 1)}\n`;

const gateway = (listeners: readonly object[], metadata?: object): string =>
  manifest(
    'gateway.networking.k8s.io/v1',
    'Gateway',
    {
      gatewayClassName: 'any',
      listeners: listeners.map((listener) => ({ name: 'http', protocol: 'HTTP', port: 80, ...listener })),
    },
    metadata,
  );

const route = (spec: object, metadata?: object): string =>
  manifest(
    'gateway.networking.k8s.io/v1',
    'HTTPRoute',
    { parentRefs: [{ name: 'web' }], rules: [{ backendRefs: [{ name: 'cart', port: 80 }] }], ...spec },
    metadata,
  );

const policy = (spec: object): string =>
  manifest('gateway.flomesh.io/v1alpha1', 'SessionStickyPolicy', {
    targetRef: { group: '', kind: 'Service', name: 'cart' },
    ports: [{ port: 80, config: {} }],
    ...spec,
  });

const translate = (manifests: string, services = SERVICES) => translateGateway({ manifests, services });

function configOf(translated: TranslatedGateway): Config {
  const yaml = translated.kind === 'translated' ? translated.yaml : JSON.stringify(translated.problems);
  const parsed = parseConfig(yaml, { file: 'gateway.yaml', environment: {} });
  if (parsed.kind === 'config') return parsed.config;
  throw new TypeError(yaml);
}

const routesOf = (translated: TranslatedGateway) =>
  configOf(translated).listeners.map(({ listen, routes }) => [
    listen.port,
    ...routes.map(({ match, pool }) => `${match.host ?? '*'}${match.path} ${pool}`),
  ]);

/** `line name: reason` of each problem. */
const problemsOf = (translated: TranslatedGateway): readonly string[] =>
  translated.kind === 'refused'
    ? translated.problems.map(({ about, line, name, reason }) => `${about}:${line} ${name}: ${reason}`)
    : [];

describe('a gateway', () => {
  it('becomes a listener for each port, a route for each host and path, and a pool for each port of a Service', () => {
    const listeners = [{ port: 80 }, { port: 8080, name: 'other' }];
    const api = { backendRefs: [{ name: 'api', port: 80 }], matches: [{ path: { value: '/api' } }] };
    const cart = { backendRefs: [{ name: 'cart', port: 80, weight: 3 }] };
    const routes = route({ hostnames: ['a.example', '*.b.example'], rules: [api, cart] });
    expect(routesOf(translate(gateway(listeners) + routes))).toEqual(
      [80, 8080].map((port) => [
        port,
        'a.example/api shop-api-80',
        '*.b.example/api shop-api-80',
        'a.example/ shop-cart-80',
        '*.b.example/ shop-cart-80',
      ]),
    );
    const { pools } = configOf(translate(gateway(listeners) + routes));
    expect(pools.map(({ endpoints }) => endpoints.map(({ url }) => url))).toEqual([
      ['http://[fd00::1]:80'],
      ['http://10.0.0.1:8080', 'http://10.0.0.2:8080'],
    ]);
  });

  it('takes a route at the listeners that its parentRefs name, and at no other', () => {
    const listeners = gateway([{ port: 80 }, { port: 81, name: 'admin' }, { port: 82, name: 'open' }]);
    const section = route({ parentRefs: [{ name: 'web', sectionName: 'admin' }] });
    const port = route({ parentRefs: [{ name: 'web', port: 82 }] });
    expect(routesOf(translate(listeners + section + port))).toEqual([
      [81, '*/ shop-cart-80'],
      [82, '*/ shop-cart-80'],
    ]);
  });

  it('takes routes of another namespace only where it says so', () => {
    const rules = [{ backendRefs: [{ name: 'cart', namespace: 'shop', port: 80 }] }];
    const foreign = route({ parentRefs: [{ name: 'web', namespace: 'shop' }], rules }, { namespace: 'else' });
    expect(problemsOf(translate(gateway([{}]) + foreign))).toEqual([
      expect.stringMatching(/spec\.parentRefs\[0\]: expected a listener of a Gateway/),
    ]);
    const open = gateway([{ allowedRoutes: { namespaces: { from: 'All' } } }]);
    expect(routesOf(translate(open + foreign))).toEqual([[80, '*/ shop-cart-80']]);
  });

  it.each([
    [undefined, undefined, ['*/']],
    [undefined, ['a.example'], ['a.example/']],
    ['*.example', undefined, ['*.example/']],
    ['*.example', ['a.example', 'other'], ['a.example/']],
    ['a.example', ['*.example'], ['a.example/']],
    ['A.example', ['a.EXAMPLE'], ['a.EXAMPLE/']],
  ])('with the host %s serves of a route for %j the hosts that both have', (hostname, hostnames, served) => {
    const routes = routesOf(translate(gateway([{ hostname }]) + route({ hostnames })));
    expect(routes).toEqual([[80, ...served.map((host) => `${host} shop-cart-80`)]]);
  });

  it('shares a port among its listeners by their hosts', () => {
    const listeners = [{ hostname: 'a.example' }, { hostname: 'b.example', name: 'b' }];
    const routes =
      route({ parentRefs: [{ name: 'web', sectionName: 'b' }] }) + route({ hostnames: ['a.example'] });
    expect(routesOf(translate(gateway(listeners) + routes))).toEqual([
      [80, 'b.example/ shop-cart-80', 'a.example/ shop-cart-80'],
    ]);
  });

  it('is read from a list, and beside objects of other kinds', () => {
    const objects = (gateway([{}]) + route({}) + manifest('v1', 'Pod', {})).split('---\n').slice(1);
    const list = `{ "kind": "List", "items": [${objects.join(',')}] }`;
    expect(routesOf(translate(list))).toEqual([[80, '*/ shop-cart-80']]);
  });

  it('notes Services that no route leads to', () => {
    expect(translate(gateway([{}]) + route({}))).toMatchObject({
      notes: [{ about: 'services', line: 2, name: 'shop/api:80' }],
    });
  });
});

describe('a gateway is refused as a whole', () => {
  const whole = gateway([{}]) + route({});

  it.each([
    [
      'TLS',
      gateway([{ protocol: 'HTTPS' }]) + route({}),
      /listeners\[0\]\.protocol: expected HTTP, found "HTTPS"/,
    ],
    [
      'a match by header',
      gateway([{}]) +
        route({ rules: [{ matches: [{ headers: [] }], backendRefs: [{ name: 'cart', port: 80 }] }] }),
      /rules\[0\]\.matches\[0\]\.headers: expected no such key/,
    ],
    [
      'an exact path',
      gateway([{}]) +
        route({
          rules: [{ matches: [{ path: { type: 'Exact' } }], backendRefs: [{ name: 'cart', port: 80 }] }],
        }),
      /path\.type: expected PathPrefix, found "Exact"/,
    ],
    [
      'a Service without endpoints',
      gateway([{}]) + route({ rules: [{ backendRefs: [{ name: 'cart', port: 81 }] }] }),
      /backendRefs\[0\]: expected endpoints of shop\/cart:81 in the file of services, found none/,
    ],
    ['a route to no gateway', gateway([{}]) + route({ parentRefs: [{ name: 'other' }] }), /parentRefs\[0\]/],
    ['another kind of route', whole + manifest('gateway.networking.k8s.io/v1', 'GRPCRoute', {}), /GRPCRoute/],
    ['another policy', whole + manifest('gateway.flomesh.io/v1alpha1', 'RetryPolicy', {}), /RetryPolicy/],
    ['two policies for one port', whole + policy({}) + policy({}), /found that web has it already/],
    ['two gateways on one port', whole + gateway([{}], { name: 'two' }), /a port that no other Gateway has/],
    ['nothing', '', /expected a Gateway and an HTTPRoute/],
    ['no YAML', 'a: [', /expected YAML/],
  ])('for %s', (_what, manifests, problem) => {
    const problems = problemsOf(translate(manifests));
    expect(problems).toEqual([expect.stringMatching(problem)]);
    expect(problems[0]).toMatch(/^manifests:\d+ /);
  });

  it.each([
    ['[]', /a mapping such as/],
    ['', /a mapping such as/],
    ['cart:80: ["10.0.0.1:80"]', /expected namespace\/name:port, found "cart:80"/],
    ['shop/cart: ["10.0.0.1:80"]', /expected namespace\/name:port/],
    ['shop/cart:80: []', /expected a list of host:port, found an empty list/],
    ['shop/cart:80: 10.0.0.1:80', /expected a list of host:port, found "10\.0\.0\.1:80"/],
    ['shop/cart:80: ["10.0.0.1"]', /shop\/cart:80\[0\]: expected host:port, found "10\.0\.0\.1"/],
    ['shop/cart:80: ["10.0.0.1:80", "10.0.0.1:80"]', /\[1\]: expected each address once/],
    ['shop/cart:80: ["http://10.0.0.1:80"]', /expected host:port/],
    ['shop/cart:80: ["10.0.0.1:99999"]', /expected host:port/],
  ])('for a file of services such as %j', (services, problem) => {
    expect(problemsOf(translate(whole, services))).toEqual([expect.stringMatching(problem)]);
  });

  it('where the configuration would not take one of its parts', () => {
    const services = 'shop/cart:80: ["a.internal:8080", "A.internal:8080"]';
    expect(problemsOf(translate(whole, services))).toEqual([
      expect.stringMatching(/^manifests:\d+ .*expected to be unique/),
    ]);
  });

  it('and whatever the texts are, what is not refused can be run with', () => {
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(whole, SERVICES, policy({}), 'a: *b', '[['.repeat(9_000)),
    );
    fc.assert(
      fc.property(text, text, (manifests, services) => {
        const translated = translateGateway({ manifests, services });
        if (translated.kind === 'translated') configOf(translated);
      }),
    );
  });
});

describe('a SessionStickyPolicy', () => {
  const affinityOf = (spec: object) =>
    configOf(translate(gateway([{}]) + route({}) + policy(spec))).pools[0]?.affinity;

  it('makes the port of a Service sticky as the profile fsm does', () => {
    expect(affinityOf({})).toMatchObject({
      sources: [{ type: 'cookie', name: '_srv_id' }],
      absoluteTimeout: 3_600_000,
    });
  });

  it('for another namespace than that of the Service says nothing of it', () => {
    const targetRef = { group: '', kind: 'Service', name: 'cart', namespace: 'else' };
    expect(affinityOf({ targetRef })?.sources).toEqual([]);
  });
});
