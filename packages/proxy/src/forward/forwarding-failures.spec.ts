import type { ErrorCode } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { testEndpoint } from '../testing/endpoints.ts';
import { ForwardingWorld } from '../testing/forwarding-world.ts';
import { chunked } from '../testing/test-exchange.ts';

describe('a client that leaves', () => {
  it('before its session is found bothers no endpoint', async () => {
    const world = new ForwardingWorld();
    world.affinity.isWarm = false;
    const exchange = world.receive();
    exchange.events?.onClientGone();
    await world.affinity.answer();
    expect(world.arrived).toEqual([]);
    expect(world.records).toMatchObject([{ status: 499, error: 'DOWNSTREAM_DISCONNECTED', attempts: 0 }]);
  });

  it('while the endpoint works ends the work there', () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    exchange.events?.onClientGone();
    expect(world.upstream.isAborted).toBe(true);
    expect(world.inFlight).toBe(0);
    expect(exchange.response).toBeUndefined();
    expect(world.records).toMatchObject([{ status: 499, error: 'DOWNSTREAM_DISCONNECTED' }]);
  });

  it('during the response is logged with the status that it saw', () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    world.upstream.respond(206);
    exchange.events?.onClientGone();
    expect(world.upstream.isAborted).toBe(true);
    expect(world.records).toMatchObject([{ status: 206, error: 'DOWNSTREAM_DISCONNECTED' }]);
  });

  it('says nothing against the endpoint', () => {
    const world = new ForwardingWorld();
    for (let request = 0; request < 20; request++) world.receive().events?.onClientGone();
    expect(world.pool.usable).toHaveLength(3);
  });
});

describe('a request body that breaks the rules', () => {
  it('ends the work at the endpoint, and is recorded as what the server answers', () => {
    const world = new ForwardingWorld();
    const exchange = world.receive({ method: 'POST', fields: chunked });
    world.upstream.wantBody();
    expect(exchange.events?.onRequestBroken('DOWNSTREAM_BAD_REQUEST', 400)).toBe('request-1');
    expect(world.upstream.isAborted).toBe(true);
    expect(world.upstream.isEnded).toBe(false);
    expect(exchange.response).toBeUndefined();
    expect(world.records).toMatchObject([{ status: 400, error: 'DOWNSTREAM_BAD_REQUEST' }]);
    expect(world.pool.usable).toHaveLength(3);
  });

  it('during the response is recorded with the status that the client saw', () => {
    const world = new ForwardingWorld();
    const exchange = world.receive({ method: 'POST', fields: chunked });
    world.upstream.respond(200);
    exchange.events?.onRequestBroken('DOWNSTREAM_TIMEOUT', 408);
    expect(world.records).toMatchObject([{ status: 200, error: 'DOWNSTREAM_TIMEOUT' }]);
  });
});

describe('an endpoint that fails', () => {
  it.each<[ErrorCode, number]>([
    ['UPSTREAM_TIMEOUT', 504],
    ['UPSTREAM_BAD_RESPONSE', 502],
  ])('with %s is answered with %i', (code, status) => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    world.upstream.fail(code);
    expect(exchange.response?.status).toBe(status);
    expect(exchange.isOver).toBe(true);
    expect(world.records).toMatchObject([{ status, error: code, attempts: 1 }]);
  });

  it('after early hints still gets the client an answer', () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    world.upstream.inform(103, ['Link', '</a.css>']);
    world.upstream.fail('UPSTREAM_TIMEOUT');
    expect(exchange.response?.status).toBe(504);
  });

  it('with a 5xx of its own has answered: it is relayed, and not held against it', () => {
    const world = new ForwardingWorld();
    for (let request = 0; request < 20; request++) {
      const exchange = world.receive();
      world.upstream.respond(500);
      world.upstream.finish();
      expect(exchange.response?.status).toBe(500);
    }
    expect(world.pool.usable).toHaveLength(3);
  });

  it.each<[ErrorCode, number]>([
    ['UPSTREAM_CONNECT_FAILED', 2],
    ['UPSTREAM_CONNECT_TIMEOUT', 2],
    ['UPSTREAM_RESET', 3],
    ['UPSTREAM_TIMEOUT', 3],
    ['UPSTREAM_BAD_RESPONSE', 3],
  ])('with %s goes down by the count for its kind: after %i', (code, count) => {
    const outlierDetection = { connectFailures: 2, consecutiveFailures: 3, ejectionTime: 10_000 };
    const world = new ForwardingWorld({}, { outlierDetection });
    const [endpoint] = world.pool.endpoints;
    world.affinity.changes = { endpoint };
    for (let failure = 1; failure <= count; failure++) {
      expect(endpoint?.standing).toBe('serving');
      world.receive({ method: 'POST' });
      world.upstream.fail(code, 'sent');
    }
    expect(endpoint?.standing).toBe('down');
  });
});

describe('a defect on the way to the endpoint', () => {
  it('is answered with 500 and leaves no place taken, though nobody waits for the promise it breaks', async () => {
    const world = new ForwardingWorld();
    const nowhere = testEndpoint('nowhere');
    world.affinity.isWarm = false;
    world.affinity.changes = { endpoint: nowhere };
    const exchange = world.receive();
    await world.affinity.answer();
    expect(exchange.response?.status).toBe(500);
    expect(world.records).toMatchObject([{ status: 500, error: 'INTERNAL' }]);
    expect(nowhere.inFlight).toBe(0);
  });
});
