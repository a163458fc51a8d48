import { systemClock } from '@holdfast/shared';
import type { RouteConfig } from '@holdfast/shared/config';
import { describe, expect, it } from 'vitest';
import type { Exchange } from '../exchange/exchange.ts';
import { Peer } from '../exchange/peer.ts';
import type { Forwarder } from '../forward/forwarder.ts';
import type { RequestRecord } from '../forward/request-record.ts';
import { TrustedProxies } from '../forward/trusted-proxies.ts';
import { valuesOf } from '../testing/response-head.ts';
import { TestExchange, type TestRequest } from '../testing/test-exchange.ts';
import { exchangeHandler } from './serve-exchange.ts';

const listener = {
  name: 'web',
  trustedProxies: new TrustedProxies([]),
  bodyBytesMax: undefined,
  debugHeaders: false,
};

/** Serves a request by these routes, and tells which pool took it over as which route. */
function serve(routes: readonly RouteConfig[], request: TestRequest) {
  const taken: string[] = [];
  const records: RequestRecord[] = [];
  const forwarderOf = (pool: string) => ({
    forward(exchange: Exchange, { name }: { name: string }, route: string) {
      if (exchange.request.path === '/broken') throw new TypeError('a defect');
      taken.push(`${pool} ${name} ${route}`);
    },
  });
  const pools = new Set(routes.map(({ pool }) => pool));
  const forwarders = new Map([...pools].map((pool) => [pool, forwarderOf(pool) as unknown as Forwarder]));
  const handle = exchangeHandler({
    routes,
    forwarders,
    listener,
    newRequestId: () => 'request-1',
    recorder: { requestFinished: (record) => records.push(record) },
    clock: systemClock,
  });
  const exchange = new TestExchange(request);
  handle(exchange);
  return { exchange, taken, records };
}

const routes: readonly RouteConfig[] = [
  { match: { path: '/' }, pool: 'shop' },
  { match: { path: '/api' }, pool: 'api' },
];

describe('an exchange', () => {
  it.each(['GET', 'HEAD', 'POST', 'OPTIONS', 'PROPFIND', 'get'])(
    'with method %s goes to the pool of its route, within the call',
    (method) => {
      expect(serve(routes, { method, target: '/api/x?y' }).taken).toEqual(['api web /api']);
    },
  );

  it('that asks of the server itself goes to the route of /', () => {
    expect(serve(routes, { method: 'OPTIONS', target: '*' }).taken).toEqual(['shop web /']);
  });

  it('over TLS goes the same way', () => {
    const peer = new Peer('192.0.2.7', 443, true);
    expect(serve(routes, { target: '/api', peer }).taken).toEqual(['api web /api']);
  });

  it('with a URL as target goes by the host of the URL', () => {
    const hosts: readonly RouteConfig[] = [{ match: { path: '/', host: 'a.example' }, pool: 'a' }];
    const target = 'http://a.example/x';
    expect(serve(hosts, { target, fields: ['Host', 'b.example'] }).taken).toEqual(['a web a.example/']);
  });

  it.each([
    ['/x/../api', 'api'],
    ['/x/%2e%2E/api', 'api'],
    ['/./api', 'api'],
    ['/x\\..\\api', 'api'],
    ['/%61pi', 'api'],
    ['/%41pi', 'shop'],
    ['/ap%69/x', 'api'],
    ['/api%2Fx', 'shop'],
    ['/x%5C..%5capi', 'shop'],
    ['/api/../x', 'shop'],
    ['/api/%2e./x', 'shop'],
    ['/api/..', 'shop'],
    ['/api?x=/../', 'api'],
    ['//x/./api', 'shop'],
    ['/.api', 'shop'],
    ['/api./x', 'shop'],
  ])('for %s is routed as an endpoint would read it: to %s', (target, pool) => {
    expect(serve(routes, { target }).taken).toEqual([`${pool} web ${pool === 'api' ? '/api' : '/'}`]);
  });

  it.each(['[::::]', '256.256.256.256', 'a%00b', 'x%7f', '[1.2.3.4]', 'a_b', '..', 'h:65535'])(
    'with host %s, which a URL could not name, is routed as any other',
    (host) => {
      for (const target of ['/.', '/./api', '/x/../api', '//x/../..//api', '/\\\\x']) {
        expect(serve(routes, { target, fields: ['Host', host] }).taken).toHaveLength(1);
      }
    },
  );

  it('whose forwarding fails by a defect is answered all the same', () => {
    const { exchange, records } = serve(routes, { target: '/broken' });
    expect(exchange.response?.status).toBe(500);
    expect(exchange.isOver).toBe(true);
    expect(records).toMatchObject([{ status: 500, error: 'INTERNAL', path: '/broken', pool: '' }]);
  });

  it('that no route matches is answered with 404', () => {
    const { exchange, taken, records } = serve([{ match: { path: '/api' }, pool: 'api' }], {
      target: '/other',
    });
    expect(taken).toEqual([]);
    expect(exchange.response?.status).toBe(404);
    expect(valuesOf(exchange.response?.fields ?? [], 'x-request-id')).toEqual(['request-1']);
    expect(exchange.body).toContain('code: DOWNSTREAM_NO_ROUTE');
    expect(exchange.isOver).toBe(true);
    expect(records).toMatchObject([
      { listener: 'web', status: 404, error: 'DOWNSTREAM_NO_ROUTE', requestId: 'request-1', attempts: 0 },
    ]);
  });
});
