import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fieldValues, readEcho } from '../support/echo.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { ClientRequest, ClientResponse } from '../support/http-client.ts';
import { SECRET } from '../support/node-config.ts';
import { OtlpReceiver, type Trace } from '../support/otlp-receiver.ts';
import type { ReceivedSpan } from '../support/otlp-traces.ts';
import { dumpRedis } from '../support/redis-dump.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');

/** A client that traces itself: who it says it is, and what it says of the trace. */
class TracedClient {
  readonly traceId = hex(16);
  readonly spanId = hex(8);

  get headers(): Readonly<Record<string, string>> {
    return {
      traceparent: `00-${this.traceId}-${this.spanId}-01`,
      tracestate: 'rojo=00f067aa0ba902b7,congo=t61rcWkgMzE',
      baggage: 'userId=alice,serverNode=DF%2028',
    };
  }
}

describe('a trace, followed from a client through two nodes to its endpoint', () => {
  const stage = useStage('file');
  let receiver: OtlpReceiver;
  let nodes: readonly HoldfastNode[];
  let redisUrl: string;
  /** What nobody but client, proxy and endpoint may see. */
  const secrets = ['s3cret-in-the-query', 's3cret-of-a-header', 's3cret-of-the-application', SECRET];

  beforeAll(async () => {
    receiver = await OtlpReceiver.start();
    await stage().startEndpoints(2);
    redisUrl = (await stage().startRedis()).url;
    const traces = { sampling: 0, trustIncoming: 'always' };
    const telemetry = { otlp: { endpoint: receiver.endpoint }, traces };
    nodes = await stage().startNodes(2, { storeUrl: redisUrl, top: { telemetry, log: { access: true } } });
  });
  afterAll(() => receiver.close());

  /** Visits `/echo` at that node; answers with the trace of it, and what the endpoint saw. */
  async function visit(at: number, request: ClientRequest = {}) {
    const client = new TracedClient();
    const response = await stage()
      .client(nodes[at] as HoldfastNode)
      .send({
        path: '/echo?token=s3cret-in-the-query',
        ...request,
        headers: { ...client.headers, ...request.headers },
      });
    expect(response.status).toBe(200);
    const trace = await receiver.trace(client.traceId);
    return { client, response, trace, received: readEcho(response).headers };
  }

  const cookieOf = (response: ClientResponse): string =>
    (response.setCookies.find((line) => line.startsWith('_srv_id=')) as string).split(';', 1)[0] as string;

  it('has the spans of a new session, each below the one that waited for it', async () => {
    const { client, trace, received } = await visit(0);
    const { request } = trace;
    expect(request).toMatchObject({ name: 'GET /', parentId: client.spanId, isError: false });
    expect(trace.below(request)).toEqual(['affinity.resolve', 'GET']);
    const [resolve] = trace.named('affinity.resolve');
    expect(trace.below(resolve as ReceivedSpan)).toEqual(['pin']);
    expect(trace.named('pin')[0]).toMatchObject({
      kind: 'client',
      attributes: { 'db.system.name': 'redis', 'db.operation.name': 'pin' },
    });
    const [attempt] = trace.attempts;
    expect(fieldValues(received, 'traceparent')).toEqual([`00-${client.traceId}-${attempt?.spanId}-01`]);
    expect(fieldValues(received, 'tracestate')).toEqual([client.headers.tracestate]);
    expect(fieldValues(received, 'baggage')).toEqual([client.headers.baggage]);
    expect(trace.spans.map(({ traceState }) => traceState)).toEqual(
      trace.spans.map(() => client.headers.tracestate),
    );
  });

  it('has spans that lie within each other', async () => {
    const { trace } = await visit(0);
    const byId = new Map(trace.spans.map((span) => [span.spanId, span]));
    expect(byId.size).toBe(trace.spans.length);
    const inner = trace.spans.filter(({ parentId }) => byId.has(parentId));
    expect(inner).toHaveLength(3);
    for (const span of inner) {
      const above = byId.get(span.parentId) as ReceivedSpan;
      expect(span.startMs).toBeGreaterThanOrEqual(above.startMs);
      expect(span.endMs).toBeGreaterThanOrEqual(span.startMs);
      expect(span.endMs).toBeLessThanOrEqual(above.endMs);
    }
  });

  it('says where the session was, in its tier, and nothing of a store where none was asked', async () => {
    const cookie = cookieOf((await visit(0)).response);
    const there = (await visit(1, { headers: { cookie } })).trace;
    expect(there.below(there.request)).toEqual(['affinity.resolve', 'GET']);
    expect(there.below(there.named('affinity.resolve')[0] as ReceivedSpan)).toEqual(['find']);
    expect(there.request.attributes).toMatchObject({
      'holdfast.affinity.outcome': 'hit',
      'holdfast.affinity.source': 'cookie',
      'holdfast.affinity.tier': 'store',
    });
    const again = (await visit(1, { headers: { cookie } })).trace;
    expect(again.below(again.request)).toEqual(['GET']);
    expect(again.request.attributes).toMatchObject({ 'holdfast.affinity.tier': 'near' });
    expect(again.request.attributes['holdfast.session.hash']).toBe(
      there.request.attributes['holdfast.session.hash'],
    );
  });

  it('says which node it was, and which process of it', async () => {
    const { trace } = await visit(1);
    expect(trace.request).toMatchObject({
      scope: 'holdfast',
      resource: {
        'service.name': 'holdfast',
        'service.instance.id': 'node-2',
        'process.pid': nodes[1]?.child.pid,
      },
    });
  });

  it('is found by what the access log says', async () => {
    const { trace } = await visit(0);
    const { traceId, spanId, attributes } = trace.request;
    const line = await until('the line is there', () =>
      nodes[0]?.accessLog.find((logged) => logged.trace_id === traceId),
    );
    expect(line).toMatchObject({
      span_id: spanId,
      session: attributes['holdfast.session.hash'],
      request_id: attributes['holdfast.request.id'],
      endpoint: attributes['holdfast.endpoint'],
    });
  });

  it('has two attempts where an endpoint is gone, and the reason for which the session has moved', async () => {
    const { response } = await visit(0);
    const cookie = cookieOf(response);
    const home = response.headers['x-served-by'];
    const endpoint = stage().endpoints.find(({ id }) => id === home);
    await endpoint?.kill();
    const { trace, received } = await visit(0, { headers: { cookie } });
    expectMoved(trace, home as string, received);
    await endpoint?.start();
  });

  function expectMoved(trace: Trace, home: string, received: readonly string[]): void {
    const [first, second] = trace.attempts;
    expect(trace.attempts).toHaveLength(2);
    expect(trace.below(trace.request)).toEqual(['GET', 'affinity.failover', 'GET']);
    expect(trace.below(trace.named('affinity.failover')[0] as ReceivedSpan)).toEqual(['repin']);
    expect(first).toMatchObject({
      isError: true,
      attributes: { 'error.type': 'UPSTREAM_CONNECT_FAILED', 'holdfast.endpoint': `shop/${home}` },
    });
    expect(first?.attributes).not.toHaveProperty('http.request.resend_count');
    expect(second).toMatchObject({
      isError: false,
      attributes: { 'http.request.resend_count': 1, 'http.response.status_code': 200 },
    });
    expect(fieldValues(received, 'traceparent')).toEqual([`00-${second?.traceId}-${second?.spanId}-01`]);
    expect(trace.request.attributes).toMatchObject({
      'holdfast.affinity.outcome': 'repinned',
      'holdfast.affinity.repin.reason': 'endpoint-down',
      'holdfast.endpoint': second?.attributes['holdfast.endpoint'],
    });
  }

  it('tells nobody a session, a cookie, a token or a key of the store', async () => {
    const first = await visit(0);
    const cookie = cookieOf(first.response);
    const headers = {
      cookie: `${cookie}; sid=s3cret-of-the-application`,
      authorization: 'Bearer s3cret-of-a-header',
    };
    const { trace } = await visit(1, { headers });
    const hash = String(trace.request.attributes['holdfast.session.hash']);
    const dump = await dumpRedis(redisUrl);
    const keys = dump.match(new RegExp(`${hash}[\\w-]+`, 'g')) ?? [];
    expect(keys.length).toBeGreaterThan(0);
    const hidden = [...secrets, ...keys, (cookie.split('=')[1] as string).slice(0, 40)];
    const exported = Buffer.concat(receiver.exports.map(({ body }) => body));
    expect(exported.includes(hash)).toBe(true);
    expect(hidden.filter((text) => exported.includes(text))).toEqual([]);
  });
});
