import { seededRandom } from '@holdfast/shared/testing';
import { describe, expect, it } from 'vitest';
import { CartShelf } from './cart-shelf.ts';
import { createShop, type SessionArrival, type ShopAnswer } from './shop-app.ts';

const MOVED = { 'holdfast-session-moved': 'from=shop/a; reason=endpoint-down' };

/** A shop endpoint, a visitor who keeps the cart cookie, and what the demo heard. */
function openShop(endpoint: string, cookie = '') {
  const arrivals: SessionArrival[] = [];
  const shelf = new CartShelf(seededRandom(endpoint.charCodeAt(0)));
  const shop = createShop({
    endpoint,
    instance: 'demo-1',
    shelf,
    onArrival: (arrival) => arrivals.push(arrival),
  });
  const visitor = { cookie };
  const ask = async (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = {
      accept: 'application/json',
      ...(visitor.cookie && { cookie: visitor.cookie }),
      ...init.headers,
    };
    const response = await shop.request(path, { ...init, headers });
    visitor.cookie = response.headers.get('set-cookie')?.split(';')[0] ?? visitor.cookie;
    return response;
  };
  const look = async (headers = {}): Promise<ShopAnswer> =>
    (await (await ask('/cart', { headers })).json()) as ShopAnswer;
  const buy = (product: string, headers = {}): Promise<Response> =>
    ask('/cart/items', {
      method: 'POST',
      headers: { 'sec-fetch-site': 'same-origin', ...headers },
      body: new URLSearchParams({ product, change: '1' }),
    });
  return { arrivals, visitor, ask, look, buy };
}

describe('the shop', () => {
  it('keeps the cart of a visitor who comes back, and sets its cookie once', async () => {
    const { ask, look, buy, arrivals } = openShop('a');
    expect((await ask('/cart')).headers.get('set-cookie')).toMatch(
      /^cart=[\w-]{22}; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect((await buy('lantern')).headers.get('set-cookie')).toBeNull();
    expect((await look()).cart.items).toBe(1);
    expect(arrivals).toHaveLength(1);
  });

  it('tells two visitors apart', async () => {
    const { look, buy, visitor } = openShop('a');
    await buy('lantern');
    visitor.cookie = '';
    expect((await look()).cart.items).toBe(0);
  });

  it('opens a new cart under the old id for a session that was moved here, and says so', async () => {
    const old = openShop('a');
    await old.buy('lantern');
    const { look, arrivals, visitor } = openShop('b', old.visitor.cookie);
    const { endpoint, cart } = await look(MOVED);
    expect({ endpoint, items: cart.items }).toEqual({ endpoint: 'b', items: 0 });
    expect(cart.notice).toContain('lost with shop/a');
    expect(visitor.cookie).toBe(old.visitor.cookie);
    expect(arrivals).toMatchObject([
      { moved: { from: 'shop/a', reason: 'endpoint-down' }, hasLostCart: true },
    ]);
    expect((await look()).cart.notice).toContain('lost with shop/a');
    expect(arrivals).toHaveLength(1);
  });

  it('does not call a cart lost that is still here when its session comes back', async () => {
    const { look, buy, arrivals } = openShop('b');
    await buy('lantern');
    const { cart } = await look(MOVED);
    expect(cart.items).toBe(1);
    expect(cart.notice).toBeUndefined();
    expect(arrivals.at(-1)).toMatchObject({ moved: { from: 'shop/a' }, hasLostCart: false });
  });

  it('says that a cart is unknown when no move was announced', async () => {
    const old = openShop('a');
    await old.buy('lantern');
    const { look } = openShop('a', old.visitor.cookie);
    expect((await look()).cart.notice).toContain('no memory of your cart');
  });

  it('gives an id of its own to a visitor who made one up', async () => {
    const { look, visitor } = openShop('a', 'cart=<script>');
    await look();
    expect(visitor.cookie).toMatch(/^cart=[\w-]{22}$/);
  });

  it('sends a visitor without a script back to the page', async () => {
    const response = await openShop('a').buy('lantern', { accept: 'text/html' });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/']);
  });

  it('refuses unknown products, and forms of other sites', async () => {
    const { buy } = openShop('a');
    expect((await buy('anchor')).status).toBe(400);
    expect((await buy('lantern', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
  });

  it('serves the page with the files that it loads', async () => {
    const { ask } = openShop('a');
    const page = await (await ask('/')).text();
    const files = [...page.matchAll(/(?:href|src)="(\/page\/[^"]+)"/g)].map(([, path]) => path as string);
    expect(files).toHaveLength(2);
    for (const file of files) expect((await ask(file)).status).toBe(200);
    expect((await ask('/page/page.ts')).status).toBe(404);
  });
});
