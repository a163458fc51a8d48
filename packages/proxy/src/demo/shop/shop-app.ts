import { type Context, Hono } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { csrf } from 'hono/csrf';
import { pageFiles, renderPage } from '../page/page.ts';
import { type Arrival, type Cart, type CartView, isProductId, viewCart } from './cart.ts';
import type { CartShelf } from './cart-shelf.ts';
import { readArrival, SESSION_MOVED } from './session-moved.ts';

/** The application's own session cookie. It means nothing to the proxy, which has a cookie of its own. */
export const CART_COOKIE = 'cart';

/** A session has come to an endpoint: a new one, one that the proxy moved, or one whose cart is lost. */
export interface SessionArrival {
  readonly cart: string;
  readonly endpoint: string;
  readonly moved?: Arrival;
  readonly hasLostCart: boolean;
}

/** What `GET /cart` answers. */
export interface ShopAnswer {
  readonly endpoint: string;
  readonly cart: CartView;
}

export interface ShopOptions {
  /** The endpoint's id in its pool. */
  readonly endpoint: string;
  /** What the health check answers, so that the demo knows its own endpoints. */
  readonly instance: string;
  readonly shelf: CartShelf;
  /** Hears of every session that comes to this endpoint, for the timeline of the demo. */
  readonly onArrival: (arrival: SessionArrival) => void;
}

/**
 * A shop that keeps its carts in memory, as many an application does: it works behind a proxy only
 * if the proxy brings each visitor back to the process that has the cart.
 */
export function createShop({ endpoint, instance, shelf, onArrival }: ShopOptions): Hono {
  const cartOf = (context: Context): Cart => {
    const moved = readArrival(context.req.header(SESSION_MOVED));
    const sent = getCookie(context, CART_COOKIE);
    const { kind, cart } = shelf.open(sent, moved);
    if (cart.id !== sent)
      setCookie(context, CART_COOKIE, cart.id, { path: '/', httpOnly: true, sameSite: 'Lax' });
    if (kind === 'opened' || moved !== undefined) {
      const hasLostCart = kind === 'opened' && cart.loss !== undefined;
      onArrival({ cart: cart.id, endpoint, hasLostCart, ...(moved !== undefined && { moved }) });
    }
    return cart;
  };
  const answer = (context: Context, cart: Cart): Response =>
    context.json({ endpoint, cart: viewCart(cart, endpoint) } satisfies ShopAnswer);

  const app = new Hono();
  app.get('/healthz', (context) => context.text(instance));
  app.use(csrf());
  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
  });
  app.get('/', (context) =>
    context.html(renderPage({ endpoint, cart: viewCart(cartOf(context), endpoint) })),
  );
  app.get('/page/:name', (context) => {
    const file = pageFiles.get(context.req.param('name'));
    return file === undefined
      ? context.notFound()
      : context.body(file.text, 200, { 'content-type': file.type });
  });
  app.get('/cart', (context) => answer(context, cartOf(context)));
  app.post('/cart/items', async (context) => {
    const { product, change } = await context.req.parseBody();
    if (typeof product !== 'string' || !isProductId(product)) return context.text('no such product\n', 400);
    const cart = shelf.change(cartOf(context), product, change === '-1' ? -1 : 1);
    return context.req.header('accept') === 'application/json'
      ? answer(context, cart)
      : context.redirect('/', 303);
  });
  return app;
}
