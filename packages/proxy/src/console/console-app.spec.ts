import { beforeEach, describe, expect, it } from 'vitest';
import { AdminWorld } from '../admin/testing/admin-world.ts';
import { ConsoleVisitor } from './testing/console-visitor.ts';

let world: AdminWorld;
let visitor: ConsoleVisitor;
beforeEach(() => {
  world = new AdminWorld({ type: 'cookie' }, { endpointNetworks: ['10.0.0.0/8'] });
  visitor = new ConsoleVisitor(world.app);
});

/** Everything that a form of that action brings, as the page has it. */
function hiddenFields(page: string, action: string, containing: string): Record<string, string> {
  const forms = [...page.matchAll(/<form[^>]*action="([^"]+)"[^>]*>([\s\S]*?)<\/form>/g)];
  const [, , body = ''] = forms.find(([, to, text]) => to === action && text?.includes(containing)) ?? [];
  const fields = [...body.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)];
  return Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value]));
}

/** An operator's endpoint, drained by its form. */
async function drain(endpoint: string, fields: Readonly<Record<string, string>> = {}) {
  const { text } = await visitor.get('/console/endpoints');
  const seen = hiddenFields(text, '/console/endpoints/drain', `value="${endpoint}"`);
  return visitor.submit('/console/endpoints/drain', { ...seen, ...fields });
}

const standingOf = async (endpoint: string): Promise<unknown> =>
  (await world.ask(`GET /endpoints/${endpoint}`)).body.standing;

describe('a page of the console', () => {
  const PAGES = [
    '/console/',
    '/console/endpoints',
    '/console/sessions',
    '/console/explain',
    '/console/nodes',
  ];

  it.each(PAGES)('is there at %s, and says where one is', async (path) => {
    const { status, text } = await visitor.get(path);
    expect(status).toBe(200);
    expect(text).toMatch(/^<!doctype html>/);
    expect(text).toContain(`<a href="${path}" aria-current="page">`);
  });

  it.each(PAGES)('has no script and no style in it: %s', async (path) => {
    const { text } = await visitor.get(path);
    expect(text).not.toMatch(/<style|<script(?![^>]* src=)|\son\w+=|\sstyle=|javascript:/i);
    const outside = [...text.matchAll(/(?:src|href|action)="([^"]*)"/g)].filter(
      ([, to = '']) => !/^(?:\/console|#main|data:,)/.test(to),
    );
    expect(outside).toEqual([]);
  });

  it.each([...PAGES, '/console/files/console.js', '/console/other', '/console/login'])(
    'may load and frame nothing of others: %s',
    async (path) => {
      const { headers } = await visitor.get(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy.split('; ').sort()).toEqual([
        "base-uri 'none'",
        "connect-src 'self'",
        "default-src 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "img-src 'self' data:",
        "script-src 'self'",
        "style-src 'self'",
      ]);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toMatch(/^no-(?:store|cache)$/);
    },
  );

  it('that there is not is answered with 404', async () => {
    const { status, text } = await visitor.get('/console/<i>');
    expect(status).toBe(404);
    expect(text).toContain('/console/&lt;i&gt;');
  });

  it('is what a browser gets at the root, and nobody else', async () => {
    const browser = await visitor.get('/', { accept: 'text/html,*/*' });
    expect([browser.status, browser.headers.get('location')]).toEqual([302, '/console/']);
    expect((await visitor.get('/', { accept: 'application/json' })).status).toBe(404);
  });
});

describe('a file of the console', () => {
  it('is asked for again, and sent again only where it is another one', async () => {
    const { headers, text } = await visitor.get('/console/files/console.js');
    expect(headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(text).toContain('import');
    const again = await visitor.get('/console/files/console.js', {
      'if-none-match': headers.get('etag') ?? '',
    });
    expect([again.status, again.text]).toEqual([304, '']);
  });

  it.each(['other.js', '..%2Fpage.ts', '%2e%2e%2fpage.ts'])('is one of a list: not %s', async (name) => {
    expect((await visitor.get(`/console/files/${name}`)).status).toBe(404);
  });

  it('is small: all of them together are under 50 KB, and the scripts under 30', async () => {
    const { text } = await visitor.get('/console/');
    const queue = [...text.matchAll(/\/console\/files\/([\w.-]+)/g)].map(([, name = '']) => name);
    const sizes = new Map<string, number>();
    for (const name of queue) {
      if (sizes.has(name)) continue;
      const file = (await visitor.get(`/console/files/${name}`)).text;
      sizes.set(name, file.length);
      queue.push(...[...file.matchAll(/from '\.\/([\w.-]+)'/g)].map(([, imported = '']) => imported));
    }
    expect(sizes.size).toBeGreaterThan(4);
    const total = (end: string): number =>
      [...sizes].reduce((sum, [name, size]) => (name.endsWith(end) ? sum + size : sum), 0);
    expect(total('.js')).toBeLessThan(30_000);
    expect(total('')).toBeLessThan(50_000);
  });
});

describe('the endpoints page', () => {
  it('drains an endpoint with a deadline, and ends that', async () => {
    const { status, text } = await drain('shop/a', { deadline: '30m' });
    expect(status).toBe(200);
    expect(text).toContain('gets no new sessions');
    expect(text).toContain('deadline in 30m');
    expect(await standingOf('shop/a')).toBe('draining');
    const seen = hiddenFields(text, '/console/endpoints/undrain', 'value="shop/a"');
    await visitor.submit('/console/endpoints/undrain', seen);
    expect(await standingOf('shop/a')).toBe('serving');
  });

  it('shows how far a drain is, and when nobody would notice the end of the endpoint', async () => {
    const keys = [await world.pin(1, 'a'), await world.pin(2, 'a')];
    await drain('shop/a');
    await world.clock.advance(2_000);
    expect((await visitor.get('/console/endpoints')).text).toContain('2 sessions left');
    for (const [left, key] of [
      [1, keys[0]],
      [0, keys[1]],
    ] as const) {
      await world.ask(`DELETE /sessions/${key}`);
      await world.clock.advance(2_000);
      const { text } = await visitor.get('/console/endpoints');
      expect(text).toContain(`${2 - left} of 2 sessions have left`);
      expect(text.includes('safe to terminate')).toBe(left === 0);
    }
  });

  it('changes nothing where somebody else has changed it meanwhile', async () => {
    const { text } = await visitor.get('/console/endpoints');
    const seen = hiddenFields(text, '/console/endpoints/drain', 'value="shop/a"');
    await world.ask('PUT /endpoints/shop/a/drain');
    await world.ask('DELETE /endpoints/shop/a/drain');
    await world.ask('PUT /endpoints/shop/a/drain');
    const late = await visitor.post('/console/endpoints/drain', { ...seen, deadline: '1m' });
    expect(late.status).toBe(412);
    expect(late.text).toContain('has been changed meanwhile');
  });

  it.each([['30'], ['soon'], ['31d']])('refuses the deadline %s, and says why', async (deadline) => {
    const { status, text } = await visitor.post('/console/endpoints/drain', { endpoint: 'shop/a', deadline });
    expect(status).toBe(400);
    expect(text).toContain('deadline: a duration of 30 days at most');
    expect(await standingOf('shop/a')).toBe('serving');
  });

  it('adds an endpoint and removes it, and no other', async () => {
    const added = await visitor.submit('/console/endpoints/add', {
      ...{ pool: 'shop', url: 'http://10.0.0.9:8080', id: 'd', weight: '3' },
    });
    expect(added.text).toContain('shop/d');
    expect((await world.ask('GET /endpoints/shop/d')).body).toMatchObject({ from: 'operator', weight: 3 });
    const needed = await visitor.post('/console/endpoints/remove', { endpoint: 'shop/d' });
    expect(needed.status).toBe(412);
    const gone = await visitor.submit('/console/endpoints/remove', { endpoint: 'shop/d', force: 'true' });
    expect(gone.text).toContain('was removed');
    expect((await world.ask('GET /endpoints/shop/d')).status).toBe(404);
    expect(
      (await visitor.post('/console/endpoints/remove', { endpoint: 'shop/a', force: 'true' })).status,
    ).toBe(400);
  });

  it('says where an endpoint may not be', async () => {
    const { status, text } = await visitor.post('/console/endpoints/add', {
      pool: 'shop',
      url: 'http://192.0.2.1',
    });
    expect(status).toBe(403);
    expect(text).toContain('admin.endpointNetworks');
  });

  it('says that nothing is known of sessions while the session map does not answer', async () => {
    world.isStoreAvailable = false;
    const { status, text } = await visitor.get('/console/endpoints');
    expect(status).toBe(200);
    expect(text).toContain('The session map does not answer');
  });
});

describe('the sessions pages', () => {
  it('list sessions, of all endpoints or of one, page by page', async () => {
    for (let number = 0; number < 60; number++) await world.pin(number, number % 3 === 0 ? 'a' : 'b');
    const first = await visitor.get('/console/sessions');
    const keysOf = (text: string): readonly string[] =>
      [...text.matchAll(/id="session-([^"]+)"/g)].map(([, key = '']) => key);
    const [, next = ''] = /href="([^"]+)" rel="next"/.exec(first.text) ?? [];
    const second = await visitor.get(next.replaceAll('&amp;', '&'));
    expect(new Set([...keysOf(first.text), ...keysOf(second.text)]).size).toBe(60);
    const ofA = await visitor.get('/console/sessions?endpoint=shop/a');
    expect(keysOf(ofA.text)).toHaveLength(20);
  });

  it('find a session by its key, and say what no key is', async () => {
    const key = await world.pin(1, 'a');
    const found = await visitor.get(`/console/sessions?key=${key}`);
    expect(found.headers.get('location')).toBe(`/console/sessions/${key}`);
    const none = await visitor.get('/console/sessions?key=short');
    expect([none.status, none.text.includes('22 characters')]).toEqual([400, true]);
    expect((await visitor.get(`/console/sessions/${'x'.repeat(22)}`)).status).toBe(404);
  });

  it('say where a session is and why, and where its next request would go', async () => {
    const key = await world.pin(1, 'a', { version: 3 });
    const { text } = await visitor.get(`/console/sessions/${key}`);
    expect(text).toContain('moved 2 times');
    expect(text).toContain('is pinned to shop/a, which may serve it');
    world.node.takeDown('shop/a');
    const down = await visitor.get(`/console/sessions/${key}`);
    expect(down.text).toContain('endpoint-down');
  });

  it('move a session to an endpoint, or to where a failure would', async () => {
    const key = await world.pin(1, 'a');
    const { text } = await visitor.get(`/console/sessions/${key}`);
    const action = `/console/sessions/${key}/move`;
    const moved = await visitor.submit(action, { ...hiddenFields(text, action, ''), to: 'shop/c' });
    expect(moved.text).toContain('The session was moved');
    expect(await world.endpointOf(key)).toBe('shop/c');
    await visitor.submit(action, { to: '' });
    expect(await world.endpointOf(key)).not.toBe('shop/c');
  });

  it('move no session that has been moved meanwhile', async () => {
    const key = await world.pin(1, 'a', { version: 2 });
    const { status } = await visitor.post(`/console/sessions/${key}/move`, { version: '1', to: 'shop/c' });
    expect(status).toBe(412);
    expect(await world.endpointOf(key)).toBe('shop/a');
  });

  it('forget a session', async () => {
    const key = await world.pin(1, 'a');
    const { text } = await visitor.submit(`/console/sessions/${key}/unpin`, { version: '1' });
    expect(text).toContain('was forgotten');
    expect(await world.endpointOf(key)).toBeUndefined();
  });
});

describe('the explain page', () => {
  it('says of a request with a cookie where it would go, and never shows the cookie in an address', async () => {
    const visit = await world.node.visit();
    const [cookie = ''] = world.node.setCookies(visit);
    const [pair = ''] = cookie.split(';');
    const { text, status } = await visitor.post('/console/explain', {
      cookie: pair,
      headers: 'X-Other: one\n',
    });
    expect(status).toBe(200);
    expect(text).toContain('<span class="tag">keep</span>');
    expect(text).toContain(`<b>${visit.endpoint?.id}</b>`);
    expect(text).toMatch(/\/console\/sessions\/[\w-]{22}/);
    expect(text).not.toMatch(/href="[^"]*_srv_id/);
  });

  it.each([
    ['a header without a colon', { headers: 'nonsense' }],
    ['no client address', { clientAddress: 'somewhere' }],
    ['a header in two lines', { cookie: 'a=b\r\nX-Evil: 1' }],
  ])('refuses %s, and says why', async (_, fields) => {
    const { status, text } = await visitor.post('/console/explain', fields);
    expect(status).toBe(400);
    expect(text).toContain('Not done');
  });
});
