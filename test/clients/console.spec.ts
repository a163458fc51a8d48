import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { EndpointProcess } from '../support/endpoint-process.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import type { HttpClient } from '../support/http-client.ts';
import { useStage } from '../support/stage.ts';
import { until } from '../support/until.ts';
import { Visitor } from '../support/visitor.ts';
import { Browser, goesWithoutBrowser, type Page, WITHOUT_BROWSER } from './browser/browser.ts';

const TOKEN = 'a token for operators';
/** Where a busy machine takes long to count sessions, a node counts them rarely. */
const SEEN_WITHIN_MS = 40_000;
const ENDPOINTS = ['shop-1', 'shop-2', 'shop-3'];

if (goesWithoutBrowser) process.stderr.write(`\n${WITHOUT_BROWSER}\n`);

/** The node has two workers, so that all that is done is done by way of a supervisor; the other one is a single process. */
describe.skipIf(goesWithoutBrowser)('an operator with a browser at the console of a node', () => {
  const stage = useStage('file');
  let node: HoldfastNode;
  let other: HoldfastNode;
  let clients: readonly HttpClient[];
  let browser: Browser;
  let page: Page;
  let complaints: readonly string[];

  beforeAll(async () => {
    const redis = await stage().startRedis();
    await stage().startEndpoints(ENDPOINTS.length);
    const admin = { token: TOKEN, endpointNetworks: ['127.0.0.0/8'] };
    const wishes = { storeUrl: redis.url, admin };
    node = await stage().startNode({ ...wishes, top: { workers: 2 } });
    other = await stage().startNode(wishes);
    clients = stage().clients();
    browser = await Browser.open(join(stage().dir, 'browser'));
    page = await browser.newPage();
  });

  afterAll(() => browser.close());

  const visit = (path: string): Promise<void> => page.visit(node.adminOrigin + path);

  /** What a form says is filled in, and its button clicked, as a reader would; waits for the page that comes of it. */
  const submit = (form: string, fields: Readonly<Record<string, string>> = {}): Promise<void> =>
    page.follow(`(() => {
      const form = document.querySelector(${JSON.stringify(form)});
      const fields = ${JSON.stringify(fields)};
      for (const [name, value] of Object.entries(fields)) form.elements[name].value = value;
      form.querySelector('button').click();
    })()`);

  const logIn = async (token = TOKEN): Promise<void> => {
    await visit('/console/login');
    await submit('form', { token });
  };

  /** A browser without a history, and logged in. */
  const asSomebodyNew = async (): Promise<void> => {
    await page.close();
    page = await browser.newPage();
    await logIn();
  };

  const path = (): Promise<string> => page.run('location.pathname');

  const untilShown = (what: string, selector: string, text: string | RegExp): Promise<unknown> =>
    until(what, async () => (await page.textOf(selector))?.match(text) !== null, SEEN_WITHIN_MS);

  /** A visitor whose session is at that endpoint, by its own word. */
  const visitorAt = (endpoint: string): Promise<Visitor> =>
    until(`somebody is at ${endpoint}`, async () => {
      const visitor = new Visitor('visitor');
      const { servedBy } = await visitor.visit(clients[0] as HttpClient);
      return servedBy === endpoint && visitor;
    });

  /** Where so many who come now get their sessions, through both nodes. */
  const placesOfNew = async (count: number): Promise<ReadonlySet<string | undefined>> => {
    const visits = Array.from({ length: count }, (_, index) =>
      new Visitor('new').visit(clients[index % clients.length] as HttpClient),
    );
    return new Set((await Promise.all(visits)).map(({ servedBy }) => servedBy));
  };

  /** The page of a visitor's session, found by the cookie as an operator finds it. */
  const openSessionOf = async (visitor: Visitor): Promise<string> => {
    await visit('/console/explain');
    await submit('main form', { cookie: `_srv_id=${visitor.cookie}` });
    await page.follow(`document.querySelector('a[href^="/console/sessions/"]').click()`);
    return (await path()).replace('/console/sessions/', '');
  };

  const form = (action: string, endpoint: string): string =>
    `form[action="/console/endpoints/${action}"]:has([name=endpoint][value="${endpoint}"])`;

  describe('who has not shown the token yet', () => {
    it('is let in by the right one alone, and out again', async () => {
      await visit('/console/sessions');
      expect(await path()).toBe('/console/login');
      await submit('form', { token: 'a guess' });
      expect(await page.textOf('[role=alert]')).toContain('not the token');
      expect(await page.cookies()).toEqual([]);

      await visit('/console/sessions');
      await submit('form', { token: TOKEN });
      expect(await path()).toBe('/console/sessions');
      expect(await page.run('document.cookie')).toBe('');
      const [pass] = await page.cookies();
      expect(pass).toMatchObject({ path: '/console', httpOnly: true, sameSite: 'Strict', session: false });
      expect(pass?.value).not.toContain(TOKEN);

      await submit('form[action="/console/logout"]');
      expect(await path()).toBe('/console/login');
      await visit('/console/sessions');
      expect(await path()).toBe('/console/login');
    });
  });

  describe('who has shown it', () => {
    beforeAll(async () => {
      await logIn();
      complaints = await page.hearComplaints();
    });

    beforeEach(() => () => expect(complaints, 'the browser has nothing to complain of').toEqual([]));

    it('sees pages that say that they are live, and none that breaks its own policy', async () => {
      for (const place of ['', 'endpoints', 'sessions', 'nodes']) {
        await visit(`/console/${place}`);
        await untilShown(`/console/${place} is live`, '#feed-state', /^Live$/);
      }
      await visit('/console/explain');
    });

    it('goes to and fro among pages that follow, as often as it wants', async () => {
      for (let times = 0; times < 4; times++)
        for (const place of ['endpoints', 'nodes']) await visit(`/console/${place}`);
      await untilShown('the last one is live', '#feed-state', /^Live$/);
    });

    it('keeps what it is at while the page goes on around it', async () => {
      const drain = `${other.adminOrigin}/endpoints/shop/shop-2/drain`;
      const headers = { authorization: `Bearer ${TOKEN}` };
      await visit('/console/endpoints');
      await untilFocused('Drain shop/shop-1', 'summary');
      await page.press('Enter');
      await untilFocused('', 'input[name=deadline]');
      await page.type('5m');
      await fetch(drain, { method: 'PUT', headers, body: JSON.stringify({ deadline: '30m' }) });
      const neighbour = '[id="endpoint-shop/shop-2"]';
      await untilShown('its neighbour is seen to drain', neighbour, /deadline in/);
      const before = await page.textOf(neighbour);
      await until('that goes on', async () => (await page.textOf(neighbour)) !== before);
      expect(await page.run('document.activeElement.value')).toBe('5m');
      expect(await page.run(`document.activeElement.closest('details').open`)).toBe(true);
      await page.press('Escape');
      expect(await page.run('document.activeElement.tagName')).toBe('SUMMARY');
      await fetch(drain, { method: 'DELETE', headers });
    });

    it('drains an endpoint by the keyboard alone, sees its sessions leave, and ends the drain', async () => {
      const guest = await visitorAt('shop-1');
      await visit('/console/endpoints');
      await untilFocused('Drain shop/shop-1', 'summary');
      await page.press('Enter');
      await untilFocused('', 'input[name=deadline]');
      await page.type('30m');
      await untilFocused('Drain shop/shop-1', 'button');
      await page.follow(() => page.press('Enter'));
      expect(await page.textOf('.notice')).toContain('gets no new sessions');
      expect(await page.textOf('[id="endpoint-shop/shop-1"]')).toMatch(
        /draining[\s\S]*deadline in (?:30m|29m)/,
      );

      await until(
        'new sessions go elsewhere, by both nodes',
        async () => !(await placesOfNew(12)).has('shop-1'),
      );
      for (const client of clients) expect((await guest.visit(client)).servedBy).toBe('shop-1');

      await untilShown('what is left is told', '[id="endpoint-shop/shop-1"]', /\d+ sessions? left/);
      const sessions = await endedAt('shop/shop-1');
      expect(sessions).toBeGreaterThan(0);
      await untilShown(
        'the end of it is told, without a reload',
        '[id="endpoint-shop/shop-1"]',
        /safe to terminate/,
      );

      await submit(form('undrain', 'shop/shop-1'));
      expect(await page.textOf('[id="endpoint-shop/shop-1"]')).toContain('serving');
      await until('it gets new sessions again', async () => (await placesOfNew(12)).has('shop-1'));
    });

    it('moves a session to an endpoint, where its next request lands, through whichever node', async () => {
      const guest = await visitorAt('shop-1');
      await openSessionOf(guest);
      expect(await page.textOf('main')).toContain('is pinned to shop/shop-1, which may serve it');
      await submit('form[action$="/move"]', { to: 'shop/shop-3' });
      expect(await page.textOf('.notice')).toContain('was moved');
      expect(await page.textOf('#place')).toBe('shop/shop-3');
      const arrival = await guest.visit(clients[1] as HttpClient);
      expect(arrival.servedBy).toBe('shop-3');
      expect(arrival.moved).toContain('from=shop/shop-1');
      expect((await guest.visit(clients[0] as HttpClient)).servedBy).toBe('shop-3');
    });

    it('sees on the page of a session that somebody else has moved it', async () => {
      const guest = await visitorAt('shop-1');
      const key = await openSessionOf(guest);
      await fetch(`${other.adminOrigin}/sessions/${key}/move`, {
        ...{ method: 'POST', body: JSON.stringify({ to: 'shop/shop-2' }) },
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      await untilShown('the page says so', '#place', 'shop/shop-2');
    });

    it('forgets a session, and finds it no more', async () => {
      const guest = await visitorAt('shop-2');
      const key = await openSessionOf(guest);
      await page.run(`document.querySelector('#unpin summary').click()`);
      await submit('form[action$="/unpin"]');
      expect(await page.textOf('.notice')).toContain('was forgotten');
      const { status } = await other.admin(`/sessions/${key}`, { authorization: `Bearer ${TOKEN}` });
      expect(status).toBe(404);
    });

    it('adds an endpoint, which gets sessions then, and removes it, which gets none any more', async () => {
      const [added] = (await stage().startEndpoints(1)) as [EndpointProcess];
      await visit('/console/endpoints');
      await page.run(`document.querySelector('#add summary').click()`);
      await submit('#add form', { pool: 'shop', url: added.url, id: added.id });
      expect(await page.textOf('.notice')).toContain('was added');
      await until('it gets sessions', async () => (await placesOfNew(16)).has(added.id));

      await page.run(`document.querySelector('[id="remove-shop/${added.id}"] summary').click()`);
      await page.run(`document.querySelector('[id="remove-shop/${added.id}"] [name=force]').click()`);
      await submit(form('remove', `shop/${added.id}`));
      expect(await page.textOf('.notice')).toContain('was removed');
      expect(await placesOfNew(16)).not.toContain(added.id);
    });

    it('lists the sessions of an endpoint, and those that begin while the list is looked at', async () => {
      await endedAt('shop/shop-2');
      await visitorAt('shop-2');
      await visit('/console/sessions');
      await submit('main form', { endpoint: 'shop/shop-2' });
      const count = (): Promise<number> => page.run(`document.querySelectorAll('#sessions tbody tr').length`);
      const before = await count();
      await visitorAt('shop-2');
      await until('the list has one more', async () => (await count()) > before);
    });

    it('reloads the configuration, and sees the other node leave', async () => {
      await visit('/console/nodes');
      await submit('form[action="/console/nodes/reload"]');
      expect(await page.textOf('.notice')).toContain('was reloaded');
      expect(await page.textOf('[id="node-node-2"]')).toContain('alive');
      await other.end();
      await untilShown('the page says so, without a reload', '[id="node-node-2"]', /left|gone/);
      await other.start();
    });
  });

  it('has its console change nothing for a page of somebody else, though its pass comes along', async () => {
    await asSomebodyNew();
    const target = `${node.adminOrigin}/console/endpoints/drain`;
    const attacker = await serving(
      `<form method="post" action="${target}"><input name="endpoint" value="shop/shop-2"></form>`,
    );
    await page.visit(attacker.origin);
    await page.follow('document.forms[0].submit()');
    expect(await page.textOf('h1')).toBe('Not from this page');
    attacker.server.close();
    const drained = (await other.admin('/endpoints', { authorization: `Bearer ${TOKEN}` })).body;
    expect(drained).not.toContain('draining');
  });

  it('has what its policy forbids refused by the browser', async () => {
    await asSomebodyNew();
    const heard = await page.hearComplaints();
    await page.run(
      `document.body.append(Object.assign(document.createElement('script'), { text: 'window.evil = 1' }))`,
    );
    await until('the browser complains', () =>
      heard.some((complaint) => /Content Security Policy/.test(complaint)),
    );
    expect(await page.run('window.evil ?? 0')).toBe(0);
  });

  /** Goes on with the Tab key until something of that name has the focus, which has to be seen. */
  async function untilFocused(name: string, selector: string): Promise<void> {
    for (let steps = 0; steps < 60; steps++) {
      await page.press('Tab');
      const [found, isSeen] = await page.run<[boolean, boolean]>(`(() => {
        const element = document.activeElement;
        const text = element.textContent.trim().replace(/\\s+/g, ' ');
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        const isSeen = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1;
        return [element.matches(${JSON.stringify(selector)}) && text === ${JSON.stringify(name)}, isSeen];
      })()`);
      if (!found) continue;
      expect(isSeen, `the focus on ${name} is seen`).toBe(true);
      return;
    }
    expect.unreachable(`the Tab key never came to ${selector} "${name}"`);
  }

  /** Ends every session of an endpoint, as time would; answers how many there were. */
  async function endedAt(endpoint: string): Promise<number> {
    const headers = { authorization: `Bearer ${TOKEN}` };
    const { body } = await node.admin(`/sessions?limit=1000&endpoint=${endpoint}`, headers);
    const { sessions } = JSON.parse(body) as { sessions: readonly { key: string }[] };
    for (const { key } of sessions)
      await fetch(`${node.adminOrigin}/sessions/${key}`, { method: 'DELETE', headers });
    return sessions.length;
  }
});

/** A page on an address of its own. */
async function serving(body: string): Promise<{ readonly origin: string; readonly server: Server }> {
  const server = createServer((_, response) => response.setHeader('Content-Type', 'text/html').end(body));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}
