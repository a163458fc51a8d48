import { endpointId, poolName } from '@holdfast/shared';
import { seededRandom } from '@holdfast/shared/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SessionBrowser } from '../testing/session-browser.ts';
import {
  CLUSTER,
  CLUSTER_SECRET,
  placeOf,
  type SessionNode,
  sessionCluster,
} from '../testing/session-world.ts';
import { addressClaim } from './claim.ts';
import { CookieSeal } from './cookie-seal.ts';

const MINUTE_MS = 60_000;
const shop = poolName('shop');
const a = endpointId(shop, 'a');
const b = endpointId(shop, 'b');
const c = endpointId(shop, 'c');

/** Affinity settings of the configuration, and what to do without the store. */
interface Settings {
  readonly onUnavailable?: 'fail';
  readonly onEndpointDown?: 'fail';
  readonly absoluteTimeout?: string;
  readonly cookie?: object;
}

/** Nodes whose pool keeps its sessions in our cookie. */
const cluster = ({ onUnavailable, ...affinity }: Settings = {}) =>
  sessionCluster({ affinity: { type: 'cookie', ...affinity }, ...(onUnavailable && { onUnavailable }) });

const others = (...taken: (string | undefined)[]): string[] => [a, b, c].filter((id) => !taken.includes(id));

describe('a new session', () => {
  it('is pinned where the balance policy says and gets one cookie', async () => {
    const { nodes } = cluster();
    const browser = new SessionBrowser();
    expect(await browser.visit(nodes[0])).toMatchObject({
      outcome: 'created',
      tier: 'none',
      source: 'cookie',
    });
    await browser.visit(nodes[0]);
    await browser.visit(nodes[1]);
    expect(browser.cookiesSet).toBe(1);
  });

  it('is found by another node in the store, and by its own in the near cache without asking the store', async () => {
    const { nodes } = cluster();
    const browser = new SessionBrowser();
    const home = placeOf(await browser.visit(nodes[0]));
    expect(await browser.visit(nodes[1])).toMatchObject({
      outcome: 'hit',
      tier: 'store',
      endpoint: { id: home },
    });
    const callsBefore = nodes[0].store.calls;
    expect(await browser.visit(nodes[0])).toMatchObject({
      outcome: 'hit',
      tier: 'near',
      endpoint: { id: home },
    });
    expect(nodes[0].store.calls).toBe(callsBefore);
  });

  it('is shared by parallel first requests with one cookie when the store has lost the pin: one question, one pin', async () => {
    const { map, nodes } = cluster();
    const browser = new SessionBrowser();
    await browser.visit(nodes[0]);
    for (const [key] of [...map.entries()]) map.delete(key);
    const node = nodes[1];
    const places = await Promise.all(Array.from({ length: 20 }, () => browser.visit(node)));
    expect(new Set(places.map(placeOf)).size).toBe(1);
    expect(node.store.calls).toBe(2);
  });
});

describe('when an endpoint dies', () => {
  it('moves its session once, for every node, and tells the new endpoint where it was', async () => {
    const { nodes } = cluster();
    const browser = new SessionBrowser();
    const home = placeOf(await browser.visit(nodes[0]));
    for (const node of nodes) node.takeDown(home as string);
    const moved = await browser.visit(nodes[0]);
    expect(moved).toMatchObject({
      outcome: 'repinned',
      reason: 'endpoint-down',
      movedFrom: home,
      session: { pin: { version: 2 } },
    });
    for (const node of nodes) {
      expect(await browser.visit(node)).toMatchObject({
        outcome: 'hit',
        movedFrom: undefined,
        endpoint: { id: placeOf(moved) },
      });
    }
    expect(browser.cookiesSet).toBe(2);
  });

  it('lets parallel requests on all nodes agree on one new endpoint: one re-pin, the others adopt it', async () => {
    const { nodes } = cluster();
    const browser = new SessionBrowser();
    const home = placeOf(await browser.visit(nodes[0]));
    for (const node of nodes) await browser.visit(node);
    for (const node of nodes) node.takeDown(home as string);
    const places = await Promise.all(
      Array.from({ length: 30 }, (_, index) => browser.visit(nodes[index % 3] as SessionNode)),
    );
    expect(new Set(places.map(placeOf)).size).toBe(1);
    expect(places.filter(({ outcome }) => outcome === 'repinned')).toHaveLength(1);
    expect(places.every(({ session }) => session?.pin?.version === 2)).toBe(true);
  });

  it('keeps the session where it went when the endpoint returns, on nodes that never noticed as well', async () => {
    const { nodes } = cluster();
    const browser = new SessionBrowser();
    const home = placeOf(await browser.visit(nodes[0])) as string;
    await browser.visit(nodes[2]);
    nodes[0].takeDown(home);
    const moved = placeOf(await browser.visit(nodes[0]));
    nodes[0].bringBack(home);
    for (const node of nodes) expect(placeOf(await browser.visit(node))).toBe(moved);
  });

  it('refuses and keeps the pin when all are down, and goes on where it was when its own returns', async () => {
    const { nodes } = cluster();
    const browser = new SessionBrowser();
    const home = placeOf(await browser.visit(nodes[0])) as string;
    nodes[0].takeDown(a, b, c);
    expect(await browser.visit(nodes[0])).toMatchObject({ endpoint: undefined, refusal: 'all-down' });
    nodes[0].bringBack(home);
    expect(await browser.visit(nodes[0])).toMatchObject({
      endpoint: { id: home },
      session: { pin: { version: 1 } },
    });
  });

  it('waits for it with onEndpointDown: fail', async () => {
    const { nodes } = cluster({ onEndpointDown: 'fail' });
    const browser = new SessionBrowser();
    const home = placeOf(await browser.visit(nodes[0])) as string;
    nodes[0].takeDown(home);
    expect(await browser.visit(nodes[0])).toMatchObject({ endpoint: undefined, refusal: 'endpoint-down' });
    nodes[0].bringBack(home);
    expect(placeOf(await browser.visit(nodes[0]))).toBe(home);
  });

  it('moves the session within the request that found out', async () => {
    const { nodes } = cluster();
    const browser = new SessionBrowser();
    const resolution = await browser.visit(nodes[0]);
    nodes[0].takeDown(placeOf(resolution) as string);
    const failover = await nodes[0].affinity.failover(
      addressClaim(nodes[0].affinity, '192.0.2.1'),
      resolution,
      'connect-failed',
      nodes[0].clock.now(),
    );
    expect(failover).toMatchObject({ outcome: 'repinned', movedFrom: placeOf(resolution) });
    expect(others(placeOf(resolution))).toContain(placeOf(failover));
  });

  it('serves a request elsewhere without moving the session while the endpoint counts as up', async () => {
    const { nodes } = cluster();
    const browser = new SessionBrowser();
    const resolution = await browser.visit(nodes[0]);
    const failover = await nodes[0].affinity.failover(
      addressClaim(nodes[0].affinity, '192.0.2.1'),
      resolution,
      'connect-failed',
      nodes[0].clock.now(),
    );
    expect(failover).toMatchObject({ outcome: 'fallback', movedFrom: undefined });
    expect(nodes[0].setCookies(failover)).toEqual([]);
    expect(placeOf(await browser.visit(nodes[1]))).toBe(placeOf(resolution));
  });
});

describe('the lifetime of a session', () => {
  it('goes on as long as requests come within the idle timeout', async () => {
    const { clock, nodes } = cluster();
    const browser = new SessionBrowser();
    const home = placeOf(await browser.visit(nodes[0]));
    for (let visit = 0; visit < 20; visit++) {
      await clock.advance(19 * MINUTE_MS);
      expect(placeOf(await browser.visit(nodes[visit % 3] as SessionNode))).toBe(home);
    }
  });

  it('ends with the idle timeout: the old cookie names nobody, and a new session begins', async () => {
    const { clock, nodes } = cluster();
    const browser = new SessionBrowser();
    const first = await browser.visit(nodes[0]);
    await clock.advance(26 * MINUTE_MS);
    const second = await browser.visit(nodes[0]);
    expect(second.outcome).toBe('created');
    expect(second.session?.key).not.toBe(first.session?.key);
  });

  it('ends at the absolute timeout, however busy it is', async () => {
    const { clock, nodes } = cluster({ absoluteTimeout: '1h' });
    const browser = new SessionBrowser();
    const { session } = await browser.visit(nodes[0]);
    for (let minute = 0; minute < 59; minute += 10) {
      await clock.advance(10 * MINUTE_MS - 1);
      if (minute < 50) expect((await browser.visit(nodes[0])).session?.key).toBe(session?.key);
    }
    await clock.advance(MINUTE_MS);
    expect((await browser.visit(nodes[0])).session?.key).not.toBe(session?.key);
  });

  it('ends at the absolute timeout, also for one that the store has lost and whose endpoint is gone', async () => {
    const { clock, map, nodes } = cluster();
    const [node] = nodes;
    const browser = new SessionBrowser();
    const first = await browser.visit(node);
    const { endsAtMs = 0 } = first.session?.pin ?? {};
    await clock.advance(10 * MINUTE_MS);
    node.pool.setEndpoints(node.pool.endpoints.filter(({ id }) => id !== placeOf(first)));
    for (const [key] of [...map.entries()]) map.delete(key);
    const { outcome, session } = await browser.visit(node);
    expect({ outcome, version: session?.pin?.version }).toEqual({ outcome: 'created', version: 2 });
    expect(session?.pin?.endsAtMs).toBeLessThanOrEqual(endsAtMs);
  });

  it('costs the store one touch per quarter of the idle timeout, and the client one cookie', async () => {
    const { clock, nodes } = cluster();
    const browser = new SessionBrowser();
    await browser.visit(nodes[0]);
    const callsBefore = nodes[0].store.calls;
    for (let second = 0; second < 1_200; second++) {
      await browser.visit(nodes[0]);
      await clock.advance(1_000);
    }
    expect(nodes[0].store.calls - callsBefore).toBe(3);
    expect(browser.cookiesSet).toBe(4);
  });

  it.each([
    ['always', 4],
    ['never', 1],
  ])('sets its cookie with refresh: %s so often in four visits: %i', async (refresh, times) => {
    const { clock, nodes } = cluster({ cookie: { refresh } });
    const browser = new SessionBrowser();
    for (let visit = 0; visit < 4; visit++) {
      await browser.visit(nodes[visit % 2] as SessionNode);
      await clock.advance(10 * MINUTE_MS);
    }
    expect(browser.cookiesSet).toBe(times);
  });

  it('gets a cookie when it moves, also with refresh: never', async () => {
    const { nodes } = cluster({ cookie: { refresh: 'never' } });
    const browser = new SessionBrowser();
    nodes[0].takeDown(placeOf(await browser.visit(nodes[0])) as string);
    await browser.visit(nodes[0]);
    expect(browser.cookiesSet).toBe(2);
  });

  it('is not changed by a late touch of an old version', async () => {
    const { clock, map, nodes } = cluster();
    const browser = new SessionBrowser();
    const { session, endpoint } = await browser.visit(nodes[0]);
    nodes[1].takeDown(endpoint?.id as string);
    const moved = await browser.visit(nodes[1]);
    const key = session?.key as NonNullable<typeof session>['key'];
    const before = map.get(key, clock.now());
    const late = {
      key,
      endpoint: endpoint?.id as typeof a,
      version: 1,
      expiresAtMs: clock.now() + 10 * MINUTE_MS,
    };
    await nodes[0].store.touch([late], clock.now());
    expect(map.get(key, clock.now())).toEqual(before);
    expect(placeOf(await browser.visit(nodes[2]))).toBe(placeOf(moved));
  });
});

describe('when the store is unavailable', () => {
  it('keeps every session where its cookie says, on nodes that have never seen it', async () => {
    const { nodes } = cluster();
    const browser = new SessionBrowser();
    const home = placeOf(await browser.visit(nodes[0]));
    for (const node of nodes) node.store.isDown = true;
    for (const node of nodes) expect(placeOf(await browser.visit(node))).toBe(home);
    expect(await browser.visit(nodes[2])).toMatchObject({ outcome: 'fallback', tier: 'cookie' });
  });

  it('sends a session whose endpoint is down to the same other one from every node, and keeps it there afterwards', async () => {
    const { nodes } = cluster();
    const browser = new SessionBrowser();
    const home = placeOf(await browser.visit(nodes[0])) as string;
    for (const node of nodes) {
      node.store.isDown = true;
      node.takeDown(home);
    }
    const stale = browser.cookie;
    const places = new Set<string | undefined>();
    for (const node of nodes) {
      browser.cookie = stale;
      places.add(placeOf(await browser.visit(node)));
    }
    expect(places.size).toBe(1);
    for (const node of nodes) {
      node.store.isDown = false;
      node.bringBack(home);
    }
    for (const node of nodes) expect(places).toContain(placeOf(await browser.visit(node)));
  });

  it('stays with what it has decided, though the endpoint is back and the client comes with its old cookie', async () => {
    const { nodes } = cluster();
    const [node] = nodes;
    const browser = new SessionBrowser();
    const home = placeOf(await browser.visit(node)) as string;
    const stale = browser.cookie;
    node.store.isDown = true;
    node.takeDown(home);
    const moved = placeOf(await browser.visit(node));
    node.bringBack(home);
    browser.cookie = stale;
    expect(placeOf(await browser.visit(node))).toBe(moved);
    node.store.isDown = false;
    browser.cookie = stale;
    expect(placeOf(await browser.visit(node))).toBe(home);
  });

  it('leaves a cookie as it is whose endpoint a node does not know: its pin holds when the store is back', async () => {
    const { nodes } = cluster();
    const [behind, ahead] = nodes;
    const browser = new SessionBrowser();
    const home = placeOf(await browser.visit(ahead));
    behind.pool.setEndpoints(behind.pool.endpoints.filter(({ id }) => id !== home));
    const { cookie } = browser;
    for (const node of nodes) node.store.isDown = true;
    expect(await browser.visit(behind)).toMatchObject({ outcome: 'fallback', reason: 'endpoint-removed' });
    expect(browser.cookie).toBe(cookie);
    expect(placeOf(await browser.visit(ahead))).toBe(home);
    for (const node of nodes) node.store.isDown = false;
    expect(await browser.visit(ahead)).toMatchObject({
      endpoint: { id: home },
      session: { pin: { version: 1 } },
    });
  });

  it('writes back what the store has lost, at the version of the cookie', async () => {
    const { map, nodes } = cluster();
    const browser = new SessionBrowser();
    const home = placeOf(await browser.visit(nodes[0]));
    for (const [key] of [...map.entries()]) map.delete(key);
    expect(await browser.visit(nodes[1])).toMatchObject({
      outcome: 'adopted',
      tier: 'cookie',
      endpoint: { id: home },
    });
    expect(await browser.visit(nodes[2])).toMatchObject({
      outcome: 'hit',
      tier: 'store',
      endpoint: { id: home },
    });
  });

  it('serves new visitors, whose sessions stay when the store is back', async () => {
    const { nodes } = cluster();
    for (const node of nodes) node.store.isDown = true;
    const browser = new SessionBrowser();
    const home = placeOf(await browser.visit(nodes[0]));
    expect(home).toBeDefined();
    for (const node of nodes) node.store.isDown = false;
    for (const node of nodes) expect(placeOf(await browser.visit(node))).toBe(home);
  });

  it('serves a new session where its pin was to be written, as the write may have taken place', async () => {
    const { nodes } = cluster();
    const browser = new SessionBrowser();
    nodes[0].store.losesReplies = true;
    const home = placeOf(await browser.visit(nodes[0]));
    nodes[0].store.losesReplies = false;
    for (const node of nodes) expect(placeOf(await browser.visit(node))).toBe(home);
  });

  it('serves a moved session where its pin was to be moved, as the write may have taken place', async () => {
    const { nodes } = cluster();
    const browser = new SessionBrowser();
    const first = placeOf(await browser.visit(nodes[0])) as string;
    for (const node of nodes) node.takeDown(first);
    nodes[0].store.losesReplies = true;
    const home = placeOf(await browser.visit(nodes[0]));
    nodes[0].store.losesReplies = false;
    for (const node of nodes) expect(placeOf(await browser.visit(node))).toBe(home);
  });

  it('refuses with onUnavailable: fail, but not what the near cache knows', async () => {
    const { nodes } = cluster({ onUnavailable: 'fail' });
    const browser = new SessionBrowser();
    const home = placeOf(await browser.visit(nodes[0]));
    for (const node of nodes) node.store.isDown = true;
    expect(placeOf(await browser.visit(nodes[0]))).toBe(home);
    expect(await browser.visit(nodes[1])).toMatchObject({
      endpoint: undefined,
      refusal: 'store-unavailable',
    });
  });
});

describe('a cookie that is not to be believed', () => {
  it('never selects an endpoint, and is replaced', async () => {
    const { clock, nodes } = cluster();
    const seal = (secret: string) =>
      new CookieSeal([secret], { cluster: CLUSTER, pool: shop, cookieName: '_srv_id' }, seededRandom(5));
    const genuine = {
      sessionId: Buffer.alloc(16, 7),
      endpointTag: 'AAAAAAAA' as never,
      version: 1,
      startedAtMs: clock.now(),
      issuedAtMs: clock.now(),
    };
    const cookies = {
      forged: seal('another secret entirely').seal(genuine),
      'from the future': seal(CLUSTER_SECRET).seal({ ...genuine, issuedAtMs: clock.now() + 25 * 3_600_000 }),
      'past its absolute end': seal(CLUSTER_SECRET).seal({
        ...genuine,
        startedAtMs: clock.now() - 25 * 3_600_000,
      }),
      'of a session idle for too long': seal(CLUSTER_SECRET).seal({
        ...genuine,
        issuedAtMs: clock.now() - 26 * MINUTE_MS,
      }),
      noise: 'shop/a',
    };
    for (const [what, value] of Object.entries(cookies)) {
      const browser = new SessionBrowser();
      browser.cookie = `_srv_id=${value}`;
      expect((await browser.visit(nodes[0])).outcome, what).toBe('created');
      expect(browser.cookiesSet, what).toBe(1);
    }
  });
});

describe('over any history of failures, recoveries and visits', () => {
  const event = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('visit' as const), node: fc.nat(2) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('down' as const), endpoint: fc.constantFrom(a, b, c) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('up' as const), endpoint: fc.constantFrom(a, b, c) }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.integer({ min: 0, max: 15 }) }),
    },
  );

  it('moves a session at most once per failure of its endpoint, never back by itself, and never lets a version fall', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 40 }), async (history) => {
        const { clock, nodes } = cluster();
        const browser = new SessionBrowser();
        let place = placeOf(await browser.visit(nodes[0]));
        let version = 1;
        let hasFailed = false;
        for (const step of history) {
          if (step.kind === 'down') for (const node of nodes) node.takeDown(step.endpoint);
          if (step.kind === 'up') for (const node of nodes) node.bringBack(step.endpoint);
          if (step.kind === 'wait') await clock.advance(step.minutes * MINUTE_MS);
          if (step.kind === 'down' && step.endpoint === place) hasFailed = true;
          if (step.kind !== 'visit') continue;
          const visit = await browser.visit(nodes[step.node] as SessionNode);
          if (visit.endpoint === undefined) continue;
          if (visit.outcome === 'created') return;
          if (placeOf(visit) !== place) {
            expect(hasFailed).toBe(true);
            expect(visit.session?.pin?.version).toBe(version + 1);
            version++;
            place = placeOf(visit);
            hasFailed = false;
          }
          expect(visit.session?.pin?.version).toBe(version);
        }
      }),
      { numRuns: 300 },
    );
  });
});
