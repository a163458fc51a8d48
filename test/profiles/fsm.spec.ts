import { parseConfig } from '@holdfast/shared/config';
import { freePort } from '@holdfast/store/testing';
import { describe, expect, it } from 'vitest';
import { curl, hasCurl } from '../support/curl.ts';
import { GatewayFiles, gatewayOfPage, startFixedAnswer, untilSaid } from '../support/gateway-files.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { cookieValue, Visitor } from '../support/visitor.ts';

const SET_COOKIE =
  /^set-cookie: (?<name>\w+)=(?<value>[^;]+); path=\/; expires=(?<expires>[^;]+); max-age=(?<maxAge>\d+)\r$/im;

const stage = useStage();

const manifestOf = (apiVersion: string, kind: string, name: string, spec: object): string =>
  `---\n${JSON.stringify({ apiVersion, kind, metadata: { name }, spec })}\n`;

const policy = (spec: object): string =>
  manifestOf('gateway.flomesh.io/v1alpha1', 'SessionStickyPolicy', 'sample', {
    targetRef: { group: '', kind: 'Service', name: 'pipy', namespace: 'server' },
    ...spec,
  });

/** A gateway like that of the document, with a path for each port of its Service. */
const gatewayOf = (servicePorts: readonly number[]): string =>
  manifestOf('gateway.networking.k8s.io/v1', 'Gateway', 'fsm', {
    gatewayClassName: 'fsm-gateway-cls',
    listeners: [{ protocol: 'HTTP', port: 8000, name: 'http' }],
  }) +
  manifestOf('gateway.networking.k8s.io/v1', 'HTTPRoute', 'fortio-route', {
    parentRefs: [{ name: 'fsm' }],
    rules: servicePorts.map((port) => ({
      matches: [{ path: { value: `/${port}` } }],
      backendRefs: [{ name: 'pipy', port }],
    })),
  });

const bodyOf = (output: string): string => output.slice(output.indexOf('\r\n\r\n') + 4);

describe.skipIf(!hasCurl)('the gateway of the FSM document', () => {
  it('F1, F2: answers the curl commands of the document as the document says, the endpoint with status 503 included', async () => {
    const [port, one, two] = [await freePort(), await freePort(), await freePort()];
    await startFixedAnswer(one, 200, 'Hello, world');
    await startFixedAnswer(two, 503, 'Service unavailable');
    const page = await gatewayOfPage();
    const manifests = page.manifests.replaceAll('8000', String(port));
    const services = page.services.replace('9001', String(one)).replace('9002', String(two));
    const beforePolicy = manifests.slice(0, manifests.lastIndexOf('---'));
    const files = await new GatewayFiles(stage().dir).write({ manifests: beforePolicy, services });
    const node = await files.run();
    const url = `http://127.0.0.1:${port}/`;

    const balanced = [await curl(url), await curl(url)].map(({ output }) => output);
    expect(balanced.map(bodyOf).sort()).toEqual(['Hello, world', 'Service unavailable']);
    expect(balanced.filter((output) => SET_COOKIE.test(output))).toEqual([]);

    await files.write({ manifests });
    await untilSaid(node, 'configuration reloaded');
    const answers = [await curl(url), await curl(url)].map(({ output }) => output);
    expect(answers.map(bodyOf).sort()).toEqual(['Hello, world', 'Service unavailable']);
    for (const answer of answers) {
      const { name, value, expires = '', maxAge } = SET_COOKIE.exec(answer)?.groups ?? {};
      expect({ name, maxAge }).toEqual({ name: '_srv_id', maxAge: '600' });
      const date = /^date: (.*)\r$/im.exec(answer)?.[1] ?? '';
      const lastsMs = Date.parse(expires) - Date.parse(date);
      expect(Math.abs(lastsMs - 600_000), `${date} to ${expires}`).toBeLessThanOrEqual(1_000);
      for (let visit = 0; visit < 3; visit += 1) {
        const { output } = await curl('-b', `_srv_id=${value}`, url);
        expect(bodyOf(output)).toBe(bodyOf(answer));
        expect(output).not.toMatch(SET_COOKIE);
      }
    }
  });

  it('F3, F4: keeps the sessions of the ports that a policy lists, each by its config, then that of the policy, then the defaults', async () => {
    const ports = [8080, 8081, 8082, 8083, 8084];
    const services = ports.map((port) => `server/pipy:${port}: ["127.0.0.1:1${port}"]\n`).join('');
    const affinitiesOf = async (spec: object): Promise<object> => {
      const manifests = gatewayOf(ports) + policy(spec);
      const files = await new GatewayFiles(stage().dir).write({ manifests, services });
      const { stdout, stderr } = await files.ask('config', 'print', '--effective');
      expect(stderr).not.toContain('left out');
      const parsed = parseConfig(stdout, { file: 'effective', environment: {} });
      if (parsed.kind === 'problems') throw new TypeError(stdout);
      return Object.fromEntries(
        parsed.config.pools.map(({ name, affinity: { sources, absoluteTimeout } }) => [
          name.slice(-4),
          sources.map((source) => `${'name' in source && source.name} ${absoluteTimeout / 1_000}`).join(),
        ]),
      );
    };
    const listed = [
      { port: 8080 },
      { port: 8081, config: { expires: 60 } },
      { port: 8082, config: {} },
      { port: 8083, config: { cookieName: 'own', expires: 1 } },
    ];
    expect(await affinitiesOf({ ports: listed, config: { cookieName: 'c' } })).toEqual({
      8080: 'c 3600',
      8081: 'c 60',
      8082: 'c 3600',
      8083: 'own 1',
      8084: '',
    });
    expect(await affinitiesOf({ ports: listed })).toEqual({
      8080: '',
      8081: '_srv_id 60',
      8082: '_srv_id 3600',
      8083: 'own 1',
      8084: '',
    });
  });

  it('F4, F5: refuses policies that its type refuses, all of them at once and each with its place', async () => {
    const many = Array.from({ length: 17 }, (_, index) => ({ port: index + 1 }));
    const policies = [
      { ports: [{ port: 8080, config: { expires: 0 } }], config: { expires: -1 } },
      { ports: many },
      { ports: [{ port: 8080 }, { port: 8081 }, { port: 8080 }] },
      { ports: [{ port: 8080 }], targetRef: { group: 'apps', kind: 'Deployment', name: 'pipy' } },
      { ports: [] },
      { ports: [{ port: 8080, config: { expires: 'soon', cookiename: 'c' } }] },
    ];
    const manifests = gatewayOf([8080]) + policies.map(policy).join('');
    const files = await new GatewayFiles(stage().dir).write({
      manifests,
      services: 'server/pipy:8080: ["127.0.0.1:9001"]',
    });
    const { stdout, stderr } = await files.ask('validate');
    expect(stdout).toBe('');
    /** Where the value stands that follows a text in a policy: `line:column`. */
    const after = (index: number, text: string): string => {
      const written = policy(policies[index] as object);
      const line = manifests.slice(0, manifests.indexOf(written)).split('\n').length + 1;
      return `${line}:${written.indexOf(text) + text.length - '---\n'.length + 1}`;
    };
    const SPEC = 'SessionStickyPolicy sample: spec';
    expect(stderr.split('\n')).toEqual([
      `gateway.yaml:${after(0, '"config":{"expires":')}: ${SPEC}.ports[0].config.expires: expected a whole number of seconds from 1 to 31536000, found 0`,
      `gateway.yaml:${after(0, '}],"config":{"expires":')}: ${SPEC}.config.expires: expected a whole number of seconds from 1 to 31536000, found -1`,
      `gateway.yaml:${after(1, '"ports":')}: ${SPEC}.ports: expected at most 16 entries, found 17`,
      `gateway.yaml:${after(2, '{"port":8081},{"port":')}: ${SPEC}.ports[2].port: expected a port that is not listed before, found 8080`,
      `gateway.yaml:${after(3, '"apps","kind":')}: ${SPEC}.targetRef.kind: expected one of Service, ServiceImport, found "Deployment"`,
      `gateway.yaml:${after(4, '"ports":')}: ${SPEC}.ports: expected at least 1 entry, found an empty list`,
      `gateway.yaml:${after(5, '"expires":')}: ${SPEC}.ports[0].config.expires: expected a whole number of seconds from 1 to 31536000, found "soon"`,
      `gateway.yaml:${after(5, '"cookiename":')}: ${SPEC}.ports[0].config.cookiename: expected no such key: it is misspelt, or says something that Holdfast does not do`,
    ]);
  });
});

describe('the profile fsm', () => {
  it('F2, F6: keeps a session on every node until its time is over, and begins another one though the cookie still comes', async () => {
    await stage().startEndpoints(3);
    const affinity = { profile: 'fsm', cookieName: 'sticky', expires: 2 };
    const nodes = await stage().startNodes(2, { storeUrl: stage().sqliteUrl(), pool: { affinity } });
    const clients = stage().clients(nodes);
    const [one] = clients;
    if (one === undefined) throw new TypeError('the stage has two nodes');
    const visitor = new Visitor('one', 'sticky');
    await visitor.visit(one);
    const begunAtMs = performance.now();
    const cookie = `sticky=${visitor.cookie}`;
    const second = await until('the session is over', async () => {
      const responses = await Promise.all(clients.map((client) => client.send({ headers: { cookie } })));
      const anew = responses.filter((response) => cookieValue(response, 'sticky') !== undefined);
      const kept = responses.filter((response) => !anew.includes(response));
      for (const { headers } of kept) expect(headers['x-served-by']).toBe(visitor.lastVisit?.servedBy);
      return anew[0];
    });
    // Its end is counted in whole seconds; were it moved by requests, it would never have come.
    expect(performance.now() - begunAtMs).toBeGreaterThan(900);
    expect(second.headers['holdfast-outcome']).toMatch(/^created/);
    const { status, setCookies } = await one.send({ headers: { cookie } });
    expect({ status, setsCookie: setCookies.length }).toEqual({ status: 200, setsCookie: 1 });
  });
});
