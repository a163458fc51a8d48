import { X509Certificate } from 'node:crypto';
import { type FaultyLink, freePort, openFaultyLink } from '@holdfast/store/testing';
import { request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METRICS } from '../../packages/proxy/src/telemetry/metric-catalogue.ts';
import { prometheusLabel, prometheusName } from '../../packages/proxy/src/telemetry/prometheus-name.ts';
import { certificateFiles, certificatePem } from '../../packages/proxy/src/testing/tls/certificates.ts';
import { HoldfastNode } from '../support/holdfast-node.ts';
import type { NodeWishes } from '../support/node-config.ts';
import { type ReceivedMetric, readMetrics } from '../support/otlp-metrics.ts';
import { OtlpReceiver } from '../support/otlp-receiver.ts';
import { Scrape } from '../support/prometheus-text.ts';
import { rawRequest } from '../support/raw-request.ts';
import { useStage } from '../support/stage.ts';
import { TcpClient } from '../support/tcp-client.ts';
import { TcpEndpoint } from '../support/tcp-endpoint.ts';
import { until } from '../support/until.ts';
import { type Visit, Visitor, visitAll, welcome } from '../support/visitor.ts';

const CONNECTIONS = 4;
const certificates = [certificateFiles('shop')];
const BODY = 'x'.repeat(1_000);
/** Not the one at which the node's admin listener answers. */
const OTHER_ADDRESS = '127.0.0.2';
const FAILED = 'metrics are not taken by the collector';
const AGAIN = 'metrics are pushed again';
const DURATION = 'http_server_request_duration_seconds';

const stage = useStage('file');
const broker = new TcpEndpoint('broker-1');
let receiver: OtlpReceiver;
let link: FaultyLink;
let metricsPort: number;
let node: HoldfastNode;
/** All that visitors have got, by their own word. */
let visits: readonly Visit[];

const scrape = (): Promise<Scrape> => Scrape.of(`http://${OTHER_ADDRESS}:${metricsPort}`);

/** The metrics of a push that begins from now on. */
async function nextPush(): Promise<readonly ReceivedMetric[]> {
  const before = receiver.exports.length;
  const push = await until('metrics are pushed', () => receiver.exports.slice(before + 1).at(-1));
  expect(push.path).toBe('/v1/metrics');
  return readMetrics(push.body);
}

/** A node with an http and a tcp listener, whose metrics are read and pushed. */
async function startNode(storeUrl: string): Promise<NodeWishes> {
  const brokerPort = await freePort();
  const endpoints = stage().endpoints.map(({ id, url }) => ({ id, url }));
  node = await HoldfastNode.create('node-1', stage().dir, { endpoints });
  stage().nodes.push(node);
  const wishes: NodeWishes = {
    endpoints,
    storeUrl,
    store: { commandTimeout: '100ms' },
    top: {
      telemetry: {
        metrics: { listen: `0.0.0.0:${metricsPort}`, interval: '1s' },
        otlp: { endpoint: receiver.endpoint, timeout: '500ms' },
        resource: { 'deployment.environment.name': 'test' },
      },
      listeners: [
        { name: 'web', listen: `127.0.0.1:${node.ports.port}`, pool: 'shop', debugHeaders: true },
        { name: 'secure', listen: '127.0.0.1:0', protocol: 'https', tls: { certificates }, pool: 'shop' },
        { name: 'broker', listen: `127.0.0.1:${brokerPort}`, protocol: 'tcp', pool: 'brokers' },
      ],
      pools: [
        {
          name: 'shop',
          endpoints,
          affinity: { type: 'cookie', name: '_srv_id' },
          outlierDetection: { ejectionTime: '1m' },
        },
        { name: 'brokers', endpoints: [broker.address], affinity: { type: 'source-ip' } },
      ],
    },
  };
  await node.start(wishes);
  for (let count = 0; count < CONNECTIONS; count++) {
    const connection = new TcpClient(brokerPort);
    await connection.name();
    connection.send('hello\n');
    await connection.received('hello');
    connection.end();
    await until('the connection is over', () => connection.isClosed);
  }
  return wishes;
}

/** Visits, with a failure, an outage, and what operators do. */
async function runScenario(wishes: NodeWishes): Promise<void> {
  const client = stage().client(node);
  const visitors = await welcome(30, [client]);
  await visitAll(visitors, [client]);
  await visitors[0]!.visit(client, { method: 'POST', body: BODY });
  await visitors[0]!.visit(client, { method: 'PROPFIND' });
  await stage().endpoints[2]!.kill();
  await visitAll(visitors, [client]);
  await rawRequest(node.ports.port, ['GET / HTTP/1.1', 'Connection: close']);
  await request(`${node.adminOrigin}/endpoints/shop/shop-2/drain`, { method: 'PUT', reset: true });
  await node.reload({ ...wishes, top: { ...wishes.top, log: { level: 'debug' } } });
  await node.reload({ ...wishes, top: { ...wishes.top, log: { level: 'loud' } } });
  await link.cut();
  const newcomer = new Visitor('newcomer');
  await newcomer.visit(client);
  await until('the store is away', async () => {
    await newcomer.visit(client);
    return (await node.status()).store.state === 'unavailable';
  });
  await link.mend();
  await until('the store is back', async () => (await node.status()).store.state === 'available');
  await visitAll(visitors, [client]);
  visits = [...visitors, newcomer].flatMap((visitor) => visitor.visits);
}

beforeAll(async () => {
  receiver = await OtlpReceiver.start();
  const redis = await stage().startRedis();
  link = await openFaultyLink(redis.port);
  metricsPort = await freePort();
  await stage().startEndpoints(3);
  await broker.start();
  await runScenario(await startNode(`redis://127.0.0.1:${link.port}`));
});

afterAll(async () => {
  await Promise.all([receiver.close(), link.close(), broker.kill()]);
});

describe('the metrics of a node that has seen something', () => {
  it('are those of the catalogue, all of them and no other, with no other labels', async () => {
    // What is asked behind a scrape, and what takes a moment, is there with a later one.
    const seen = await until('every metric is there', async () => {
      const told = await scrape();
      return METRICS.every((metric) => told.names.includes(prometheusName(metric))) && told;
    });
    expect([...seen.names].sort()).toEqual(['target_info', ...METRICS.map(prometheusName)].sort());
    for (const metric of METRICS) {
      const known = new Set([...metric.attributes.map(prometheusLabel), 'le']);
      const name = prometheusName(metric);
      const series = seen.samples.filter((sample) => sample.name.startsWith(name));
      for (const { labels } of series)
        expect(Object.keys(labels).filter((label) => !known.has(label))).toEqual([]);
      expect(
        series.every(({ value }) => Number.isFinite(value)),
        name,
      ).toBe(true);
    }
  });

  it('count what clients have counted: requests by status, bodies, what became of sessions', async () => {
    const told = await scrape();
    expect(told.sum(`${DURATION}_count`, { holdfast_pool: 'shop' })).toBe(visits.length);
    const answered = (status: number) => visits.filter((visit) => visit.status === status).length;
    expect(told.sum(`${DURATION}_count`, { http_response_status_code: '200' })).toBe(answered(200));
    expect(told.sum(`${DURATION}_count`, { http_request_method: 'POST' })).toBe(1);
    expect(told.sum(`${DURATION}_count`, { http_request_method: '_OTHER', holdfast_pool: 'shop' })).toBe(1);
    const refused = { http_response_status_code: '400', error_type: 'DOWNSTREAM_BAD_REQUEST' };
    expect(
      told.series(`${DURATION}_count`, refused).map(({ value, labels }) => [value, labels.http_route]),
    ).toEqual([[1, undefined]]);
    expect(told.sum('holdfast_request_bytes_total', { holdfast_pool: 'shop' })).toBe(BODY.length);
    const bytes = visits.reduce((sum, { response }) => sum + Buffer.byteLength(response.body), 0);
    expect(told.sum('holdfast_response_bytes_total', { holdfast_pool: 'shop' })).toBe(bytes);
    for (const outcome of ['hit', 'created', 'repinned', 'adopted', 'fallback']) {
      const counted = visits.filter((visit) => visit.outcome === outcome).length;
      const labels = { holdfast_affinity_outcome: outcome, holdfast_pool: 'shop' };
      expect(told.sum('holdfast_affinity_lookups_total', labels), outcome).toBe(counted);
    }
  });

  it('tell of a failure: attempts at the endpoint that died, retries, moves, its standing', async () => {
    const told = await scrape();
    const moved = visits.filter(({ outcome }) => outcome === 'repinned').length;
    expect(moved).toBeGreaterThan(0);
    expect(told.sum('holdfast_affinity_repins_total', { holdfast_pool: 'shop' })).toBe(moved);
    expect(told.sum('holdfast_retries_total', { holdfast_pool: 'shop' })).toBeGreaterThan(0);
    const dead = { holdfast_endpoint: 'shop/shop-3' };
    const attempts = 'http_client_request_duration_seconds_count';
    expect(told.sum(attempts, { ...dead, error_type: 'UPSTREAM_CONNECT_FAILED' })).toBe(
      told.sum('holdfast_retries_total', { holdfast_pool: 'shop' }),
    );
    const served = visits.filter(({ servedBy }) => servedBy === 'shop-3').length;
    expect(told.sum(attempts, { ...dead, http_response_status_code: '200' })).toBe(served);
    expect(told.sum('holdfast_endpoint_up', dead)).toBe(0);
    expect(told.sum('holdfast_endpoint_standing', { ...dead, holdfast_endpoint_standing: 'down' })).toBe(1);
    expect(told.sum('holdfast_endpoint_standing', dead)).toBe(1);
    expect(told.sum('holdfast_endpoint_ejections_total', dead)).toBe(1);
    const drained = { holdfast_endpoint: 'shop/shop-2', holdfast_endpoint_standing: 'draining' };
    expect(told.sum('holdfast_endpoint_standing', drained)).toBe(1);
  });

  it('tell of connections, reloads and the store', async () => {
    const told = await scrape();
    const way = { holdfast_listener: 'broker', holdfast_pool: 'brokers', network_transport: 'tcp' };
    expect(told.sum('holdfast_layer4_connections_total', { ...way, holdfast_connection_end: 'closed' })).toBe(
      CONNECTIONS,
    );
    expect(told.sum('holdfast_layer4_connection_duration_seconds_count', way)).toBe(CONNECTIONS);
    const received = { holdfast_pool: 'brokers', network_io_direction: 'receive' };
    expect(told.sum('holdfast_layer4_bytes_total', received)).toBe(CONNECTIONS * 'hello\n'.length);
    for (const result of ['applied', 'refused'])
      expect(
        told.sum('holdfast_config_reloads_total', { holdfast_config_reload_result: result }),
        result,
      ).toBe(1);
    const store = { db_system_name: 'redis' };
    expect(
      told.sum('db_client_operation_duration_seconds_count', { ...store, db_operation_name: 'pin' }),
    ).toBe((await node.status()).store.operations.pin);
    const failed = told
      .series('db_client_operation_duration_seconds_count', store)
      .filter(({ labels }) => labels.error_type !== undefined);
    expect(new Set(failed.map(({ labels }) => labels.error_type))).toEqual(new Set(['STORE_UNAVAILABLE']));
  });

  it('tell when certificates expire', async () => {
    const { validToDate } = new X509Certificate(certificatePem('shop').cert);
    const labels = { holdfast_listener: 'secure', holdfast_certificate_file: certificates[0]!.cert };
    const told = (await scrape()).series('holdfast_tls_certificate_expiry_seconds');
    expect(told).toMatchObject([{ labels, value: validToDate.getTime() / 1_000 }]);
  });

  it('have violations of every pool at 0: there were none', async () => {
    const told = await scrape();
    const violations = told.series('holdfast_affinity_violations_total');
    expect(new Set(violations.map(({ labels }) => labels.holdfast_pool))).toEqual(
      new Set(['shop', 'brokers']),
    );
    expect(violations.filter(({ value }) => value !== 0)).toEqual([]);
  });

  it('say where the sessions are, as the session map does', async () => {
    const { pinned = {} } = await node.status();
    await until(
      'pins are counted',
      async () => {
        const told = await scrape();
        const pins = told.series('holdfast_affinity_pins', { holdfast_pool: 'shop' });
        expect(pins.map(({ labels }) => labels.holdfast_endpoint).sort()).toEqual([
          'shop/shop-1',
          'shop/shop-2',
          'shop/shop-3',
        ]);
        return pins.every(({ labels, value }) => value === (pinned[labels.holdfast_endpoint ?? ''] ?? 0));
      },
      20_000,
    );
  });

  it('are pushed as well: the same, since the beginning, with attributes as the conventions type them', async () => {
    const pushed = await nextPush();
    expect(pushed.map(({ name }) => name).sort()).toEqual(METRICS.map(({ name }) => name).sort());
    const told = await scrape();
    for (const metric of METRICS) {
      const { kind, unit, isCumulative, points, resource } = pushed.find(({ name }) => name === metric.name)!;
      expect([metric.name, kind, unit, isCumulative]).toEqual([metric.name, metric.kind, metric.unit, true]);
      expect(resource).toMatchObject({
        'service.name': 'holdfast',
        'service.instance.id': 'node-1',
        'deployment.environment.name': 'test',
      });
      for (const { startMs, timeMs } of points) expect(startMs).toBeLessThanOrEqual(timeMs);
      expect(points.length, metric.name).toBeGreaterThan(0);
    }
    const requests = pushed.find(({ name }) => name === 'http.server.request.duration')!;
    const count = requests.points.reduce((sum, { value }) => sum + value, 0);
    expect(count).toBe(told.sum(`${DURATION}_count`));
    for (const { attributes, value, bucketCounts, bounds } of requests.points) {
      expect(typeof attributes['http.response.status_code']).toBe('number');
      expect(bucketCounts.reduce((sum, inBucket) => sum + inBucket, 0)).toBe(value);
      expect(bucketCounts).toHaveLength(bounds.length + 1);
    }
  });

  it('are all that is served at their address', async () => {
    for (const path of ['/', '/status', '/endpoints', '/console/', '/metrics/']) {
      const { statusCode, body } = await request(`http://${OTHER_ADDRESS}:${metricsPort}${path}`, {
        reset: true,
      });
      await body.dump();
      expect(statusCode, path).toBe(404);
    }
  });
});

describe('a collector that', () => {
  const said = (message: string): number => node.events.filter(({ msg }) => msg === message).length;
  const requestsSeen = (pushed: readonly ReceivedMetric[]): number =>
    pushed
      .find(({ name }) => name === 'http.server.request.duration')!
      .points.reduce((sum, { value }) => sum + value, 0);

  const failedPushes = async (): Promise<number> =>
    (await scrape()).sum('holdfast_telemetry_pushes_total', { holdfast_telemetry_push_result: 'failed' });

  it('never ends its answer is told of once, and costs neither a request nor a number', async () => {
    const client = stage().client(node);
    receiver.behaviour = 'drips';
    const before = await failedPushes();
    await until('two pushes have failed', async () => {
      expect((await client.send()).status).toBe(200);
      return (await failedPushes()) >= before + 2;
    });
    expect(said(FAILED)).toBe(1);
    expect(receiver.connections).toBeLessThanOrEqual(3);
    receiver.behaviour = 'takes';
    await until('metrics are pushed again', () => said(AGAIN) === 1);
    const total = (await scrape()).sum(`${DURATION}_count`);
    expect(requestsSeen(await nextPush())).toBe(total);
  });
});
