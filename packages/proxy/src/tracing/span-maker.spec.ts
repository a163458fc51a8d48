import { endpointId, type Pin, sessionKey } from '@holdfast/shared';
import { ManualClock, seededRandom } from '@holdfast/shared/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import type { RequestRecord } from '../forward/request-record.ts';
import type { ConnectionRecord } from '../layer4/connection-record.ts';
import { refusedRecord } from '../layer4/refused-record.ts';
import { shop, testEndpoint } from '../testing/endpoints.ts';
import { testResolution } from '../testing/test-affinity.ts';
import { testRecord } from '../testing/test-record.ts';
import { type Incoming, RecordedTrace } from './recorded-trace.ts';
import type { Span } from './span.ts';
import { SpanMaker } from './span-maker.ts';
import { currentStep } from './step.ts';
import { TraceIds } from './trace-ids.ts';

const START_MS = Date.UTC(2026, 10, 21);
const KEY = 'k3y-of-a-session-in-22';
const SESSION_ID = Buffer.from('what the cookie holds');
const pin: Pin = { endpoint: endpointId(shop, 'a'), version: 3, pinnedAtMs: 1, expiresAtMs: 2, endsAtMs: 3 };
const session = { key: sessionKey(KEY), sessionId: SESSION_ID, pin, voucher: undefined };
const parent = { traceId: 'a'.repeat(32), parentId: 'b'.repeat(16), flags: 1, state: 'foo=1' };

let clock: ManualClock;
let maker: SpanMaker;
let ids: TraceIds;

beforeEach(() => {
  clock = new ManualClock(START_MS);
  ids = new TraceIds(seededRandom(1));
  maker = new SpanMaker({ clock, newSpanId: () => ids.newSpanId(), storeKind: 'redis' });
});

const begin = (incoming: Partial<Incoming> = {}) =>
  new RecordedTrace({ host: 'shop.example:8443', parent: undefined, ...incoming }, ids, clock);

/** Asks the store something within the step that is under way. */
const asked = (name: string, work: () => Promise<void>) => currentStep.getStore()!.operation(name, work);

/** The spans of a request that had one attempt and was answered. */
const spansOf = (record: Partial<RequestRecord> = {}, incoming: Partial<Incoming> = {}): readonly Span[] => {
  const trace = begin(incoming);
  trace.beginAttempt(testEndpoint('a'), clock.elapsed());
  return maker.ofRequest(testRecord(record), trace);
};
const wholeOf = (record: Partial<RequestRecord> = {}) => spansOf(record)[0]?.content;
const attemptOf = (record: Partial<RequestRecord> = {}) => spansOf(record)[1]?.content;

describe('the span of a request', () => {
  it('says who asked for what, where it went and why', () => {
    const resolution = testResolution({
      ...{
        endpoint: testEndpoint('b'),
        outcome: 'repinned',
        tier: 'store',
        reason: 'endpoint-down',
        session,
      },
    });
    expect(wholeOf({ resolution, isSecure: true })).toEqual({
      kind: 'server',
      name: 'GET shop.example/',
      isError: false,
      attributes: {
        'http.request.method': 'GET',
        'http.route': 'shop.example/',
        'http.response.status_code': 200,
        'url.scheme': 'https',
        'url.path': '/cart',
        'network.protocol.version': '1.1',
        'client.address': '192.0.2.7',
        'server.address': 'shop.example',
        'server.port': 8443,
        'http.request.body.size': 0,
        'http.response.body.size': 12,
        'holdfast.listener': 'web',
        'holdfast.pool': 'shop',
        'holdfast.endpoint': 'shop/b',
        'holdfast.request.id': 'request-1',
        'holdfast.affinity.outcome': 'repinned',
        'holdfast.affinity.source': 'cookie',
        'holdfast.affinity.tier': 'store',
        'holdfast.affinity.repin.reason': 'endpoint-down',
        'holdfast.session.hash': KEY.slice(0, 11),
      },
    });
  });

  it.each([
    ['2001:db8::1', '[2001:db8::1]:81', 81],
    ['2001:db8::1', '[2001:db8::1]', undefined],
    ['shop.example', 'shop.example', undefined],
    [undefined, '', undefined],
  ])('names the host %s', (address, host, port) => {
    const [whole] = spansOf({}, { host });
    expect(whole?.content.attributes['server.address']).toBe(address);
    expect(whole?.content.attributes['server.port']).toBe(port);
  });

  it('is not named after a method or a path that a client has made up', () => {
    const content = wholeOf({
      method: 'BREW',
      route: '',
      pool: '',
      status: 404,
      error: 'DOWNSTREAM_NO_ROUTE',
    });
    expect(content).toMatchObject({ name: 'HTTP', isError: false });
    expect(content?.attributes).toMatchObject({
      'http.request.method': '_OTHER',
      'http.request.method_original': 'BREW',
      'error.type': 'DOWNSTREAM_NO_ROUTE',
    });
    for (const absent of ['http.route', 'holdfast.pool', 'holdfast.endpoint', 'holdfast.affinity.outcome'])
      expect(content?.attributes).not.toHaveProperty(absent);
  });

  it.each([
    [200, undefined, false, undefined],
    [404, undefined, false, undefined],
    [500, undefined, true, '500'],
    [502, 'UPSTREAM_CONNECT_FAILED', true, 'UPSTREAM_CONNECT_FAILED'],
    [200, 'UPSTREAM_RESET', true, 'UPSTREAM_RESET'],
    [499, 'DOWNSTREAM_DISCONNECTED', false, 'DOWNSTREAM_DISCONNECTED'],
    [413, 'DOWNSTREAM_BODY_TOO_LARGE', false, 'DOWNSTREAM_BODY_TOO_LARGE'],
  ] as const)('with status %s and error %s has failed: %s', (status, error, isError, type) => {
    const content = wholeOf({ status, error });
    expect(content?.isError).toBe(isError);
    expect(content?.attributes['error.type']).toBe(type);
  });

  it('is below the span that it was told of, and that is another one’s', () => {
    const [whole] = spansOf({}, { parent });
    expect(whole?.place).toMatchObject({
      ...{
        traceId: parent.traceId,
        parentId: parent.parentId,
        isParentRemote: true,
        flags: 1,
        state: 'foo=1',
      },
    });
    expect(spansOf()[0]?.place).toMatchObject({ parentId: undefined, isParentRemote: false, state: '' });
  });

  it('lasts from its arrival until it is over', async () => {
    const trace = begin();
    await clock.advance(250);
    expect(maker.ofRequest(testRecord(), trace)[0]).toMatchObject({
      startedAtMs: START_MS,
      endedAtMs: START_MS + 250,
    });
  });
});

describe('the span of an attempt', () => {
  it('is that of a client of the endpoint, with the id that the endpoint was told', () => {
    const trace = begin();
    const told = trace.beginAttempt(testEndpoint('a'), clock.elapsed());
    const [whole, attempt] = maker.ofRequest(testRecord({ path: '/cart' }), trace);
    expect(told).toBe(`traceparent: 00-${trace.traceId}-${attempt?.place.spanId}-01\r\n`);
    expect(attempt?.place.parentId).toBe(whole?.place.spanId);
    expect(attempt?.content).toEqual({
      kind: 'client',
      name: 'GET',
      isError: false,
      attributes: {
        'http.request.method': 'GET',
        'http.response.status_code': 200,
        'server.address': 'a.internal',
        'server.port': 8080,
        'url.full': 'http://a.internal:8080/cart',
        'holdfast.pool': 'shop',
        'holdfast.endpoint': 'shop/a',
      },
    });
  });

  it.each([
    [399, false, undefined],
    [404, true, '404'],
    [503, true, '503'],
  ])('that was answered with %s has failed: %s', (status, isError, type) => {
    expect(attemptOf({ status })?.isError).toBe(isError);
    expect(attemptOf({ status })?.attributes['error.type']).toBe(type);
  });

  it('has not failed when the client leaves, and was not answered with what the log says of that', () => {
    const left = { status: 499, error: 'DOWNSTREAM_DISCONNECTED', upstreamMs: undefined } as const;
    expect(attemptOf(left)).toMatchObject({ isError: false });
    expect(attemptOf(left)?.attributes).not.toHaveProperty('http.response.status_code');
  });

  it('is one for each try: the first with what it failed on, the others with their number', async () => {
    const trace = begin();
    trace.beginAttempt(testEndpoint('a'), clock.elapsed());
    await clock.advance(10);
    trace.failAttempt('UPSTREAM_CONNECT_FAILED');
    await clock.advance(5);
    trace.beginAttempt(testEndpoint('b'), clock.elapsed());
    await clock.advance(20);
    const [, first, second] = maker.ofRequest(testRecord({ attempts: 2 }), trace);
    expect(first).toMatchObject({
      startedAtMs: START_MS,
      endedAtMs: START_MS + 10,
      content: { isError: true },
    });
    expect(first?.content.attributes).toMatchObject({
      'error.type': 'UPSTREAM_CONNECT_FAILED',
      'holdfast.endpoint': 'shop/a',
    });
    expect(first?.content.attributes).not.toHaveProperty('http.response.status_code');
    expect(first?.content.attributes).not.toHaveProperty('http.request.resend_count');
    expect(second).toMatchObject({
      startedAtMs: START_MS + 15,
      endedAtMs: START_MS + 35,
      content: { isError: false },
    });
    expect(second?.content.attributes).toMatchObject({
      'http.request.resend_count': 1,
      'http.response.status_code': 200,
      'holdfast.endpoint': 'shop/b',
    });
  });
});

describe('the spans of what a request waited for', () => {
  it('are there only if it waited', () => {
    const trace = begin();
    expect(trace.step('affinity.learn', () => 'at once')).toBe('at once');
    expect(maker.ofRequest(testRecord(), trace)).toHaveLength(1);
  });

  it('have the operations of the store below them, without what was asked', async () => {
    const trace = begin();
    await trace.step('affinity.resolve', () => asked('find', () => clock.advance(2)));
    await trace.step('affinity.failover', () => asked('repin', () => clock.advance(3)));
    const resolution = testResolution({ endpoint: testEndpoint('a'), tier: 'store', session });
    const [whole, resolve, find, failover, repin] = maker.ofRequest(testRecord({ resolution }), trace);
    for (const step of [resolve, failover]) expect(step?.place.parentId).toBe(whole?.place.spanId);
    expect(find?.place.parentId).toBe(resolve?.place.spanId);
    expect(repin?.place.parentId).toBe(failover?.place.spanId);
    expect(repin).toMatchObject({ startedAtMs: START_MS + 2, endedAtMs: START_MS + 5 });
    expect(repin?.content).toEqual({
      kind: 'client',
      name: 'repin',
      isError: false,
      attributes: { 'db.system.name': 'redis', 'db.operation.name': 'repin' },
    });
    // What it came to belongs to the step that came to it.
    expect(resolve?.content.attributes).toEqual({ 'holdfast.pool': 'shop' });
    expect(failover?.content.attributes).toMatchObject({ 'holdfast.affinity.tier': 'store' });
  });

  it('show an operation that was given up as failed, and as long as its step', async () => {
    const trace = begin();
    const never = new Promise<void>(() => {});
    await trace.step('affinity.resolve', async () => {
      await clock.advance(1);
      void asked('find', () => never);
      await clock.advance(50);
    });
    const find = maker.ofRequest(testRecord(), trace).find(({ content }) => content.name === 'find');
    expect(find).toMatchObject({ startedAtMs: START_MS + 1, endedAtMs: START_MS + 51 });
    expect(find?.content).toEqual({
      kind: 'client',
      name: 'find',
      isError: true,
      attributes: {
        'db.system.name': 'redis',
        'db.operation.name': 'find',
        'error.type': 'STORE_UNAVAILABLE',
      },
    });
  });
});

describe('the span of a connection', () => {
  const known = { protocol: 'tcp', listener: 'broker', serverName: 'a.example' } as const;
  const client = { address: '192.0.2.7', port: 51_234 };
  const place = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
  const of = (changes: Partial<ConnectionRecord>): Span =>
    maker.ofConnection({ ...refusedRecord(known, client, 'UPSTREAM_NONE_AVAILABLE'), ...changes }, place);

  it('is one for the whole of it, with what came of its session', async () => {
    await clock.advance(5_000);
    const resolution = testResolution({ endpoint: testEndpoint('a'), source: 'source-ip', session });
    const span = of({
      resolution,
      pool: 'shop',
      end: 'closed',
      error: undefined,
      durationMs: 4_000,
      bytesIn: 5,
    });
    expect(span).toMatchObject({ startedAtMs: START_MS + 1_000, endedAtMs: START_MS + 5_000, place });
    expect(span.content).toMatchObject({ kind: 'server', name: 'tcp.session', isError: false });
    expect(span.content.attributes).toMatchObject({
      'network.transport': 'tcp',
      'client.address': '192.0.2.7',
      'client.port': 51_234,
      'server.address': 'a.example',
      'holdfast.listener': 'broker',
      'holdfast.pool': 'shop',
      'holdfast.endpoint': 'shop/a',
      'holdfast.connection.end': 'closed',
      'holdfast.connection.bytes_in': 5,
      'holdfast.session.hash': KEY.slice(0, 11),
    });
  });

  it.each([
    ['refused', 'UPSTREAM_NONE_AVAILABLE', true],
    ['endpoint-reset', undefined, true],
    ['client-reset', undefined, false],
    ['idle', undefined, false],
  ] as const)('that ended as %s with %s has failed: %s', (end, error, isError) => {
    expect(of({ end, error }).content.isError).toBe(isError);
  });
});

describe('no span', () => {
  it('holds a session id, or more than half of a key', () => {
    const resolution = testResolution({ endpoint: testEndpoint('a'), session });
    const text = JSON.stringify(spansOf({ resolution }));
    expect(text).toContain(KEY.slice(0, 11));
    expect(text).not.toContain(KEY.slice(0, 12));
    for (const encoding of ['utf8', 'hex', 'base64', 'base64url'] as const)
      expect(text).not.toContain(SESSION_ID.toString(encoding));
  });
});
