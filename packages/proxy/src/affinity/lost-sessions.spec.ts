import type { Pin } from '@holdfast/shared';
import type { SessionMap } from '@holdfast/store/memory';
import { describe, expect, it } from 'vitest';
import { SessionBrowser } from '../testing/session-browser.ts';
import { placeOf, type SessionNode, sessionCluster } from '../testing/session-world.ts';
import type { ResolvedSession } from './affinity.ts';

const MINUTE_MS = 60_000;
const HEADER = { type: 'header', name: 'X-Session' };

/** Keys by which sessions are known without a cookie of ours, and a request with one. */
const KEYS = [
  ['a header', HEADER, { fields: ['X-Session', 'abc'] }],
  ['a parameter', { type: 'query', name: 'sid' }, { target: '/?sid=abc' }],
  ['an address', { type: 'source-ip' }, { from: '192.0.2.9' }],
] as const;

function flush(map: SessionMap): void {
  for (const [key] of [...map.entries()]) map.delete(key);
}

/** The link to the news of a node was interrupted. */
const interrupt = ({ near }: SessionNode): void => near.changesMissed();

const withKey = (session: string) => ({ fields: ['X-Session', session] });

describe('a session that the map has lost', () => {
  it.each(KEYS)(
    'stays, known by %s, where its node remembers it, and is found by all again',
    async (_, affinity, visit) => {
      const { map, nodes } = sessionCluster({ affinity });
      const home = placeOf(await nodes[0].visit(visit));
      flush(map);
      interrupt(nodes[0]);
      expect(await nodes[0].visit(visit)).toMatchObject({
        outcome: 'adopted',
        tier: 'near',
        endpoint: { id: home },
      });
      for (const node of nodes)
        expect(await node.visit(visit)).toMatchObject({ outcome: 'hit', endpoint: { id: home } });
    },
  );

  it('is put back by a touch, before its client asks a node that does not remember it', async () => {
    const { clock, map, nodes } = sessionCluster({ affinity: HEADER });
    const home = placeOf(await nodes[0].visit(withKey('abc')));
    flush(map);
    await clock.advance(8 * MINUTE_MS);
    expect(await nodes[0].visit(withKey('abc'))).toMatchObject({ outcome: 'hit', tier: 'near' });
    await clock.advance(10);
    expect(await nodes[1].visit(withKey('abc'))).toMatchObject({
      outcome: 'hit',
      tier: 'store',
      endpoint: { id: home },
    });
  });

  it('is put back by a connection that is open, though no request comes', async () => {
    const { clock, map, nodes } = sessionCluster({ affinity: { type: 'source-ip' } });
    const connection = await nodes[0].visit();
    flush(map);
    for (let minute = 0; minute < 45; minute++) {
      await clock.advance(MINUTE_MS);
      nodes[0].affinity.keepAlive(connection, clock.now());
    }
    await clock.advance(10);
    expect(await nodes[1].visit()).toMatchObject({ outcome: 'hit', endpoint: { id: placeOf(connection) } });
  });

  it('moves once for all nodes, and at the next version, where its endpoint is down by then', async () => {
    const { map, nodes } = sessionCluster({ affinity: HEADER });
    const home = placeOf(await nodes[0].visit(withKey('abc'))) as string;
    flush(map);
    for (const node of nodes) node.takeDown(home);
    const moved = await nodes[0].visit(withKey('abc'));
    expect(moved).toMatchObject({ outcome: 'repinned', movedFrom: home, session: { pin: { version: 2 } } });
    for (const node of nodes) node.bringBack(home);
    for (const node of nodes) expect(placeOf(await node.visit(withKey('abc')))).toBe(placeOf(moved));
  });

  it('goes by its cookie where that is later than what the node remembers', async () => {
    const { map, nodes } = sessionCluster();
    const browser = new SessionBrowser();
    const first = await browser.visit(nodes[0]);
    nodes[1].takeDown(placeOf(first) as string);
    const moved = placeOf(await browser.visit(nodes[1]));
    flush(map);
    // The news of the move has not come here.
    const { key, pin } = first.session as ResolvedSession;
    nodes[0].near.assume(key, pin as Pin);
    expect(await browser.visit(nodes[0])).toMatchObject({
      outcome: 'adopted',
      tier: 'cookie',
      endpoint: { id: moved },
    });
  });

  it('is not put back when it has ended: the application has deleted its cookie', async () => {
    const { clock, map, nodes } = sessionCluster({ affinity: { type: 'app-cookie', name: 'SID' } });
    const [node] = nodes;
    const cookie = { fields: ['Cookie', 'SID=one'] };
    await node.visit({ response: ['Set-Cookie', 'SID=one'] });
    await clock.advance(8 * MINUTE_MS);
    await node.visit({ ...cookie, response: ['Set-Cookie', 'SID=; Max-Age=0'] });
    await clock.advance(10);
    expect(map.size).toBe(0);
    expect((await node.visit(cookie)).outcome).toBe('none');
  });

  it('is not put back when its time is over', async () => {
    const { clock, map, nodes } = sessionCluster({ affinity: HEADER });
    await nodes[0].visit(withKey('abc'));
    await clock.advance(30 * MINUTE_MS);
    flush(map);
    expect((await nodes[0].visit(withKey('abc'))).outcome).toBe('created');
  });
});

describe('a session without a cookie, through an outage of the store', () => {
  it('stays for longer than it may be idle, and is in the map afterwards, even one that has come back empty', async () => {
    const { clock, map, nodes } = sessionCluster({ affinity: HEADER });
    const [node, another] = nodes;
    const sessions = Array.from({ length: 10 }, (_, index) => withKey(`session-${index}`));
    const placesBy = (of: SessionNode) =>
      Promise.all(sessions.map((session) => of.visit(session).then(placeOf)));
    const homes = await placesBy(node);
    node.store.isDown = true;
    interrupt(node);
    for (let minute = 0; minute < 90; minute += 5) {
      await clock.advance(5 * MINUTE_MS);
      expect(await placesBy(node)).toEqual(homes);
    }
    flush(map);
    node.store.isDown = false;
    interrupt(node);
    expect(await placesBy(node)).toEqual(homes);
    expect(map.size).toBe(10);
    expect(await placesBy(another)).toEqual(homes);
  });

  it('that has begun meanwhile stays where it has begun', async () => {
    const { nodes } = sessionCluster({ affinity: HEADER });
    const sessions = Array.from({ length: 20 }, (_, index) => withKey(`session-${index}`));
    for (const node of nodes) node.store.isDown = true;
    const homes = [];
    for (const session of sessions) homes.push(placeOf(await nodes[0].visit(session)));
    expect(new Set(homes).size).toBe(3);
    for (const node of nodes) node.store.isDown = false;
    for (const node of nodes) interrupt(node);
    for (const node of nodes)
      for (const [index, session] of sessions.entries())
        expect(placeOf(await node.visit(session))).toBe(homes[index]);
  });

  it('that an endpoint has begun meanwhile stays there, and is in the map afterwards', async () => {
    const { nodes } = sessionCluster({ affinity: { type: 'app-cookie', name: 'SID' } });
    const [node, another] = nodes;
    node.store.isDown = true;
    const homes = new Map<string, string | undefined>();
    for (let count = 0; count < 20; count++) {
      const value = `value-${count}`;
      homes.set(value, placeOf(await node.visit({ response: ['Set-Cookie', `SID=${value}`] })));
    }
    const visit = (value: string, of = node) => of.visit({ fields: ['Cookie', `SID=${value}`] });
    for (const [value, home] of homes) expect(placeOf(await visit(value))).toBe(home);
    node.store.isDown = false;
    for (const [value, home] of homes) expect(placeOf(await visit(value))).toBe(home);
    for (const [value, home] of homes)
      expect(await visit(value, another)).toMatchObject({ outcome: 'hit', endpoint: { id: home } });
  });

  it('that cannot be written goes where all nodes compute, as their clients may ask any of them', async () => {
    const { nodes } = sessionCluster({ affinity: HEADER });
    for (const node of nodes) node.store.isReadOnly = true;
    for (let count = 0; count < 20; count++) {
      const session = withKey(`session-${count}`);
      const homes = [];
      for (const node of [...nodes, ...nodes]) homes.push(placeOf(await node.visit(session)));
      expect(new Set(homes).size).toBe(1);
    }
  });

  it('is not moved by what a node has assumed alone: the map has lost nothing', async () => {
    const { nodes } = sessionCluster({ affinity: HEADER });
    const home = placeOf(await nodes[1].visit(withKey('abc'))) as string;
    nodes[0].store.isDown = true;
    nodes[0].takeDown(home);
    expect(placeOf(await nodes[0].visit(withKey('abc')))).not.toBe(home);
    nodes[0].bringBack(home);
    nodes[0].store.isDown = false;
    for (const node of nodes) expect(placeOf(await node.visit(withKey('abc')))).toBe(home);
  });
});

describe('the limit of write-backs', () => {
  it('holds when 10,000 sessions come to an empty map at once: all are served where they were, and written in time', async () => {
    const { clock, map, nodes } = sessionCluster({ writeBacksPerSecond: 2_000 });
    const [node] = nodes;
    const visitAll = (browsers: readonly SessionBrowser[]) =>
      Promise.all(browsers.map((browser) => browser.visit(node).then(placeOf)));
    const all = Array.from({ length: 10_000 }, () => new SessionBrowser());
    const homes = await visitAll(all);
    expect(map.size).toBe(10_000);
    flush(map);
    interrupt(node);

    expect(await visitAll(all)).toEqual(homes);
    expect(map.size).toBe(200);
    for (let tenths = 1; tenths <= 4; tenths++) {
      await clock.advance(100);
      expect(await visitAll(all.slice(-1_000))).toEqual(homes.slice(-1_000));
      expect(map.size).toBe(200 + 200 * tenths);
    }
    expect(node.repair.counts.admitted).toBe(1_000);
    expect(node.repair.mode).toBe('reconciling');
  });

  it('counts a session that waits as a fallback, by the tier that speaks for it, and leaves its cookie as it is', async () => {
    const { clock, map, nodes } = sessionCluster({ writeBacksPerSecond: 1 });
    const browsers = [new SessionBrowser(), new SessionBrowser()] as const;
    const homes = [];
    for (const browser of browsers) homes.push(placeOf(await browser.visit(nodes[0])));
    flush(map);
    expect((await browsers[0].visit(nodes[1])).outcome).toBe('adopted');
    for (const tier of ['cookie', 'near', 'near']) {
      expect(await browsers[1].visit(nodes[1])).toMatchObject({
        outcome: 'fallback',
        tier,
        endpoint: { id: homes[1] },
        session: { pin: { version: 1 } },
      });
    }
    expect(browsers[1].cookiesSet).toBe(1);
    expect(nodes[1].repair.mode).toBe('reconciling');
    await clock.advance(1_000);
    expect((await browsers[1].visit(nodes[1])).outcome).toBe('adopted');
    await clock.advance(10_000);
    expect(nodes[1].repair.mode).toBe('normal');
  });

  it('is asked again with the next request of a session that waits, also where its deadline was to be moved', async () => {
    const { clock, map, nodes } = sessionCluster({ affinity: HEADER, writeBacksPerSecond: 1 });
    const [node] = nodes;
    for (const session of ['one', 'two']) await node.visit(withKey(session));
    await clock.advance(8 * MINUTE_MS);
    flush(map);
    interrupt(node);
    expect((await node.visit(withKey('one'))).outcome).toBe('adopted');
    expect((await node.visit(withKey('two'))).outcome).toBe('fallback');
    await clock.advance(1_000);
    expect((await node.visit(withKey('two'))).outcome).toBe('adopted');
    expect(node.repair.counts).toEqual({ admitted: 2, refused: 1 });
  });

  it('keeps no session from moving whose endpoint is down: it is written, once for all nodes', async () => {
    const { map, nodes } = sessionCluster({ writeBacksPerSecond: 1 });
    const [one, two] = [new SessionBrowser(), new SessionBrowser()];
    await one.visit(nodes[0]);
    const home = placeOf(await two.visit(nodes[0])) as string;
    flush(map);
    for (const node of nodes) node.takeDown(home);
    await one.visit(nodes[1]);
    const moved = await two.visit(nodes[1]);
    expect(moved).toMatchObject({ outcome: 'repinned', movedFrom: home, session: { pin: { version: 2 } } });
    for (const node of nodes) node.bringBack(home);
    for (const node of nodes) expect(placeOf(await two.visit(node))).toBe(placeOf(moved));
  });

  it('holds for a pin that is behind the cookie as well, and a session that must move is moved over it', async () => {
    const { map, nodes } = sessionCluster({ writeBacksPerSecond: 1 });
    const browsers = [new SessionBrowser(), new SessionBrowser()] as const;
    const first = [];
    for (const browser of browsers) first.push(placeOf(await browser.visit(nodes[0])) as string);
    const before = [...map.entries()].map(([key, { pin }]) => [key, pin] as const);
    for (const node of nodes) node.takeDown(...first);
    const second = [];
    for (const browser of browsers) second.push(placeOf(await browser.visit(nodes[0])));
    for (const node of nodes) node.bringBack(...first);
    // A failover has lost both moves.
    for (const [key, pin] of before) map.set(key, pin, nodes[0].clock.now());

    expect(placeOf(await browsers[0].visit(nodes[1]))).toBe(second[0]);
    expect(await browsers[1].visit(nodes[1])).toMatchObject({
      outcome: 'fallback',
      endpoint: { id: second[1] },
    });
    for (const node of nodes) node.takeDown(second[1] as string);
    const third = await browsers[1].visit(nodes[1]);
    expect(third).toMatchObject({ outcome: 'repinned', session: { pin: { version: 3 } } });
    for (const node of nodes) expect(placeOf(await browsers[1].visit(node))).toBe(placeOf(third));
  });

  it('is for what was lost: new sessions are written at once', async () => {
    const { map, nodes } = sessionCluster({ writeBacksPerSecond: 1 });
    for (let count = 0; count < 20; count++) await nodes[0].visit();
    expect(map.size).toBe(20);
  });
});
