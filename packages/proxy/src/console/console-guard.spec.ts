import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdminListener } from '../admin/admin-listener.ts';
import { AdminWorld } from '../admin/testing/admin-world.ts';
import { PASS_LIFETIME_MS } from './login/passes.ts';
import { ConsoleVisitor } from './testing/console-visitor.ts';

const TOKEN = 'a token for operators';
const FORM = { endpoint: 'shop/a' };

let world: AdminWorld;
let visitor: ConsoleVisitor;
beforeEach(() => {
  world = new AdminWorld();
  world.token = TOKEN;
  visitor = new ConsoleVisitor(world.app);
});

const logIn = (token = TOKEN, who = visitor) => who.post('/console/login', { token, to: '/console/nodes' });

async function openFeed(cookie: string) {
  const headers = { host: '127.0.0.1:9900', cookie };
  const { status, body } = await world.app.request('/console/feed?topics=tick', { headers });
  if (status !== 200 || body === null) expect.unreachable(`there is no feed, but ${status}`);
  return body.getReader();
}

/** What comes of a stream until its end. */
async function drained(stream: ReadableStreamDefaultReader<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  for (let read = await stream.read(); !read.done; read = await stream.read()) pieces.push(read.value);
  return Buffer.concat(pieces).toString();
}

const isDraining = async (): Promise<boolean> => (await world.store.drains.list()).length > 0;

describe('whoever has not shown the token', () => {
  it.each(['/console/', '/console/endpoints', '/console/sessions?endpoint=shop/a', '/console/other'])(
    'is sent to the login from %s, and back to it afterwards',
    async (path) => {
      const { status, headers, text } = await visitor.get(path);
      expect([status, text]).toEqual([303, '']);
      const login = await visitor.get(headers.get('location') ?? '');
      expect(login.status).toBe(200);
      expect(login.text).toContain(`name="to" value="${path}"`);
    },
  );

  it('has no feed: a stream that is to go on where it was ends', async () => {
    expect((await visitor.get('/console/feed?topics=endpoints')).status).toBe(401);
  });

  it('changes nothing', async () => {
    const { status } = await visitor.post('/console/endpoints/drain', FORM);
    expect(status).toBe(303);
    expect(await isDraining()).toBe(false);
  });

  it('is told nothing of the node on the page that asks for the token', async () => {
    const { text } = await visitor.get('/console/login');
    expect(text).not.toContain('shop');
    expect(text).not.toContain('/console/endpoints');
  });
});

describe('the token', () => {
  it('opens the console, by a cookie that scripts do not see and other sites do not send', async () => {
    const { status, headers } = await logIn();
    expect([status, headers.get('location')]).toEqual([303, '/console/nodes']);
    const [line = ''] = headers.getSetCookie();
    expect(line).toMatch(/^holdfast-console-9900=[\w-]+; /);
    expect(line.split('; ').slice(1).sort()).toEqual([
      'HttpOnly',
      `Max-Age=${PASS_LIFETIME_MS / 1_000}`,
      'Path=/console',
      'SameSite=Strict',
    ]);
    expect((await visitor.get('/console/nodes')).status).toBe(200);
  });

  it('opens it by a cookie for TLS where the browser speaks TLS', async () => {
    const secure = new ConsoleVisitor(world.app, 'console.example.com');
    const origin = 'https://console.example.com';
    const { headers } = await secure.post('/console/login', { token: TOKEN }, { origin });
    expect(headers.getSetCookie()[0]).toMatch(/^holdfast-console=.*; Secure/);
  });

  it.each(['', 'another token', TOKEN.toUpperCase(), TOKEN.slice(1), `${TOKEN}x`])(
    'is not "%s"',
    async (token) => {
      const { status, text, headers } = await logIn(token);
      expect(status).toBe(403);
      expect(text).toContain('not the token');
      expect(headers.getSetCookie()).toEqual([]);
      expect((await visitor.get('/console/nodes')).status).toBe(303);
    },
  );

  it('cannot be guessed: after ten wrong ones even the right one has to wait', async () => {
    for (let count = 0; count < 10; count++) expect((await logIn(`guess ${count}`)).status).toBe(403);
    const { status, headers } = await logIn();
    expect([status, headers.get('retry-after')]).toEqual([429, '60']);
    await world.clock.advance(60_000);
    expect((await logIn()).status).toBe(303);
  });

  it('that is another one now ends what the one before has opened', async () => {
    await logIn();
    world.token = 'the next token';
    expect((await visitor.get('/console/nodes')).status).toBe(303);
  });

  it.each<[string, () => Promise<unknown>]>([
    ['that is another one now', async () => Object.assign(world, { token: 'the next token' })],
    ['whose pass was given back', () => visitor.post('/console/logout', {})],
  ])('%s ends what still streams to who has shown the one before', async (_, change) => {
    await logIn();
    const stream = await openFeed(visitor.cookies.join('; '));
    expect(await stream.read()).toMatchObject({ done: false });
    await world.clock.advance(1_000);
    expect(await stream.read()).toMatchObject({ done: false });
    await change();
    const rest = drained(stream);
    for (let second = 0; second < 3; second++) await world.clock.advance(1_000);
    await expect(rest).resolves.not.toContain('event: tick');
  });

  it('has to be shown again after its time', async () => {
    await logIn();
    await world.clock.advance(PASS_LIFETIME_MS);
    expect((await visitor.get('/console/nodes')).status).toBe(303);
  });

  it('has to be shown again after a logout, also by who has a copy of the cookie', async () => {
    await logIn();
    const [copy = ''] = visitor.cookies;
    await visitor.post('/console/logout', {});
    expect(visitor.cookies).toEqual([]);
    expect((await visitor.get('/console/nodes')).status).toBe(303);
    const thief = new ConsoleVisitor(world.app);
    expect((await thief.get('/console/nodes', { cookie: copy })).status).toBe(303);
  });

  it('does not open the admin API by its cookie', async () => {
    await logIn();
    expect((await visitor.get('/status')).status).toBe(401);
  });

  it.each([
    'https://evil.test/',
    '//evil.test/',
    '/\\evil.test',
    '/status',
    '/console/../status#',
    'javascript:1',
  ])('leads to no other place than the console: not to %s', async (to) => {
    const { headers } = await visitor.post('/console/login', { token: TOKEN, to });
    const location = new URL(headers.get('location') ?? '', 'http://127.0.0.1:9900');
    expect(location.href).toBe('http://127.0.0.1:9900/console/');
  });
});

describe('a form of another page', () => {
  const ORIGINS: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
    ['another site', { origin: 'http://evil.test' }],
    ['another port of the same machine', { origin: 'http://127.0.0.1:8080' }],
    ['a sandbox', { origin: 'null' }],
    ['nowhere', {}],
  ];

  it.each(ORIGINS)('is refused where it is of %s, whatever cookie comes with it', async (_, headers) => {
    await logIn();
    expect((await visitor.post('/console/endpoints/drain', FORM, headers)).status).toBe(403);
    expect(await isDraining()).toBe(false);
    expect((await visitor.post('/console/endpoints/drain', FORM)).status).toBe(303);
    expect(await isDraining()).toBe(true);
  });

  it.each(ORIGINS)('is refused where no token is needed: of %s', async (_, headers) => {
    world.token = '';
    expect((await visitor.post('/console/endpoints/drain', FORM, headers)).status).toBe(403);
    expect(await isDraining()).toBe(false);
  });

  it.each(ORIGINS)('logs nobody in or out: of %s', async (_, headers) => {
    await logIn();
    expect((await visitor.post('/console/logout', {}, headers)).status).toBe(403);
    expect((await visitor.get('/console/nodes')).status).toBe(200);
    expect((await visitor.post('/console/login', { token: TOKEN }, headers)).status).toBe(403);
  });

  it('is refused where it is longer than any of ours', async () => {
    await logIn();
    const long = { endpoint: 'shop/a', deadline: 'x'.repeat(100_000) };
    expect((await visitor.post('/console/endpoints/drain', long)).status).toBe(400);
  });
});

describe('a name that somebody has bound to this address', () => {
  it('opens nothing where no token is needed', async () => {
    world.token = '';
    const bound = new ConsoleVisitor(world.app, 'evil.test:9900');
    for (const path of ['/console/', '/console/sessions', '/console/feed?topics=endpoints'])
      expect((await bound.get(path)).status).toBe(403);
    expect((await bound.post('/console/endpoints/drain', FORM)).status).toBe(403);
    expect(await isDraining()).toBe(false);
  });

  it('is as good as any other where the token is needed', async () => {
    const named = new ConsoleVisitor(world.app, 'node-1.internal:9900');
    expect((await logIn(TOKEN, named)).status).toBe(303);
    expect((await named.get('/console/nodes')).status).toBe(200);
  });
});

describe('wrong tokens over real connections', () => {
  const listeners: AdminListener[] = [];
  afterEach(async () => {
    for (const listener of listeners.splice(0)) await listener.close();
  });

  it('are counted by the address that they come from', async () => {
    const operations = { ...world.operations, token: () => TOKEN };
    const listener = new AdminListener({ host: '127.0.0.1', port: 0 }, operations);
    listeners.push(listener);
    const { port } = await listener.open();
    const origin = `http://127.0.0.1:${port}`;
    const guess = (): Promise<Response> =>
      fetch(`${origin}/console/login`, {
        method: 'POST',
        body: new URLSearchParams({ token: 'a guess' }),
        headers: { origin },
      });
    for (let count = 0; count < 10; count++) expect((await guess()).status).toBe(403);
    expect((await guess()).status).toBe(429);
  });
});

it('a pass and a wrong one are told apart by all of their characters', async () => {
  await logIn();
  const [pair = ''] = visitor.cookies;
  for (let at = pair.indexOf('=') + 1; at < pair.length; at++) {
    const other = `${pair.slice(0, at)}${pair[at] === 'a' ? 'b' : 'a'}${pair.slice(at + 1)}`;
    const forger = new ConsoleVisitor(world.app);
    expect((await forger.get('/console/nodes', { cookie: other })).status, other).toBe(303);
  }
});
