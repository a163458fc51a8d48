import { settle } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { Peer } from '../exchange/peer.ts';
import { ForwardingWorld } from '../testing/forwarding-world.ts';
import { valuesOf } from '../testing/response-head.ts';
import { chunked } from '../testing/test-exchange.ts';
import type { TestUpstreamRequest } from '../testing/test-upstream.ts';
import { TrustedProxies } from './trusted-proxies.ts';

const told = (world: ForwardingWorld, name: string) => valuesOf(world.upstream.request.fields.toList(), name);

describe('a request', () => {
  it('reaches an endpoint as it came, with the fields for endpoints', () => {
    const world = new ForwardingWorld();
    world.receive({ method: 'PATCH', target: '/a?b=c', fields: [...chunked, 'X-One', '1'] });
    expect(world.upstream.request).toMatchObject({ method: 'PATCH', target: '/a?b=c', isChunked: true });
    expect(told(world, 'x-one')).toEqual(['1']);
    expect(told(world, 'x-forwarded-for')).toEqual(['192.0.2.7']);
    expect(told(world, 'x-request-id')).toEqual(['request-1']);
  });

  it.each([
    ['GET', [], { body: 'none', isReplayable: true, isUpgrade: false }],
    ['POST', [], { body: 'none', isReplayable: false, isUpgrade: false }],
    ['PUT', ['Content-Length', '0'], { body: 'none', isUpgrade: false }],
    ['PUT', ['Content-Length', '1'], { body: 'length', isReplayable: false, isUpgrade: false }],
    ['PUT', chunked, { body: 'chunked', isReplayable: false, isUpgrade: false }],
    ['GET', ['Connection', 'upgrade', 'Upgrade', 'websocket'], { body: 'none', isUpgrade: true }],
    ['GET', ['Connection', 'upgrade', 'Upgrade', 'h2c'], { body: 'none', isUpgrade: false }],
  ] as const)('by %s with %j goes to an endpoint as %j', (method, fields, head) => {
    const world = new ForwardingWorld();
    world.receive({ method, fields });
    expect(world.upstream.head).toMatchObject({ method, ...head });
  });

  it('keeps the id that a trusted proxy gave it, and not one that a client did', () => {
    const fields = ['X-Request-Id', 'from-the-edge'];
    const world = new ForwardingWorld({ trustedProxies: new TrustedProxies(['10.0.0.1']) });
    world.receive({ fields, peer: new Peer('10.0.0.1', 80, false) });
    expect(told(world, 'x-request-id')).toEqual(['from-the-edge']);
    world.receive({ fields, peer: new Peer('10.0.0.2', 80, false) });
    expect(told(world, 'x-request-id')).toEqual(['request-1']);
  });

  it('waits for the session map where the session is not warm', async () => {
    const world = new ForwardingWorld();
    world.affinity.isWarm = false;
    world.receive();
    expect(world.arrived).toEqual([]);
    await world.affinity.answer();
    expect(world.arrived).toHaveLength(1);
  });

  it('tells the endpoint of a session that has just moved, and only then', () => {
    const world = new ForwardingWorld();
    world.receive({ fields: ['Holdfast-Session-Moved', 'from=shop/x'] });
    expect(told(world, 'holdfast-session-moved')).toEqual([]);
    world.affinity.changes = { movedFrom: 'shop/z', reason: 'endpoint-down' };
    world.receive();
    expect(told(world, 'holdfast-session-moved')).toEqual(['from=shop/z; reason=endpoint-down']);
  });

  it.each([
    ['no endpoint may serve', 'all-down', 'UPSTREAM_NONE_AVAILABLE'],
    ['its endpoint is down and it may not move', 'endpoint-down', 'UPSTREAM_NONE_AVAILABLE'],
    ['the session map is away and needed', 'store-unavailable', 'STORE_UNAVAILABLE'],
  ] as const)('is answered with 503 where %s', (_, refusal, error) => {
    const world = new ForwardingWorld();
    world.affinity.changes = { endpoint: undefined, refusal };
    const exchange = world.receive();
    expect(exchange.response?.status).toBe(503);
    expect(world.records).toMatchObject([{ status: 503, error, attempts: 0 }]);
  });

  it('is answered with 500, and the failure is logged, where the affinity breaks its promise', async () => {
    const world = new ForwardingWorld();
    world.affinity.isWarm = false;
    const exchange = world.receive();
    await world.affinity.answer(new TypeError('a defect'));
    expect(exchange.response?.status).toBe(500);
    expect(world.records).toMatchObject([{ status: 500, error: 'INTERNAL' }]);
    expect(world.log.entries).toMatchObject([
      { level: 'error', fields: { request_id: 'request-1', code: 'INTERNAL' } },
    ]);
  });
});

describe('a response', () => {
  it('reaches the client as it came, with its trailers', () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    world.upstream.respond(404, ['X-One', '1', 'Content-Length', '5'], 'Not Here');
    world.upstream.send('so');
    world.upstream.send('rry');
    world.upstream.finish(['X-Sum', '5']);
    expect(exchange.response).toMatchObject({ status: 404, reason: 'Not Here', contentLength: 5 });
    expect(exchange.response?.fields.slice(0, 2)).toEqual(['X-One', '1']);
    expect(exchange.body).toBe('sorry');
    expect(exchange.trailers).toEqual(['X-Sum', '5']);
  });

  it('of unknown length stays so', () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    world.upstream.respond(200, chunked);
    expect(exchange.response?.contentLength).toBe(-1);
  });

  it('carries the cookie that the session needs', () => {
    const world = new ForwardingWorld();
    world.affinity.cookieName = '_srv_id';
    world.affinity.newCookie = '_srv_id=sealed';
    const exchange = world.receive({ fields: ['Cookie', '_srv_id=old; a=1'] });
    expect(told(world, 'cookie')).toEqual(['a=1']);
    world.upstream.respond(200, ['Set-Cookie', '_srv_id=theirs']);
    expect(valuesOf(exchange.response?.fields ?? [], 'set-cookie')).toEqual(['_srv_id=sealed']);
  });

  it('is preceded by early hints, and not by a second 100', () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    world.upstream.inform(100);
    world.upstream.inform(103, ['Link', '</a.css>', 'Connection', 'close', 'Set-Cookie', '_srv_id=1']);
    world.upstream.respond();
    expect(exchange.interim.map(({ status }) => status)).toEqual([103]);
    expect(exchange.interim[0]?.fields.slice(0, 2)).toEqual(['Link', '</a.css>']);
    expect(valuesOf(exchange.interim[0]?.fields ?? [], 'connection')).toEqual([]);
  });

  it.each([
    [false, []],
    [true, ['node-1']],
  ])('says what became of the session where the listener is asked to: %s', (debugHeaders, names) => {
    const world = new ForwardingWorld({ debugHeaders });
    const exchange = world.receive();
    world.upstream.respond();
    expect(valuesOf(exchange.response?.fields ?? [], 'holdfast-node')).toEqual(names);
  });
});

describe('the record of a request', () => {
  it('tells of times, bytes and the session, and never of the query', async () => {
    const world = new ForwardingWorld();
    world.affinity.isWarm = false;
    const { events } = world.receive({ method: 'POST', target: '/cart?token=secret', fields: chunked });
    await world.clock.advance(3);
    await world.affinity.answer();
    world.upstream.wantBody();
    events?.onRequestBody(Buffer.from('12345'));
    await world.clock.advance(20);
    world.upstream.respond(201);
    world.upstream.send('123');
    await world.clock.advance(7);
    world.upstream.finish();
    expect(world.records).toMatchObject([
      {
        listener: 'web',
        route: 'shop.example/',
        pool: 'shop',
        method: 'POST',
        path: '/cart',
        httpVersion: '1.1',
        requestId: 'request-1',
        clientAddress: '192.0.2.7',
        status: 201,
        error: undefined,
        resolution: { outcome: 'hit', endpoint: { id: 'shop/a' } },
        attempts: 1,
        bytesIn: 5,
        bytesOut: 3,
        durationMs: 30,
        affinityMs: 3,
        upstreamMs: 20,
      },
    ]);
  });
});

/** How a request ends, by the endpoint. */
const ENDINGS: readonly (readonly [string, (endpoint: TestUpstreamRequest) => void])[] = [
  [
    'a complete response',
    (endpoint) => {
      endpoint.respond();
      endpoint.finish();
    },
  ],
  ['a failure', (endpoint) => endpoint.fail('UPSTREAM_TIMEOUT')],
  [
    'a broken response',
    (endpoint) => {
      endpoint.respond();
      endpoint.fail('UPSTREAM_RESET');
    },
  ],
];

describe('after the end', () => {
  it.each(ENDINGS)('late events of the client change nothing: %s', async (_, finish) => {
    const world = new ForwardingWorld({ bodyBytesMax: 4 });
    const exchange = world.receive({ method: 'POST', fields: chunked });
    finish(world.upstream);
    const seen = () => structuredClone([exchange.response, exchange.body, world.records.length]);
    const before = seen();
    exchange.events?.onRequestBody(Buffer.from('more than is allowed'));
    exchange.events?.onRequestEnd([]);
    exchange.events?.onResponseDrain();
    exchange.events?.onClientGone();
    await settle();
    expect(seen()).toEqual(before);
    expect(world.upstream.pieces).toEqual([]);
    expect(world.upstream.isEnded).toBe(false);
    expect(world.inFlight).toBe(0);
  });
});
