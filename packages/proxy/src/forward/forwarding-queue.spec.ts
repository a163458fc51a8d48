import { endpointId } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import type { Endpoint } from '../pool/endpoint.ts';
import { shop, testEndpoint } from '../testing/endpoints.ts';
import { ForwardingWorld } from '../testing/forwarding-world.ts';

/** A world of endpoints `a` and `b` that take one request at a time; sessions are all pinned to `a`. */
function busyWorld(): ForwardingWorld & { readonly a: Endpoint } {
  const endpoints = ['a', 'b'].map((id) => testEndpoint(id, 1, { connectionsMax: 1 }));
  const world = new ForwardingWorld({}, { endpoints });
  const a = world.pool.find(endpointId(shop, 'a')) as Endpoint;
  world.affinity.changes = { endpoint: a };
  return Object.assign(world, { a });
}

describe('a request whose endpoint has as many as it may have', () => {
  it('waits, and is sent when the one before it is over', () => {
    const world = busyWorld();
    world.receive({ target: '/first' });
    const second = world.receive({ target: '/second' });
    expect(world.arrived).toHaveLength(1);
    expect([world.a.inFlight, world.a.waiting]).toEqual([2, 1]);
    world.upstream.respond();
    world.upstream.finish();
    expect(world.upstream.request.target).toBe('/second');
    world.upstream.respond(204);
    world.upstream.finish();
    expect(second.response?.status).toBe(204);
    expect([world.inFlight, world.a.waiting]).toEqual([0, 0]);
    expect(world.records.map(({ attempts }) => attempts)).toEqual([1, 1]);
  });

  it('is answered 503 with Retry-After when it has waited for long enough; nothing is held against the endpoint', async () => {
    const world = busyWorld();
    world.receive();
    const second = world.receive();
    await world.clock.advance(1_300);
    expect(second.response?.status).toBe(503);
    expect(second.response?.fields.join(': ')).toContain('Retry-After: 1');
    expect(world.records.map(({ error, attempts }) => [error, attempts])).toEqual([
      ['UPSTREAM_QUEUE_TIMEOUT', 0],
    ]);
    expect([world.a.standing, world.a.outlier]).toMatchObject(['serving', { requestFailures: 0 }]);
    expect([world.inFlight, world.a.waiting]).toEqual([1, 0]);
  });

  it('is answered 503 at once when as many wait as may', () => {
    const world = busyWorld();
    for (let count = 0; count < 4; count++) world.receive();
    const last = world.receive();
    expect(last.response?.status).toBe(503);
    expect(world.records.map(({ error }) => error)).toEqual(['UPSTREAM_QUEUE_FULL']);
    expect(world.a.inFlight).toBe(4);
  });

  it('is not sent when its client has left meanwhile', () => {
    const world = busyWorld();
    world.receive({ target: '/first' });
    const second = world.receive({ target: '/second' });
    world.receive({ target: '/third' });
    second.events?.onClientGone();
    world.upstream.respond();
    world.upstream.finish();
    expect(world.arrived.map(({ request }) => request.target)).toEqual(['/first', '/third']);
  });

  it('asks for no body while it waits', () => {
    const world = busyWorld();
    world.receive();
    const second = world.receive({ method: 'POST', fields: ['Content-Length', '5'] });
    expect(second.isReading).toBe(false);
  });

  it('goes elsewhere when its endpoint is found to be down, whatever its method', async () => {
    const world = busyWorld();
    world.receive();
    world.receive({ method: 'POST', target: '/second' });
    world.pool.reported(world.a, 'connect-failed');
    await world.clock.advance(100);
    world.affinity.changes = {};
    await world.affinity.answer();
    expect(world.upstream.request.target).toBe('/second');
    expect(world.a.waiting).toBe(0);
  });
});
