import { describe, expect, it } from 'vitest';
import { readEcho } from '../support/echo.ts';
import { dumpRedis } from '../support/redis-dump.ts';
import { openCookie } from '../support/sealed-cookie.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { pathsOf, visitAll, welcome } from '../support/visitor.ts';

const K1 = 'the first secret, sixteen or more';
const K2 = 'the second secret, sixteen or more';

describe('secrets', () => {
  const stage = useStage();

  it('C3: rotate without moving a session: the new one seals at once, the old one opens until it is removed', async () => {
    await stage().startEndpoints(4);
    const wishes = {
      endpoints: stage().endpoints.map(({ id, url }) => ({ id, url })),
      storeUrl: stage().sqliteUrl(),
    };
    const node = await stage().startNode({ ...wishes, secrets: [K1] });
    const clients = stage().clients();
    const visitors = await welcome(40, clients);
    const homes = pathsOf(visitors);
    const oldCookies = visitors.map(({ cookie }) => cookie ?? '');
    expect(oldCookies.every((cookie) => openCookie(cookie, K1) !== undefined)).toBe(true);

    await node.restart('SIGTERM', { ...wishes, secrets: [K2, K1] });
    await visitAll(visitors, clients);
    expect(pathsOf(visitors)).toEqual(homes);
    expect(visitors.every(({ cookie = '' }) => openCookie(cookie, K2) !== undefined)).toBe(true);
    await visitAll(visitors, clients);
    expect(visitors.map(({ cookiesSet }) => cookiesSet)).toEqual(Array(40).fill(2));

    await node.restart('SIGTERM', { ...wishes, secrets: [K2] });
    await visitAll(visitors, clients);
    expect(pathsOf(visitors)).toEqual(homes);
    expect(visitors.flatMap(({ visits }) => visits.filter(({ version }) => version !== 1))).toEqual([]);

    const [client] = clients;
    const [oldCookie] = oldCookies;
    const response = await client?.send({ headers: { cookie: `_srv_id=${oldCookie}` } });
    expect(response?.status).toBe(200);
    expect(response?.headers['holdfast-outcome']).toMatch(/^created;/);
  });

  it('C8: of a session appear in no header to an endpoint, in no log line and nowhere in Redis', async () => {
    const redis = await stage().startRedis();
    await stage().startEndpoints(2);
    const node = await stage().startNode({
      storeUrl: redis.url,
      top: { log: { level: 'debug', access: true } },
    });
    const clients = stage().clients();
    const visitors = await welcome(10, clients);
    await visitAll(visitors, clients, { path: '/echo?token=hunter2' });
    await until('all requests are logged', () => node.accessLog.length >= 20);

    const atEndpoints = visitors.map(({ lastVisit }) =>
      readEcho(lastVisit?.response ?? { body: '{}' }).headers.join('\n'),
    );
    const places = {
      'headers to endpoints': atEndpoints.join('\n'),
      'the event log': node.child.lines.join('\n'),
      'the access log': JSON.stringify(node.accessLog),
      Redis: await dumpRedis(redis.url),
    };
    expect(places.Redis).toContain('shop/shop-1');
    for (const { cookie = '' } of visitors) {
      const session = openCookie(cookie);
      expect(session).toBeDefined();
      const id = session?.sessionId ?? Buffer.alloc(0);
      const forbidden = [
        cookie,
        ...(['base64url', 'base64', 'hex', 'latin1'] as const).map((form) => id.toString(form)),
      ];
      for (const [place, text] of Object.entries(places)) {
        expect(
          forbidden.filter((raw) => text.includes(raw)),
          `raw in ${place}`,
        ).toEqual([]);
      }
    }
    expect(places['the access log']).not.toContain('hunter2');
  });
});
