import { fileURLToPath } from 'node:url';
import { freePort } from '@holdfast/store/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificateFiles } from '../../packages/proxy/src/testing/tls/certificates.ts';
import { fieldValues, readEcho } from '../support/echo.ts';
import { H2cEndpoint } from '../support/h2c-endpoint.ts';
import { HoldfastNode } from '../support/holdfast-node.ts';
import type { Sender } from '../support/http-client.ts';
import { Http2Client } from '../support/http2-client.ts';
import type { ConfigPart } from '../support/node-config.ts';
import { OtlpReceiver, type Trace } from '../support/otlp-receiver.ts';
import { useStage } from '../support/stage.ts';
import { untilWorkers } from '../support/supervised-node.ts';
import { endpointOf } from '../support/tcp-client.ts';
import { TcpEndpoint } from '../support/tcp-endpoint.ts';
import { until } from '../support/until.ts';

const MIDDLEWARE = fileURLToPath(new URL('../support/middleware-program.ts', import.meta.url));
const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const GIVEN = {
  traceparent: `00-${TRACE_ID}-b7ad6b7169203331-01`,
  tracestate: 'foo=1',
  baggage: 'userId=alice',
};

const stage = useStage('file');
let receiver: OtlpReceiver;
/** Endpoints that are not processes of the stage. */
let tcpEndpoint: TcpEndpoint;
let h2cEndpoint: H2cEndpoint;

beforeAll(async () => {
  receiver = await OtlpReceiver.start();
  tcpEndpoint = await new TcpEndpoint('tcp-1').start();
  h2cEndpoint = await H2cEndpoint.start('h2c-1');
  await stage().startEndpoints(1);
});
afterAll(async () => {
  await Promise.all([receiver.close(), tcpEndpoint.kill(), h2cEndpoint.close()]);
});

const telemetryWith = (traces: ConfigPart): ConfigPart => ({ otlp: { endpoint: receiver.endpoint }, traces });

/** The fields of a request as they came to the endpoint. */
async function receivedFrom(client: Sender, headers: Readonly<Record<string, string>> = GIVEN) {
  const { headers: list } = readEcho(await client.send({ path: '/echo', headers }));
  return (name: string) => fieldValues(list, name);
}

/** The trace that the endpoint was told of. */
const idIn = ([traceparent = '']: readonly string[]): string => traceparent.split('-')[1] ?? '';

describe('what a client says of traces', () => {
  it('passes on as it is where nothing is traced', async () => {
    const node = await stage().startNode();
    const received = await receivedFrom(stage().client(node));
    for (const [name, value] of Object.entries(GIVEN)) expect(received(name)).toEqual([value]);
  });

  it('is gone on with where a trusted proxy says it, and goes no further where another one does', async () => {
    const port = await freePort();
    const moreListeners = [
      { name: 'believed', listen: `127.0.0.1:${port}`, trustedProxies: ['127.0.0.1'], pool: 'shop' },
    ];
    const top = { telemetry: telemetryWith({}), log: { access: true } };
    const node = await stage().startNode({ moreListeners, top });
    const received = await receivedFrom(stage().client(node));
    expect(received('traceparent')).toEqual([expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)]);
    expect(idIn(received('traceparent'))).not.toBe(TRACE_ID);
    expect(received('tracestate')).toEqual([]);
    expect(received('baggage')).toEqual([GIVEN.baggage]);

    const believed = await receivedFrom(stage().client(`http://127.0.0.1:${port}`));
    const trace = await receiver.trace(TRACE_ID);
    expect(believed('traceparent')).toEqual([`00-${TRACE_ID}-${trace.attempts[0]?.spanId}-01`]);
    expect(believed('tracestate')).toEqual([GIVEN.tracestate]);
    const traced = await until('both are logged', () => node.accessLog.length > 1 && node.accessLog);
    expect(traced.map(({ trace_id: id }) => id)).toEqual([undefined, TRACE_ID]);
    expect(receiver.spans.filter(({ traceId }) => traceId !== TRACE_ID)).toEqual([]);
  });
});

/** Asks `/echo`, and answers with the trace of it, which must be that of which the endpoint was told. */
async function traceThrough(client: Sender): Promise<Trace> {
  const received = await receivedFrom(client, {});
  const trace = await receiver.trace(idIn(received('traceparent')));
  expect(received('traceparent')).toEqual([`00-${trace.request.traceId}-${trace.attempts[0]?.spanId}-01`]);
  return trace;
}

describe('a request is traced alike', () => {
  const top = () => ({ telemetry: telemetryWith({ sampling: 1 }), log: { access: true } });
  const ports = { node: 0, h2: 0, strict: 0, tcp: 0 };
  let node: HoldfastNode;

  beforeAll(async () => {
    for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await freePort();
    const at = (name: keyof typeof ports) => ({ name, listen: `127.0.0.1:${ports[name]}` });
    const tls = { certificates: [certificateFiles('shop')] };
    const moreListeners = [
      { ...at('node'), server: 'node', pool: 'shop' },
      { ...at('h2'), protocol: 'https', server: 'node', tls, pool: 'h2c' },
      { ...at('strict'), routes: [{ match: { host: 'elsewhere.test' }, pool: 'shop' }] },
      { ...at('tcp'), protocol: 'tcp', pool: 'tcp' },
    ];
    const morePools = [
      { name: 'h2c', endpoints: [h2cEndpoint.address] },
      { name: 'tcp', endpoints: [tcpEndpoint.address], affinity: { type: 'source-ip' } },
    ];
    node = await stage().startNode({ moreListeners, morePools, top: top() });
  });

  const logged = (what: Readonly<Record<string, unknown>>) =>
    until('it is logged', () =>
      node.accessLog.find((line) => Object.entries(what).every(([key, value]) => line[key] === value)),
    );

  it.each(['wire', 'node'])('on server %s', async (server) => {
    const client = stage().client(server === 'wire' ? node : `http://127.0.0.1:${ports.node}`);
    const { request } = await traceThrough(client);
    expect(request.attributes).toMatchObject({ 'url.scheme': 'http', 'network.protocol.version': '1.1' });
  });

  it('over HTTP/2, from its client and to its endpoint', async () => {
    const client = new Http2Client(ports.h2);
    const { request, attempts } = await traceThrough(client);
    client.session.destroy();
    expect(request.attributes).toMatchObject({
      'url.scheme': 'https',
      'network.protocol.version': '2',
      'server.address': 'shop.test',
      'holdfast.endpoint': 'h2c/h2c-1',
    });
    expect(attempts).toHaveLength(1);
  });

  it('where no route matches, which is no reason to forget it', async () => {
    expect((await stage().client(`http://127.0.0.1:${ports.strict}`).send()).status).toBe(404);
    const line = await logged({ listener: 'strict' });
    const { request } = await receiver.trace(String(line.trace_id));
    expect(request).toMatchObject({
      isError: false,
      attributes: { 'error.type': 'DOWNSTREAM_NO_ROUTE', 'http.response.status_code': 404 },
    });
  });

  it('as a connection of TCP, which is one span when it is over', async () => {
    await endpointOf(ports.tcp, '127.0.0.1');
    const line = await logged({ listener: 'tcp' });
    const { spans, request } = await receiver.trace(String(line.trace_id));
    expect(spans).toHaveLength(1);
    expect(request).toMatchObject({ name: 'tcp.session', parentId: '', spanId: line.span_id });
    expect(request.attributes).toMatchObject({
      'network.transport': 'tcp',
      'holdfast.endpoint': 'tcp/tcp-1',
      'holdfast.affinity.outcome': 'created',
      'holdfast.affinity.source': 'source-ip',
      'holdfast.session.hash': line.session,
    });
  });

  it('behind middleware, whose own answers are traced as well', async () => {
    const endpoints = stage().endpoints.map(({ id, url }) => ({ id, url }));
    const behind = await HoldfastNode.create('behind', stage().dir, { endpoints, top: top() }, MIDDLEWARE);
    stage().nodes.push(behind);
    await behind.start();
    const client = stage().client(behind);
    await traceThrough(client);
    await client.send({ path: '/own' });
    const line = await until('it is logged', () => behind.accessLog.find(({ path }) => path === '/own'));
    const { request, attempts } = await receiver.trace(String(line.trace_id));
    expect(attempts).toEqual([]);
    expect(request).toMatchObject({ name: 'GET', spanId: line.span_id });
    expect(request.attributes).toMatchObject({ 'url.path': '/own', 'http.response.status_code': 200 });
  });
});

describe('the workers of a node', () => {
  it('export what each of them has served, and at their end what they still have', async () => {
    const top = { telemetry: telemetryWith({ sampling: 1 }), workers: 2 };
    const node = await stage().startNode({ storeUrl: stage().sqliteUrl(), top });
    const pids = await untilWorkers(node, 2);
    const client = stage().client(node, 20);
    const ids = await Promise.all(
      Array.from({ length: 60 }, async () => idIn((await receivedFrom(client, {}))('traceparent'))),
    );
    await node.end();
    const spans = receiver.spans.filter(({ kind, traceId }) => kind === 'server' && ids.includes(traceId));
    expect(spans).toHaveLength(60);
    for (const { resource } of spans) {
      expect(resource['service.instance.id']).toBe(node.name);
      expect(pids).toContain(resource['process.pid']);
    }
  });
});
