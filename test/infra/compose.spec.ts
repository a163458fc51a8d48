import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseRedisUrl } from '@holdfast/shared';
import { type Config, parseConfig } from '@holdfast/shared/config';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../packages/proxy/src/cli/program.ts';
import { otlpSettings } from '../../packages/proxy/src/telemetry/otlp-settings.ts';
import {
  COMPOSE_FOLDER,
  type ComposeFile,
  type ComposeService,
  readComposeFile,
  readEnvironment,
} from '../support/containers/compose-file.ts';

const textOf = (...path: readonly string[]): string => readFileSync(join(COMPOSE_FOLDER, ...path), 'utf8');
const ENVIRONMENT_FILES = ['.env.example', 'sentinel.env', 'cluster.env'];

const file = await readComposeFile();
const services = Object.entries(file.services);
const ours = services.filter(([, { image }]) => image === 'holdfast:local');
const nodes = services.filter(([name]) => /^holdfast-\d$/.test(name));
const addressOf = ([, { networks }]: readonly [string, ComposeService]) => networks?.default.ipv4_address;
const serviceOf = (name: string): ComposeService => file.services[name] as ComposeService;

/** The configuration of the nodes, as the first of them reads it. */
const config: Config = (() => {
  const parsed = parseConfig(textOf('holdfast.yaml'), {
    file: 'holdfast.yaml',
    environment: nodes[0]?.[1].environment ?? {},
  });
  expect(parsed).toMatchObject({ kind: 'config', warnings: [] });
  return (parsed as Extract<typeof parsed, { kind: 'config' }>).config;
})();

const hasCompose = spawnSync('docker-compose', ['--version']).status === 0;

/** What Compose makes of the file, by its own words. */
function composeConfig(environmentFile: string): ComposeFile {
  const args = ['--env-file', environmentFile, '-f', 'compose.yaml', 'config'];
  const { status, stdout, stderr } = spawnSync('docker-compose', args, {
    cwd: COMPOSE_FOLDER,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return parse(stdout);
}

describe('infra/compose/compose.yaml', () => {
  it.skipIf(!hasCompose).each(ENVIRONMENT_FILES)(
    'is valid by the schema of Compose itself, with %s',
    async (name) => {
      const said = composeConfig(name);
      const read = await readComposeFile(await readEnvironment(name));
      const essence = ({ services: all }: ComposeFile) =>
        Object.fromEntries(
          Object.entries(all).map(([service, { image, command, entrypoint, environment }]) => [
            service,
            { image, command, entrypoint, environment },
          ]),
        );
      expect(essence(read), 'tests read the file otherwise than Compose').toEqual(essence(said));
    },
  );

  it('names no file that is not there, and no volume that is not declared', () => {
    const sources = services.flatMap(([, { volumes = [] }]) =>
      volumes.map((volume) => volume.split(':')[0] ?? ''),
    );
    const files = sources.filter((source) => source.startsWith('.'));
    expect(files.filter((source) => !existsSync(resolve(COMPOSE_FOLDER, source)))).toEqual([]);
    const named = new Set(sources.filter((source) => !source.startsWith('.')));
    expect([...named].sort()).toEqual(Object.keys(file.volumes).sort());
  });

  it.each(services)('%s is hardened, limited, and of an image whose version is pinned', (_, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      image: expect.stringMatching(/^(?:[\w./-]+:v?\d+\.\d+\.\d+[\w.-]*|holdfast:local)$/),
      deploy: {
        resources: { limits: { cpus: expect.any(String), memory: expect.stringMatching(/^\d+M$/) } },
      },
    });
  });

  it('gives each address and each port of the machine once, on loopback only', () => {
    const addresses = services.map(addressOf).filter((address) => address !== undefined);
    expect(new Set(addresses).size).toBe(addresses.length);
    // The upper half is for Docker to give out.
    for (const address of addresses) expect(address).toMatch(/^172\.30\.0\.(?:\d{1,2}|1[01]\d|12[0-7])$/);
    const ports = services.flatMap(([, { ports: given = [] }]) => given.map((port) => port.split(':')));
    expect(ports.filter(([host]) => host !== '127.0.0.1')).toEqual([]);
    expect(new Set(ports.map(([, port]) => port)).size).toBe(ports.length);
  });

  it('depends on services that there are, whatever the profile', () => {
    for (const [, { depends_on: needs = {}, profiles = [] }] of services) {
      for (const name of Array.isArray(needs) ? needs : Object.keys(needs)) {
        expect(profiles).toEqual(expect.arrayContaining([...(serviceOf(name).profiles ?? [])]));
      }
    }
  });

  it.each(ours)(
    'gives %s a command that the program has, with options that it knows',
    (_, { command = [] }) => {
      let at = createProgram({ environment: {}, print: () => {}, complain: () => {} }, () => {});
      for (const word of command) at = at.commands.find((candidate) => candidate.name() === word) ?? at;
      expect(at.parent, command.join(' ')).not.toBeNull();
      const options = command.filter((word) => word.startsWith('--')).map((word) => word.split('=')[0]);
      expect(at.options.map(({ long }) => long)).toEqual(expect.arrayContaining(options));
    },
  );

  it('stops no node before its shutdown is over', () => {
    const { delay, deadline } = config.shutdown;
    for (const [, { stop_grace_period: grace = '10s' }] of nodes)
      expect(1_000 * Number.parseInt(grace, 10)).toBeGreaterThan(delay + deadline);
  });

  it('sends what containers say to where the collector listens', () => {
    const { endpoint } = parse(textOf('telemetry/collector.yaml')).receivers.fluent_forward;
    const address = String(endpoint).replace(
      '0.0.0.0',
      serviceOf('collector').networks?.default.ipv4_address ?? '',
    );
    for (const [, { logging }] of ours) expect(logging?.options['fluentd-address']).toBe(address);
  });
});

describe('what can be set', () => {
  /** `${NAME:-default}` in the text. */
  const settings = Object.fromEntries(
    [...textOf('compose.yaml').matchAll(/\$\{(\w+):-([^}]*)\}/g)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  );

  it('is in .env.example, with the values that it has anyway', async () => {
    expect(await readEnvironment('.env.example')).toEqual(settings);
  });

  it.each([
    ['sentinel.env', 'sentinel'],
    ['cluster.env', 'cluster'],
  ])('is set by %s to what that profile starts', async (name, profile) => {
    const { COMPOSE_PROFILES, HOLDFAST_STORE_URL = '', ...others } = await readEnvironment(name);
    expect({ COMPOSE_PROFILES, others }).toEqual({ COMPOSE_PROFILES: profile, others: {} });
    expect(parseRedisUrl(HOLDFAST_STORE_URL)).toBeDefined();
    const started = services.filter(([, { profiles }]) => profiles?.includes(profile)).map(addressOf);
    const hosts = HOLDFAST_STORE_URL.match(/\d+(?:\.\d+){3}/g) ?? [];
    expect(hosts.length).toBeGreaterThan(1);
    expect(started).toEqual(expect.arrayContaining(hosts));
  });
});

describe('infra/compose/holdfast.yaml', () => {
  it('is given every variable that it asks for, and no node has one that nobody reads', () => {
    const asked = new Set([...textOf('holdfast.yaml').matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name));
    const { OTEL_METRICS_EXPORTER, ...given } = nodes[0]?.[1].environment ?? {};
    expect(new Set(Object.keys(given))).toEqual(asked);
    expect(OTEL_METRICS_EXPORTER).toBeDefined();
  });

  it('pushes traces to the collector, and no metrics, which Prometheus asks for', () => {
    expect(otlpSettings(config.telemetry, nodes[0]?.[1].environment ?? {})).toMatchObject({
      tracesUrl: 'http://collector:4318/v1/traces',
      metricsUrl: undefined,
    });
  });

  it('names each node as its service, and the endpoints where they are', () => {
    for (const [name, { environment }] of nodes) expect(environment?.HOLDFAST_NODE).toBe(name);
    const shops = services.filter(([name]) => name.startsWith('shop-'));
    expect(config.pools[0]?.endpoints.map(({ id, url }) => `${id} ${url}`)).toEqual(
      shops.map((shop) => `${shop[0]} http://${addressOf(shop)}:8080`),
    );
    for (const [name, { command }] of shops)
      expect(command).toEqual(expect.arrayContaining([name, '0.0.0.0:8080']));
  });

  it('listens where the ports of the machine lead', () => {
    const listens = [config.admin?.listen.port, ...config.listeners.map(({ listen }) => listen.port)];
    for (const [, { ports = [] }] of nodes)
      expect(ports.map((port) => Number(port.split(':')[2])).sort()).toEqual(listens.sort());
  });

  it('serves metrics where Prometheus asks: the name, and the port', () => {
    const prometheus = parse(readFileSync(join(COMPOSE_FOLDER, '../prometheus/prometheus.yaml'), 'utf8'));
    const [{ names, port }] = prometheus.scrape_configs[0].dns_sd_configs;
    expect(port).toBe(config.telemetry.metrics.listen?.port);
    for (const [, { networks }] of nodes) expect(networks?.default.aliases).toEqual(names);
  });
});

describe('the DNS of the stack', () => {
  const corefile = textOf('dns/Corefile');
  const said = (pattern: RegExp): string => pattern.exec(corefile)?.[1] ?? '';

  it('has one name, for who keeps it, who serves it and who asks for it', () => {
    const zone = said(/^(\S+):53 \{$/m);
    const [, , name, ...rest] = serviceOf('records').command ?? [];
    expect(name).toBe(zone);
    expect(rest.slice(-2)).toEqual(['--file', said(/hosts (\S+) \{/)]);
    expect(rest.slice(0, -2)).toEqual(
      nodes.map((node) => `http://${addressOf(node)}:${config.admin?.listen.port}`),
    );
    expect(serviceOf('visitors').command).toContain(`http://${zone}:${config.listeners[0]?.listen.port}`);
    expect(serviceOf('visitors').dns).toEqual([serviceOf('dns').networks?.default.ipv4_address]);
  });

  it('forgets a node that leaves before that node is gone', () => {
    const ttlMs = 1_000 * Number(said(/^\s+ttl (\d+)$/m));
    const reloadMs = Number(said(/^\s+reload (\d+)ms$/m));
    const askedEveryMs = 250;
    expect(ttlMs).toBeGreaterThan(0);
    expect(config.shutdown.delay).toBeGreaterThan(askedEveryMs + reloadMs + ttlMs + 1_000);
  });
});

describe('the collector, Tempo and Loki', () => {
  // None of these programs can be had here: this is what can be seen without them.
  const collector = parse(textOf('telemetry/collector.yaml'));
  const tempo = parse(textOf('telemetry/tempo.yaml'));
  const loki = parse(textOf('telemetry/loki.yaml'));

  it('have every part of a pipeline described, and no part that is in none', () => {
    const pipelines: Record<string, string[]>[] = Object.values(collector.service.pipelines);
    for (const kind of ['receivers', 'processors', 'exporters']) {
      const used = new Set(pipelines.flatMap((pipeline) => pipeline[kind] ?? []));
      expect([...used].sort()).toEqual(Object.keys(collector[kind]).sort());
    }
  });

  it('listen where they are spoken to', () => {
    const otlp = (receivers: { otlp: { protocols: { http: { endpoint: string } } } }) =>
      receivers.otlp.protocols.http.endpoint.split(':')[1];
    expect(config.telemetry.otlp.endpoint).toBe(`http://collector:${otlp(collector.receivers)}`);
    expect(collector.exporters['otlp_http/tempo'].endpoint).toBe(
      `http://tempo:${otlp(tempo.distributor.receivers)}`,
    );
    expect(collector.exporters['otlp_http/loki'].endpoint).toBe(
      `http://loki:${loki.server.http_listen_port}/otlp`,
    );
  });

  it('call a node by its name, and nothing else a node', () => {
    const statements: readonly string[] = collector.processors.transform.log_statements[0].statements;
    const [, pattern = '', replacement = ''] =
      statements
        .map((text) => /^replace_pattern\(.*?, "(.*)", "(.*)"\)$/.exec(text))
        .find((found) => found) ?? [];
    const [, node = ''] =
      statements.map((text) => /"holdfast"\) where IsMatch\(.*"(.*)"\)$/.exec(text)).find((found) => found) ??
      [];
    const nameOf = (container: string) =>
      container.replace(new RegExp(pattern), replacement.replace('$$', '$'));
    expect(nameOf('/compose-holdfast-2-1')).toBe('holdfast-2');
    const others = ['/compose-shop-2-1', '/holdfast-redis-1', '/compose-visitors-1'];
    expect(others.filter((container) => new RegExp(node).test(nameOf(container)))).toEqual([]);
    expect(new RegExp(node).test('holdfast-2')).toBe(true);
  });

  it('are where Grafana looks for them', () => {
    const folder = join(COMPOSE_FOLDER, '../grafana/provisioning/datasources');
    const { datasources } = parse(readFileSync(join(folder, 'holdfast.yaml'), 'utf8'));
    const urls = Object.fromEntries(
      datasources.map(({ uid, url }: { uid: string; url: string }) => [uid, url]),
    );
    expect(urls).toMatchObject({
      tempo: expect.stringContaining(`tempo:${tempo.server.http_listen_port}`),
      loki: expect.stringContaining(`loki:${loki.server.http_listen_port}`),
      prometheus: expect.stringContaining('prometheus:9090'),
    });
  });

  it('write below the volumes that they have', () => {
    const volumeOf = (name: string): string => serviceOf(name).volumes?.at(-1)?.split(':')[1] ?? '';
    expect([tempo.storage.trace.local.path, tempo.storage.trace.wal.path]).toEqual([
      expect.stringContaining(`${volumeOf('tempo')}/`),
      expect.stringContaining(`${volumeOf('tempo')}/`),
    ]);
    expect(loki.common.path_prefix).toBe(volumeOf('loki'));
  });
});
