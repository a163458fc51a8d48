import { describe, expect, it } from 'vitest';
import { ForwardingWorld } from '../testing/forwarding-world.ts';
import { valuesOf } from '../testing/response-head.ts';
import { chunked } from '../testing/test-exchange.ts';

describe('a failover', () => {
  it('tries another endpoint, tells it that the session has moved, and shows the client nothing', async () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    world.upstream.fail('UPSTREAM_CONNECT_FAILED', 'nothing-sent');
    expect(exchange.response).toBeUndefined();
    await world.affinity.answer();
    expect(world.arrived).toHaveLength(2);
    expect(valuesOf(world.upstream.request.fields.toList(), 'holdfast-session-moved')).toEqual([
      'from=shop/a; reason=connect-failed',
    ]);
    world.upstream.respond();
    world.upstream.finish();
    expect(exchange.response?.status).toBe(200);
    expect(world.records).toMatchObject([
      {
        status: 200,
        error: undefined,
        attempts: 2,
        resolution: { outcome: 'repinned', endpoint: { id: 'shop/b' } },
      },
    ]);
  });

  it('counts a request at one endpoint at a time', async () => {
    const world = new ForwardingWorld();
    const [a, b] = world.pool.endpoints;
    world.receive();
    expect([a?.inFlight, b?.inFlight]).toEqual([1, 0]);
    world.upstream.fail('UPSTREAM_CONNECT_FAILED', 'nothing-sent');
    expect(world.inFlight).toBe(0);
    await world.affinity.answer();
    expect([a?.inFlight, b?.inFlight]).toEqual([0, 1]);
    world.upstream.respond();
    world.upstream.finish();
    expect(world.inFlight).toBe(0);
  });

  it('happens once: the second failure is answered', async () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    world.upstream.fail('UPSTREAM_CONNECT_FAILED', 'nothing-sent');
    await world.affinity.answer();
    world.upstream.fail('UPSTREAM_CONNECT_FAILED', 'nothing-sent');
    await world.affinity.answer();
    expect(world.arrived).toHaveLength(2);
    expect(exchange.response?.status).toBe(502);
    expect(world.records).toMatchObject([{ attempts: 2, error: 'UPSTREAM_CONNECT_FAILED' }]);
  });

  it('is none where the proxy itself closed the connection: nothing is held against the endpoint', async () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    world.upstream.fail('INTERNAL_SHUTDOWN', 'nothing-sent');
    await world.affinity.answer();
    expect(world.arrived).toHaveLength(1);
    expect(exchange.response?.status).toBe(503);
    expect(world.pool.endpoints.map(({ standing }) => standing)).not.toContain('down');
    expect(world.records).toMatchObject([{ attempts: 1, error: 'INTERNAL_SHUTDOWN' }]);
  });

  it('that finds no other endpoint ends with what happened at the only one', async () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    for (const endpoint of world.pool.endpoints) world.pool.reported(endpoint, 'connect-failed');
    world.upstream.fail('UPSTREAM_RESET', 'sent');
    await world.affinity.answer();
    expect(exchange.response?.status).toBe(502);
    expect(world.records).toMatchObject([{ error: 'UPSTREAM_RESET', attempts: 1 }]);
  });

  it('that finds no endpoint to connect to says that there is none', async () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    for (const endpoint of world.pool.endpoints) world.pool.reported(endpoint, 'connect-failed');
    world.upstream.fail('UPSTREAM_CONNECT_FAILED', 'nothing-sent');
    await world.affinity.answer();
    expect(exchange.response?.status).toBe(503);
    expect(world.records).toMatchObject([{ error: 'UPSTREAM_NONE_AVAILABLE', attempts: 1 }]);
  });

  it('that must not move the session ends with 503', async () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    world.affinity.changes = { endpoint: undefined, refusal: 'endpoint-down' };
    world.upstream.fail('UPSTREAM_CONNECT_FAILED', 'nothing-sent');
    await world.affinity.answer();
    expect(exchange.response?.status).toBe(503);
  });

  it.each(['POST', 'PATCH'])('never follows a %s that the endpoint may have seen', (method) => {
    const world = new ForwardingWorld();
    const exchange = world.receive({ method });
    world.upstream.fail('UPSTREAM_RESET', 'sent');
    expect(exchange.response?.status).toBe(502);
    expect(world.arrived).toHaveLength(1);
  });

  it('never follows the first byte of a response', () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    world.upstream.respond();
    world.upstream.fail('UPSTREAM_RESET');
    expect(exchange.isAborted).toBe(true);
    expect(world.arrived).toHaveLength(1);
  });

  it('never follows a body that was asked for: a piece that arrives meanwhile would be lost', () => {
    const world = new ForwardingWorld();
    const exchange = world.receive({ method: 'PUT', fields: chunked });
    world.upstream.wantBody();
    world.upstream.fail('UPSTREAM_RESET', 'sent');
    exchange.events?.onRequestBody(Buffer.from('12345'));
    expect(world.arrived).toHaveLength(1);
    expect(exchange.response?.status).toBe(502);
  });

  it('follows a request with a body that nobody has asked for yet, and sends all of it', async () => {
    const world = new ForwardingWorld();
    const { events } = world.receive({ method: 'PUT', fields: chunked });
    world.upstream.fail('UPSTREAM_CONNECT_FAILED', 'nothing-sent');
    await world.affinity.answer();
    world.upstream.wantBody();
    events?.onRequestBody(Buffer.from('12345'));
    events?.onRequestEnd([]);
    expect(world.upstream.pieces).toEqual(['12345']);
    expect(world.upstream.isEnded).toBe(true);
  });

  it('is called off by a client that leaves meanwhile', async () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    world.upstream.fail('UPSTREAM_CONNECT_FAILED', 'nothing-sent');
    exchange.events?.onClientGone();
    await world.affinity.answer();
    expect(world.arrived).toHaveLength(1);
    expect(world.records).toMatchObject([{ status: 499, error: 'DOWNSTREAM_DISCONNECTED', attempts: 1 }]);
  });

  it('is answered with 500 where the affinity breaks its promise', async () => {
    const world = new ForwardingWorld();
    const exchange = world.receive();
    world.upstream.fail('UPSTREAM_CONNECT_FAILED', 'nothing-sent');
    await world.affinity.answer(new TypeError('a defect'));
    expect(exchange.response?.status).toBe(500);
    expect(world.records).toMatchObject([{ error: 'INTERNAL' }]);
  });

  it('is not made beyond the retry budget where requests had been sent: a pool that fails is not buried', async () => {
    const outlierDetection = { connectFailures: 1_000, consecutiveFailures: 1_000, ejectionTime: 10_000 };
    const world = new ForwardingWorld({}, { outlierDetection });
    for (let request = 0; request < 100; request++) {
      world.receive();
      world.upstream.fail('UPSTREAM_RESET', 'sent');
      await world.affinity.answer();
      if (!world.upstream.isOver) world.upstream.fail('UPSTREAM_RESET', 'sent');
    }
    // A reserve of ten and a fifth of a hundred requests.
    expect(world.arrived.length).toBeGreaterThanOrEqual(128);
    expect(world.arrived.length).toBeLessThanOrEqual(130);
  });

  it('is always made where nothing was sent: no endpoint has seen the request, so none is burdened twice', async () => {
    const outlierDetection = { connectFailures: 1_000, consecutiveFailures: 1_000, ejectionTime: 10_000 };
    const world = new ForwardingWorld({}, { outlierDetection });
    for (let request = 0; request < 100; request++) {
      world.receive();
      world.upstream.fail('UPSTREAM_CONNECT_FAILED', 'nothing-sent');
      await world.affinity.answer();
      world.upstream.fail('UPSTREAM_CONNECT_FAILED', 'nothing-sent');
    }
    expect(world.arrived).toHaveLength(200);
  });
});
