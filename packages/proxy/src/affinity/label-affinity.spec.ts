import { describe, expect, it } from 'vitest';
import { type SessionNode, sessionCluster, type TestVisit } from '../testing/session-world.ts';

const named = (label: string): TestVisit => ({ fields: ['Cookie', `S=${label}`] });
const labelCookie = { type: 'label-cookie', name: 'S', derive: 'address-md5' };

/** A node whose endpoints a, b and c have these labels. */
function nodeWith(affinity: object, labels: readonly string[] = ['a', 'b', 'c']): SessionNode {
  const [node] = sessionCluster({ affinity }).nodes;
  node.pool.setEndpoints(
    node.pool.endpoints.map((endpoint, index) => ({ ...endpoint, label: labels[index] })),
  );
  return node;
}

/** Has the node have as many requests at these endpoints as it may have. */
function fill(node: SessionNode, ...ids: readonly string[]): void {
  for (const endpoint of node.pool.endpoints)
    if (ids.includes(endpoint.id)) Object.assign(endpoint, { connectionsMax: 1, inFlight: 1 });
}

/** A request that its endpoint could not take. */
async function failed(node: SessionNode, visit: TestVisit) {
  const claim = node.claimOf(visit.fields ?? []);
  const nowMs = node.clock.now();
  const first = node.affinity.resolveNear(claim, nowMs) ?? (await node.affinity.resolve(claim, nowMs));
  return { first, next: await node.affinity.failover(claim, first, 'connect-failed', nowMs) };
}

describe('a request that names its endpoint', () => {
  it('goes there, and elsewhere with word of it while that is down', async () => {
    const node = nodeWith(labelCookie);
    expect(await node.visit(named('b'))).toMatchObject({ endpoint: { id: 'shop/b' }, outcome: 'hit' });
    node.takeDown('shop/b');
    const moved = await node.visit(named('b'));
    expect(moved).toMatchObject({ outcome: 'fallback', reason: 'endpoint-down', movedFrom: 'shop/b' });
    expect(moved.endpoint?.id).not.toBe('shop/b');
  });

  it('does not wait there with onEndpointBusy: repin, unless nobody has room', async () => {
    const node = nodeWith({ ...labelCookie, onEndpointBusy: 'repin' });
    fill(node, 'shop/b');
    expect(await node.visit(named('b'))).toMatchObject({ reason: 'endpoint-busy', movedFrom: 'shop/b' });
    fill(node, 'shop/a', 'shop/c');
    const places = [await node.visit(named('b')), await node.visit(named('b')), await node.visit(named('b'))];
    for (const { endpoint, movedFrom } of places)
      expect(movedFrom).toBe(endpoint?.id === 'shop/b' ? undefined : 'shop/b');
    expect(places.map(({ endpoint }) => endpoint?.id)).toContain('shop/b');
  });

  it('goes by the first of several cookies that names an endpoint which serves, as in HAProxy', async () => {
    const node = nodeWith(labelCookie);
    const placeOf = async (...labels: readonly string[]) =>
      (await node.visit({ fields: ['Cookie', labels.map((label) => `S=${label}`).join('; ')] })).endpoint?.id;
    expect(await placeOf('nobody', 'b')).toBe('shop/b');
    expect(await placeOf('c', 'b')).toBe('shop/c');
    node.takeDown('shop/c');
    expect(await placeOf('c', 'nobody', 'b')).toBe('shop/b');
    const moved = await node.visit({ fields: ['Cookie', 'S=nobody', 'Cookie', 'S=c'] });
    expect(moved).toMatchObject({ reason: 'endpoint-down', movedFrom: 'shop/c' });
  });

  it('asks the first that it names, down or not, where whenDown: try has it', async () => {
    const node = nodeWith({ ...labelCookie, whenDown: 'try' });
    node.takeDown('shop/b');
    expect(await node.visit({ fields: ['Cookie', 'S=nobody; S=b; S=c'] })).toMatchObject({
      endpoint: { id: 'shop/b' },
    });
  });

  it('goes by one value alone where the application names its endpoint, as in nginx', async () => {
    const node = nodeWith({ type: 'label', in: 'cookie', name: 'S' });
    expect(await node.visit({ fields: ['Cookie', 'S=nobody; S=b'] })).toMatchObject({ outcome: 'none' });
    expect(await node.visit({ fields: ['Cookie', 'S=; S=b'] })).toMatchObject({ endpoint: { id: 'shop/b' } });
  });

  it('has come from the one of two namesakes that it would have gone to', async () => {
    const node = nodeWith({ ...labelCookie, onEndpointBusy: 'repin' }, ['s', 's', 'c']);
    node.takeDown('shop/a');
    fill(node, 'shop/b');
    expect(await node.visit(named('s'))).toMatchObject({ endpoint: { id: 'shop/c' }, movedFrom: 'shop/b' });
  });
});

describe('a request that its endpoint could not take', () => {
  it('is refused with onEndpointDown: fail if it has named that endpoint, and tried elsewhere if not', async () => {
    const node = nodeWith({ ...labelCookie, onEndpointDown: 'fail' });
    const { next } = await failed(node, named('b'));
    expect(next).toMatchObject({ endpoint: undefined, refusal: 'endpoint-down' });
    const stranger = await failed(node, {});
    expect(stranger.next.endpoint).toBeDefined();
    expect(stranger.next.endpoint).not.toBe(stranger.first.endpoint);
  });

  it('is refused with failover: false, whatever it has named', async () => {
    const node = nodeWith({ ...labelCookie, failover: false });
    for (const visit of [named('b'), {}])
      expect((await failed(node, visit)).next).toMatchObject({ endpoint: undefined });
  });
});
