import { describe, expect, it } from 'vitest';
import { placeOf, sessionCluster } from '../testing/session-world.ts';
import { addressClaim } from './claim.ts';

const MINUTE_MS = 60_000;
const HEADER = { type: 'header', name: 'X-Session' };
const SOURCE_IP = { type: 'source-ip' };

describe('a key that clients make up', () => {
  it.each([
    ['a header', HEADER, { fields: ['x-session', 'abc'] }, 'header'],
    ['a parameter of the query', { type: 'query', name: 'sid' }, { target: '/?sid=abc' }, 'query'],
    ['a parameter of the path', { type: 'path' }, { target: '/a;jsessionid=abc/b' }, 'path'],
    ['an address', SOURCE_IP, { from: '192.0.2.9' }, 'source-ip'],
  ])('as %s begins a session, which every node finds', async (_what, affinity, visit, source) => {
    const { map, nodes } = sessionCluster({ affinity });
    const first = await nodes[0].visit(visit);
    expect(first).toMatchObject({ outcome: 'created', source, tier: 'none' });
    for (const node of nodes)
      expect(await node.visit(visit)).toMatchObject({
        outcome: 'hit',
        source,
        endpoint: { id: placeOf(first) },
      });
    expect(await nodes[0].visit(visit)).toMatchObject({ tier: 'near' });
    expect(map.size).toBe(1);
  });

  it('is one session for requests that come at once, wherever they come', async () => {
    const { map, nodes } = sessionCluster({ affinity: HEADER });
    const visits = await Promise.all(
      Array.from({ length: 30 }, (_, index) => nodes[index % 3]!.visit({ fields: ['X-Session', 'abc'] })),
    );
    expect(new Set(visits.map(placeOf)).size).toBe(1);
    expect(map.size).toBe(1);
  });

  it('stays with its session through the death of the endpoint', async () => {
    const { nodes } = sessionCluster({ affinity: HEADER });
    const visit = { fields: ['X-Session', 'abc'] };
    const home = placeOf(await nodes[0].visit(visit)) as string;
    for (const node of nodes) node.takeDown(home);
    const moved = await nodes[1].visit(visit);
    expect(moved).toMatchObject({ outcome: 'repinned', movedFrom: home });
    for (const node of nodes) node.bringBack(home);
    for (const node of nodes) expect(placeOf(await node.visit(visit))).toBe(placeOf(moved));
  });

  it('ends when it would have ended, though it is sent elsewhere while the store is unavailable', async () => {
    const { clock, nodes } = sessionCluster({ affinity: { ...HEADER, absoluteTimeout: '1h' } });
    const [node] = nodes;
    const visit = { fields: ['X-Session', 'abc'] };
    const first = await node.visit(visit);
    await clock.advance(10 * MINUTE_MS);
    node.store.isDown = true;
    node.takeDown(placeOf(first) as string);
    const { endsAtMs } = first.session?.pin ?? {};
    expect(endsAtMs).toBeDefined();
    expect(await node.visit(visit)).toMatchObject({
      outcome: 'fallback',
      session: { pin: { version: 2, endsAtMs } },
    });
  });

  it('counts among the first eight that a request brings: one head must not ask for thousands of sessions', async () => {
    const { map, nodes } = sessionCluster({ affinity: HEADER });
    const keys = Array.from({ length: 90 }, (_, index) => `key-${index}`);
    await nodes[0].visit({ fields: keys.flatMap((key) => ['X-Session', key]) });
    expect(map.size).toBe(8);
    expect(nodes[0].store.calls).toBe(16);
  });

  it('of a request without one is no session: it is balanced', async () => {
    const { map, nodes } = sessionCluster({ affinity: HEADER });
    const visits = [await nodes[0].visit(), await nodes[0].visit(), await nodes[0].visit()];
    expect(new Set(visits.map(placeOf)).size).toBe(3);
    expect(map.size).toBe(0);
  });
});

describe('the address of a client', () => {
  it('stands for its network where a prefix says so', async () => {
    const { nodes } = sessionCluster({ affinity: { ...SOURCE_IP, ipv4Prefix: 24, ipv6Prefix: 64 } });
    const home = placeOf(await nodes[0].visit({ from: '192.0.2.1' }));
    expect(await nodes[1].visit({ from: '192.0.2.254' })).toMatchObject({
      outcome: 'hit',
      endpoint: { id: home },
    });
    expect((await nodes[1].visit({ from: '192.0.3.1' })).outcome).toBe('created');
    expect((await nodes[1].visit({ from: '2001:db8::1' })).outcome).toBe('created');
    expect((await nodes[2].visit({ from: '2001:db8::ffff' })).outcome).toBe('hit');
  });

  it('is forgotten with the idle timeout, unless a connection keeps it alive', async () => {
    const { clock, nodes } = sessionCluster({ affinity: SOURCE_IP });
    const [node] = nodes;
    const connection = await node.visit({ from: '192.0.2.1' });
    await node.visit({ from: '192.0.2.2' });
    for (let minute = 0; minute < 60; minute++) {
      await clock.advance(MINUTE_MS);
      node.affinity.keepAlive(connection, clock.now());
    }
    await clock.advance(1_000);
    expect((await nodes[1].visit({ from: '192.0.2.1' })).outcome).toBe('hit');
    expect((await nodes[1].visit({ from: '192.0.2.2' })).outcome).toBe('created');
    expect(node.store.calls).toBeLessThan(20);
  });

  it('leads nobody to an endpoint that its session has left, because an old connection is kept alive', async () => {
    const { clock, nodes } = sessionCluster({ affinity: SOURCE_IP });
    const connection = await nodes[0].visit();
    nodes[1].takeDown(placeOf(connection) as string);
    const moved = placeOf(await nodes[1].visit());
    await clock.advance(6 * MINUTE_MS);
    nodes[0].affinity.keepAlive(connection, clock.now());
    expect(placeOf(await nodes[0].visit())).toBe(moved);
  });

  it('is all that is known of a connection below HTTP', async () => {
    const { clock, nodes } = sessionCluster({ affinity: { sources: [HEADER, SOURCE_IP] } });
    const { affinity } = nodes[0];
    const resolution = await affinity.resolve(addressClaim(affinity, '192.0.2.1'), clock.now());
    expect(resolution).toMatchObject({ source: 'source-ip', outcome: 'created' });
    expect(placeOf(await nodes[1].visit())).toBe(placeOf(resolution));
  });

  it('with mode: hash is kept nowhere, and computed alike by every node', async () => {
    const { map, nodes } = sessionCluster({ affinity: { ...SOURCE_IP, mode: 'hash' } });
    const places = new Set<string | undefined>();
    for (let host = 0; host < 40; host++) {
      const from = `192.0.2.${host}`;
      const [first, ...others] = await Promise.all(nodes.map((node) => node.visit({ from })));
      expect(first).toMatchObject({ outcome: 'none', source: 'source-ip', tier: 'hash' });
      for (const other of others) expect(placeOf(other)).toBe(placeOf(first!));
      places.add(placeOf(first!));
    }
    expect(places.size).toBe(3);
    expect(map.size).toBe(0);
    expect(nodes[0].store.calls).toBe(0);
  });

  it('with mode: hash goes elsewhere than to the endpoint that has just failed', async () => {
    const { clock, nodes } = sessionCluster({ affinity: { ...SOURCE_IP, mode: 'hash' } });
    const { affinity } = nodes[0];
    const claim = addressClaim(affinity, '192.0.2.1');
    const failed = await affinity.resolve(claim, clock.now());
    const next = await affinity.failover(claim, failed, 'connect-failed', clock.now());
    expect(next.endpoint).toBeDefined();
    expect(placeOf(next)).not.toBe(placeOf(failed));
  });
});

describe('several sources', () => {
  const both = { sources: [HEADER, { type: 'app-cookie', name: 'SID' }] };

  it('count in their order, the first that names a known session', async () => {
    const { nodes } = sessionCluster({ affinity: both });
    const byHeader = placeOf(await nodes[0].visit({ fields: ['X-Session', 'a'] }));
    const byCookie = await nodes[0].visit({ response: ['Set-Cookie', 'SID=b'] });
    expect(placeOf(byCookie)).not.toBe(byHeader);
    const fields = ['Cookie', 'SID=b', 'X-Session', 'a'];
    expect(await nodes[1].visit({ fields })).toMatchObject({ source: 'header', endpoint: { id: byHeader } });
  });

  it('make an unknown key of an earlier one an alias of the session that a later one knows', async () => {
    const { nodes } = sessionCluster({ affinity: both });
    const home = placeOf(await nodes[0].visit({ response: ['Set-Cookie', 'SID=b'] })) as string;
    const joined = await nodes[1].visit({ fields: ['X-Session', 'new', 'Cookie', 'SID=b'] });
    expect(joined).toMatchObject({ outcome: 'hit', source: 'app-cookie', endpoint: { id: home } });
    expect(placeOf(await nodes[2].visit({ fields: ['X-Session', 'new'] }))).toBe(home);
    for (const node of nodes) node.takeDown(home);
    const moved = placeOf(await nodes[0].visit({ fields: ['X-Session', 'new'] }));
    expect(placeOf(await nodes[1].visit({ fields: ['Cookie', 'SID=b'] }))).toBe(moved);
  });

  it('let the sealed cookie begin the session of a client that brings nothing', async () => {
    const { nodes } = sessionCluster({ affinity: { sources: [{ type: 'cookie' }, HEADER] } });
    const visit = await nodes[0].visit();
    expect(visit).toMatchObject({ outcome: 'created', source: 'cookie' });
    expect(nodes[0].setCookies(visit)).toEqual([expect.stringMatching(/^_srv_id=/)]);
    const given = await nodes[0].visit({ fields: ['X-Session', 'a'] });
    expect(given).toMatchObject({ outcome: 'created', source: 'header' });
    expect(nodes[0].setCookies(given)).toEqual([]);
  });

  it('fall back on the address of clients that keep no cookies', async () => {
    const { nodes } = sessionCluster({ affinity: { sources: [both.sources[1], SOURCE_IP] } });
    const home = placeOf(await nodes[0].visit({ from: '192.0.2.1', response: ['Set-Cookie', 'SID=a'] }));
    expect(placeOf(await nodes[1].visit({ from: '192.0.2.1' }))).toBe(home);
    expect(placeOf(await nodes[1].visit({ from: '198.51.100.7', fields: ['Cookie', 'SID=a'] }))).toBe(home);
  });

  it('do not mix the sessions of two pools that have the same key', async () => {
    const { nodes, open } = sessionCluster({ affinity: HEADER });
    const fields = ['X-Session', 'abc'];
    await nodes[0].visit({ fields });
    expect((await open({ pool: 'other' }).visit({ fields })).outcome).toBe('created');
  });
});
