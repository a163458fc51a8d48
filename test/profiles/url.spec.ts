import { describe, expect, it } from 'vitest';
import type { ClientRequest } from '../support/http-client.ts';
import type { ConfigPart, NodeWishes } from '../support/node-config.ts';
import { untilServing } from '../support/reloading.ts';
import { until } from '../support/until.ts';
import { visit } from '../support/visitor.ts';
import { placesOf, TwoNodes } from './two-nodes.ts';

/** The sources of the page: what the URL says counts before the cookie. */
const LEARN = { cookie: 'JSESSIONID', location: true };
const URL_FIRST = {
  sources: [
    { type: 'path', name: 'jsessionid', learn: LEARN },
    { type: 'query', name: 'sid', learn: LEARN },
    { type: 'app-cookie', name: 'JSESSIONID' },
  ],
};
/** A key that clients make up. */
const GIVEN = { type: 'query', name: 'sid' };

/** How often each place is there. */
function counted(places: readonly (string | undefined)[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const place of places) counts[place ?? 'none'] = (counts[place ?? 'none'] ?? 0) + 1;
  return counts;
}

describe('sessions by the URL, on two nodes with one Redis and three endpoints', () => {
  const world = new TwoNodes({ affinity: URL_FIRST });

  const configure = (pool: ConfigPart, more: Partial<NodeWishes> = {}) =>
    world.configure({ outlierDetection: { ejectionTime: '300ms' }, ...pool }, more);

  const issuing = (id: string): string =>
    `/respond?header=${encodeURIComponent(`Set-Cookie: JSESSIONID=${id}; Path=/`)}`;

  /** Where both nodes send that request, twice each. */
  const places = async (request: ClientRequest) => placesOf(await world.visits(request, 2));

  /** The endpoints of the sessions of these names, asked for one after the other. */
  async function homesOf(
    ids: readonly string[],
    client = world.one,
  ): Promise<readonly (string | undefined)[]> {
    const found = [];
    for (const id of ids) found.push((await visit(client, { path: `/?sid=${id}` })).servedBy);
    return found;
  }

  const named = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${prefix}-${index}`);

  it('U1: a sid of the query and a jsessionid of the path are keys, as they are and with a route behind a dot', async () => {
    await configure({ affinity: URL_FIRST });
    for (const id of ['1A2B', '1A2C.b', '1A2D.a', '1A2E.nobody']) {
      const { servedBy } = await visit(world.one, { path: issuing(id) });
      const home = Array(4).fill(servedBy);
      expect(await places({ path: `/shop;jsessionid=${id}/cart?x=1` })).toEqual(home);
      expect(await places({ path: `/shop?x=1&sid=${id}` })).toEqual(home);
      expect(await places({ headers: { cookie: `JSESSIONID=${id}` } })).toEqual(home);
    }
  });

  it('U1: the id in the target of a redirect is known to the node that the client asks next', async () => {
    await configure({ affinity: URL_FIRST });
    const location = encodeURIComponent('Location: /cart;jsessionid=9F8E.a?step=2');
    const { servedBy } = await visit(world.one, { path: `/respond?status=302&header=${location}` });
    expect(await places({ path: '/cart;jsessionid=9F8E.a?step=2' })).toEqual(Array(4).fill(servedBy));
  });

  it('U2: where URL and cookie name two sessions, the one of the URL counts', async () => {
    await configure({ affinity: URL_FIRST });
    const homes = new Map<string | undefined, string>();
    for (let count = 0; homes.size < 2; count++) {
      const id = `pair-${count}`;
      homes.set((await visit(world.one, { path: issuing(id) })).servedBy, id);
    }
    const [[here, ofUrl], [there, ofCookie]] = [...homes] as [[string, string], [string, string]];
    const headers = { cookie: `JSESSIONID=${ofCookie}` };
    expect(await places({ path: `/;jsessionid=${ofUrl}`, headers })).toEqual(Array(4).fill(here));
    expect(await places({ path: `/?sid=${ofUrl}`, headers })).toEqual(Array(4).fill(here));
    expect(await places({ path: '/;jsessionid=of-nobody', headers })).toEqual(Array(4).fill(there));
  });

  it('U3: the route behind the dot names the endpoint of a session that no node has ever seen', async () => {
    const route = { type: 'label', in: 'path', name: 'jsessionid', after: '.' };
    const cookie = { type: 'label', in: 'cookie', name: 'JSESSIONID', after: '.' };
    await configure({ affinity: { sources: [route, cookie] } }, { endpoints: world.labelled });
    for (const [index, { id, label }] of world.labelled.entries()) {
      const headers = { cookie: 'JSESSIONID=0000.c' };
      const path = `/cart;jsessionid=${index}F.${label}?x=1`;
      expect(await places({ path, headers })).toEqual(Array(4).fill(id));
    }
    expect(await places({ headers: { cookie: 'JSESSIONID=0000.c' } })).toEqual(Array(4).fill('shop-3'));
  });

  it('U4: a session with many requests draws no other to its endpoint, and has no more of them there than it may', async () => {
    const affinity = { ...GIVEN, onEndpointBusy: 'repin' };
    await configure({ affinity, balance: 'least-connections', maxConnections: 4 });
    const home = (await visit(world.one, { path: '/?sid=hot' })).servedBy;
    const hot = Array.from({ length: 4 }, () =>
      visit(world.one, { path: '/slow?ms=1500&sid=hot' }).then(({ servedBy }) => servedBy),
    );
    await until('the endpoint is busy', async () =>
      (await world.nodes[0].status()).pools[0]?.endpoints.some(({ inFlight }) => inFlight === 4),
    );
    expect(await homesOf(named('cold', 8))).not.toContain(home);
    const fifth = await visit(world.one, { path: '/?sid=hot' });
    expect(fifth.status).toBe(200);
    expect(fifth.servedBy).not.toBe(home);
    expect(await Promise.all(hot)).toEqual(Array(4).fill(home));
  });

  it('U5: an endpoint that is lost loses its sessions to others once, which are told where each was', async () => {
    await configure({ affinity: GIVEN });
    const ids = named('lost', 9);
    const homes = await homesOf(ids);
    const lost = homes[0];
    await world.endpointOf(lost).kill();
    const first = await Promise.all(ids.map((id) => visit(world.two, { path: `/?sid=${id}` })));
    expect(first.map(({ status }) => status)).toEqual(Array(9).fill(200));
    const told = first.map(({ moved }) => moved);
    expect(told).toEqual(
      homes.map((home) => (home === lost ? `from=shop/${lost}; reason=endpoint-down` : undefined)),
    );
    await world.endpointOf(lost).start();
    await untilServing(world.nodes, lost as string);
    const later = await Promise.all(ids.map((id) => visit(world.one, { path: `/?sid=${id}` })));
    expect(placesOf(later)).toEqual(placesOf(first));
  });

  it('U6: an endpoint that is added moves nobody, and gets the new sessions until it has as many as the others', async () => {
    const pool = { affinity: GIVEN, balance: 'least-sessions' };
    const node = await world.stage().startNode({ endpoints: world.wishes.endpoints.slice(0, 2), pool });
    const client = world.stage().client(node);
    const before = await homesOf(named('old', 12), client);
    expect(counted(before)).toEqual({ 'shop-1': 6, 'shop-2': 6 });
    expect(await node.reload({ ...world.wishes, storeUrl: 'memory:', listener: {}, pool })).toMatchObject({
      outcome: 'applied',
    });
    expect(await homesOf(named('old', 12), client)).toEqual(before);
    expect(await homesOf(named('new', 6), client)).toEqual(Array(6).fill('shop-3'));
    expect(counted(await homesOf(named('newer', 3), client))).toEqual({
      'shop-1': 1,
      'shop-2': 1,
      'shop-3': 1,
    });
  });

  it('U7: a client without cookies stays by the id in its URLs, and one without either by its address', async () => {
    const affinity = { sources: [...URL_FIRST.sources, { type: 'source-ip' }] };
    await configure({ affinity });
    const from = (address: string, path: string) => ({ path, headers: { 'x-forwarded-for': address } });
    const { servedBy } = await visit(world.one, from('192.0.2.1', issuing('no-jar')));
    expect(await places(from('198.51.100.9', '/;jsessionid=no-jar'))).toEqual(Array(4).fill(servedBy));
    const homes = [];
    for (let host = 1; host <= 12; host++) {
      const found = await places(from(`203.0.113.${host}`, '/'));
      expect(new Set(found).size).toBe(1);
      homes.push(found[0]);
    }
    expect(Object.keys(counted(homes))).toHaveLength(3);
  });
});
