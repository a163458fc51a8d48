import { describe, expect, it } from 'vitest';
import { placeOf, sessionCluster, type TestVisit } from '../testing/session-world.ts';

const MINUTE_MS = 60_000;
const APP_COOKIE = { type: 'app-cookie', name: 'SID' };
const withCookie = (value: string): TestVisit => ({ fields: ['Cookie', `theme=dark; SID=${value}`] });
const setting = (line: string): readonly string[] => ['Set-Cookie', line];

describe('a cookie of the application', () => {
  it('keeps its session at the endpoint that has set it, on every node, and gets no cookie of ours', async () => {
    const { nodes } = sessionCluster({ affinity: APP_COOKIE });
    const first = await nodes[0].visit({ response: setting('SID=one; Path=/') });
    expect(first).toMatchObject({ outcome: 'none', source: 'none', session: undefined });
    for (const node of [...nodes, ...nodes]) {
      const visit = await node.visit(withCookie('one'));
      expect(visit).toMatchObject({ outcome: 'hit', source: 'app-cookie', endpoint: { id: placeOf(first) } });
      expect(node.setCookies(visit)).toEqual([]);
    }
  });

  it('is nobody before it is set: unknown values are balanced, and the store keeps nothing of them', async () => {
    const { map, nodes } = sessionCluster({ affinity: APP_COOKIE });
    const visits = [];
    for (let count = 0; count < 6; count++) visits.push(await nodes[0].visit(withCookie(`made-up-${count}`)));
    expect(new Set(visits.map(placeOf)).size).toBe(3);
    expect(visits.map(({ outcome }) => outcome)).toEqual(Array(6).fill('none'));
    expect(map.size).toBe(0);
  });

  it('may be learnt from another place of the response than the cookie itself', async () => {
    const { nodes } = sessionCluster({ affinity: { ...APP_COOKIE, learn: { header: 'X-Id' } } });
    const home = placeOf(await nodes[0].visit({ response: ['X-Id', 'issued', ...setting('SID=not-this')] }));
    expect(placeOf(await nodes[1].visit(withCookie('issued')))).toBe(home);
    expect((await nodes[1].visit(withCookie('not-this'))).outcome).toBe('none');
  });

  it('begins a session with a value that clients bring, where they may, on whichever node they come first', async () => {
    const { map, nodes } = sessionCluster({ affinity: { ...APP_COOKIE, given: true } });
    const first = await nodes[0].visit(withCookie('from-before'));
    expect(first).toMatchObject({ outcome: 'created', source: 'app-cookie' });
    for (const node of [...nodes, ...nodes])
      expect(await node.visit(withCookie('from-before'))).toMatchObject({
        outcome: 'hit',
        endpoint: { id: placeOf(first) },
      });
    expect(map.size).toBe(1);
  });

  it('is still learnt where clients may bring one: it is pinned where it is set, and follows its rotation', async () => {
    const { nodes } = sessionCluster({ affinity: { ...APP_COOKIE, given: true } });
    const first = await nodes[0].visit({ response: setting('SID=guest') });
    expect(first).toMatchObject({ outcome: 'none' });
    const guest = await nodes[1].visit({ ...withCookie('guest'), response: setting('SID=member') });
    expect(guest).toMatchObject({ outcome: 'hit', endpoint: { id: placeOf(first) } });
    expect(placeOf(await nodes[2].visit(withCookie('member')))).toBe(placeOf(first));
    const before = await nodes[0].visit({ ...withCookie('from-before'), response: setting('SID=again') });
    expect(placeOf(await nodes[1].visit(withCookie('again')))).toBe(placeOf(before));
  });

  it('follows its rotation: a new id after login is another key of the same session', async () => {
    const { nodes } = sessionCluster({ affinity: APP_COOKIE });
    const home = placeOf(await nodes[0].visit({ response: setting('SID=guest') }));
    await nodes[1].visit({ ...withCookie('guest'), response: setting('SID=member') });
    expect(placeOf(await nodes[2].visit(withCookie('member')))).toBe(home);
    expect(placeOf(await nodes[2].visit(withCookie('guest')))).toBe(home);
  });

  it('goes with its session when the endpoint dies, under every id that it has had', async () => {
    for (const ids of [
      ['guest', 'member', 'admin'],
      ['admin', 'guest', 'member'],
    ] as const) {
      const { nodes } = sessionCluster({ affinity: APP_COOKIE });
      const home = placeOf(await nodes[0].visit({ response: setting('SID=guest') }));
      await nodes[0].visit({ ...withCookie('guest'), response: setting('SID=member') });
      await nodes[0].visit({ ...withCookie('member'), response: setting('SID=admin') });
      for (const node of nodes) node.takeDown(home as string);
      const places = [];
      for (const [index, id] of ids.entries())
        places.push(placeOf(await nodes[index % 3]!.visit(withCookie(id))));
      expect(new Set(places).size).toBe(1);
      expect(places[0]).not.toBe(home);
    }
  });

  it('does not outlive the absolute end of its session by rotating', async () => {
    const { clock, nodes } = sessionCluster({ affinity: { ...APP_COOKIE, absoluteTimeout: '1h' } });
    await nodes[0].visit({ response: setting('SID=0') });
    for (let id = 1; id <= 6; id++) {
      await clock.advance(9 * MINUTE_MS);
      await nodes[0].visit({ ...withCookie(`${id - 1}`), response: setting(`SID=${id}`) });
    }
    expect((await nodes[0].visit(withCookie('6'))).outcome).toBe('hit');
    await clock.advance(7 * MINUTE_MS);
    expect((await nodes[0].visit(withCookie('6'))).outcome).toBe('none');
  });

  it.each(['SID=; Path=/', 'SID=one; Max-Age=0', 'SID=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT'])(
    'ends its session when the application deletes it: %s',
    async (line) => {
      const { map, nodes } = sessionCluster({ affinity: APP_COOKIE });
      await nodes[0].visit({ response: setting('SID=one') });
      await nodes[1].visit(withCookie('one'));
      await nodes[2].visit({ ...withCookie('one'), response: setting(line) });
      expect(map.size).toBe(0);
      for (const node of nodes) expect((await node.visit(withCookie('one'))).outcome).toBe('none');
    },
  );

  it('ends its session when the client has forgotten it, which it will earlier than an idle one', async () => {
    const { clock, nodes } = sessionCluster({ affinity: APP_COOKIE });
    await nodes[0].visit({ response: setting('SID=short; Max-Age=60') });
    await nodes[0].visit({ response: setting('SID=long') });
    await clock.advance(MINUTE_MS);
    expect((await nodes[1].visit(withCookie('short'))).outcome).toBe('none');
    expect((await nodes[1].visit(withCookie('long'))).outcome).toBe('hit');
  });

  it('is written once: a response that sets the same value again costs the store nothing', async () => {
    const { nodes } = sessionCluster({ affinity: APP_COOKIE });
    await nodes[0].visit({ response: setting('SID=one') });
    await nodes[0].visit(withCookie('one'));
    const { calls } = nodes[0].store;
    for (let count = 0; count < 10; count++)
      await nodes[0].visit({ ...withCookie('one'), response: setting('SID=one') });
    expect(nodes[0].store.calls).toBe(calls);
  });

  it('never moves a session that is pinned already', async () => {
    const { nodes } = sessionCluster({ affinity: APP_COOKIE });
    const home = placeOf(await nodes[0].visit({ response: setting('SID=one') }));
    for (let count = 0; count < 3; count++) await nodes[1].visit({ response: setting('SID=one') });
    expect(placeOf(await nodes[2].visit(withCookie('one')))).toBe(home);
  });

  it('is forgotten by its node when the application deletes it while the store is unavailable', async () => {
    const { nodes } = sessionCluster({ affinity: APP_COOKIE });
    await nodes[0].visit({ response: setting('SID=one') });
    nodes[0].store.isDown = true;
    expect((await nodes[0].visit(withCookie('one'))).tier).toBe('near');
    await nodes[0].visit({ ...withCookie('one'), response: setting('SID=') });
    expect((await nodes[0].visit(withCookie('one'))).tier).toBe('hash');
  });

  it('lets the response go on where the store is unavailable', async () => {
    const { nodes } = sessionCluster({ affinity: APP_COOKIE });
    nodes[0].store.isDown = true;
    const visit = await nodes[0].visit({ response: setting('SID=one') });
    expect(visit.endpoint).toBeDefined();
  });

  it('goes to one place from every node while the store is unavailable', async () => {
    const { nodes } = sessionCluster({ affinity: APP_COOKIE });
    for (const node of nodes) node.store.isDown = true;
    const places = [];
    for (const node of nodes) places.push(await node.visit(withCookie('one')));
    expect(new Set(places.map(placeOf)).size).toBe(1);
    expect(places[0]).toMatchObject({ outcome: 'fallback', tier: 'hash', source: 'app-cookie' });
  });
});

describe('a header that endpoints issue', () => {
  const MCP = { type: 'header', name: 'Mcp-Session-Id', learn: { header: 'Mcp-Session-Id' } };

  it('keeps its session from the response to the first request', async () => {
    const { nodes } = sessionCluster({ affinity: MCP });
    const home = placeOf(await nodes[0].visit({ response: ['mcp-session-id', 'abc'] }));
    for (const node of nodes) {
      const visit = await node.visit({
        fields: ['MCP-SESSION-ID', 'abc'],
        response: ['Mcp-Session-Id', 'abc'],
      });
      expect(visit).toMatchObject({ outcome: 'hit', source: 'header', endpoint: { id: home } });
    }
  });

  it('begins a session as well where clients may make it up', async () => {
    const { map, nodes } = sessionCluster({ affinity: { ...MCP, given: true } });
    const first = await nodes[0].visit({ fields: ['Mcp-Session-Id', 'made-up'] });
    expect(first).toMatchObject({ outcome: 'created', source: 'header' });
    expect(placeOf(await nodes[1].visit({ fields: ['Mcp-Session-Id', 'made-up'] }))).toBe(placeOf(first));
    expect(map.size).toBe(1);
  });

  it('is balanced where nobody has issued it, so that an endpoint can say so', async () => {
    const { map, nodes } = sessionCluster({ affinity: MCP });
    expect((await nodes[0].visit({ fields: ['Mcp-Session-Id', 'unknown'] })).outcome).toBe('none');
    expect(map.size).toBe(0);
  });
});

describe('a parameter that endpoints issue', () => {
  it('of the query is learnt from the body, however it comes, of a response of text', async () => {
    const socketIo = { type: 'query', name: 'sid', learn: { body: 'sid' } };
    const { nodes } = sessionCluster({ affinity: socketIo });
    const home = placeOf(
      await nodes[0].visit({
        target: '/socket.io/?EIO=4&transport=polling',
        response: ['Content-Type', 'text/plain; charset=UTF-8'],
        body: ['0{"si', 'd":"abc","upgrades":[]}'],
      }),
    );
    for (const node of nodes)
      expect(placeOf(await node.visit({ target: '/socket.io/?EIO=4&sid=abc' }))).toBe(home);
  });

  it.each([
    ['a type of no text', ['Content-Type', 'image/png']],
    ['events', ['Content-Type', 'text/event-stream']],
    ['compressed text', ['Content-Type', 'application/json', 'Content-Encoding', 'gzip']],
  ])('of the query is not looked for in %s', async (_what, response) => {
    const { map, nodes } = sessionCluster({
      affinity: { type: 'query', name: 'sid', learn: { body: 'sid' } },
    });
    await nodes[0].visit({ response, body: ['{"sid":"abc"}'] });
    expect(map.size).toBe(0);
  });

  it('of the path is learnt from a redirect and from a cookie of the application', async () => {
    const learn = { location: true, cookie: 'JSESSIONID' };
    const { nodes } = sessionCluster({ affinity: { type: 'path', learn } });
    const first = placeOf(await nodes[0].visit({ response: ['Location', '/cart;jsessionid=one?x=1'] }));
    const second = placeOf(await nodes[0].visit({ response: setting('JSESSIONID=two; Path=/') }));
    expect(placeOf(await nodes[1].visit({ target: '/cart;jsessionid=one' }))).toBe(first);
    expect(placeOf(await nodes[2].visit({ target: '/cart;jsessionid=two?x=1' }))).toBe(second);
  });
});

describe('when secrets are rotated', () => {
  it('keeps every learnt session where it is, under the new secret as well', async () => {
    const { nodes, open } = sessionCluster({ affinity: APP_COOKIE, secrets: ['the old secret'] });
    const homes = new Map<string, string | undefined>();
    for (let id = 0; id < 9; id++)
      homes.set(`${id}`, placeOf(await nodes[0].visit({ response: setting(`SID=${id}`) })));
    const between = open({ secrets: ['the new secret', 'the old secret'] });
    for (const [id, home] of homes)
      expect(await between.visit(withCookie(id))).toMatchObject({ outcome: 'hit', endpoint: { id: home } });
    const after = open({ secrets: ['the new secret'] });
    for (const [id, home] of homes)
      expect(await after.visit(withCookie(id))).toMatchObject({ outcome: 'hit', endpoint: { id: home } });
  });

  it('ends a session under every secret when the application deletes its cookie', async () => {
    const { map, nodes, open } = sessionCluster({ affinity: APP_COOKIE, secrets: ['the old secret'] });
    await nodes[0].visit({ response: setting('SID=one') });
    const rotated = open({ secrets: ['the new secret', 'the old secret'] });
    await rotated.visit({ ...withCookie('one'), response: setting('SID=') });
    expect((await rotated.visit(withCookie('one'))).outcome).toBe('none');
    expect(map.size).toBe(0);
  });

  it('agrees with nodes that have the old one first where a session goes that loses its endpoint', async () => {
    const secrets = ['the old secret', 'the new secret'];
    const { nodes, open } = sessionCluster({ affinity: APP_COOKIE, secrets });
    const rotated = open({ secrets: secrets.toReversed() });
    for (let id = 0; id < 20; id++) {
      const home = placeOf(await nodes[0].visit({ response: setting(`SID=${id}`) })) as string;
      await rotated.visit(withCookie(`${id}`));
      for (const node of [...nodes, rotated]) node.takeDown(home);
      const moved = placeOf(await rotated.visit(withCookie(`${id}`)));
      expect(placeOf(await nodes[1].visit(withCookie(`${id}`)))).toBe(moved);
      for (const node of [...nodes, rotated]) node.bringBack(home);
    }
  });
});
