import { readFileSync } from 'node:fs';
import { html } from 'hono/html';
import type { CartView } from '../shop/cart.ts';
import type { ShopAnswer } from '../shop/shop-app.ts';

type Html = ReturnType<typeof html>;

const FILE_TYPES = {
  'page.css': 'text/css; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'words.js': 'text/javascript; charset=utf-8',
  'diagram.js': 'text/javascript; charset=utf-8',
} as const;

/** The files beside this one that the page loads from `/page/`, read once at the start. */
export const pageFiles: ReadonlyMap<string, { readonly type: string; readonly text: string }> = new Map(
  Object.entries(FILE_TYPES).map(([name, type]) => [
    name,
    { type, text: readFileSync(new URL(name, import.meta.url), 'utf8') },
  ]),
);

/**
 * The page of the shop. The cart works without a script; what Holdfast does with the session is read by the
 * script from the headers of the answers, which the endpoint that renders this cannot see.
 */
export const renderPage = ({ endpoint, cart }: ShopAnswer): Html => html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Holdfast demo</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="/page/page.css">
    <script type="module" src="/page/page.js"></script>
  </head>
  <body>
    <header>
      <h1>${mark()} Holdfast</h1>
      <p>A small shop on three endpoints, behind two proxy nodes. Carts live in the memory of their endpoint.</p>
      <p id="consoles"></p>
    </header>
    <main>
      ${place(endpoint)} ${map()}
      <p class="hint card" id="hint" aria-live="polite">
        <noscript>Turn JavaScript on to see what the proxy does with your session. The cart works without it.</noscript>
      </p>
      ${cartSection(endpoint, cart)} ${timeline()}
    </main>
  </body>
</html>`;

const mark = (): Html => html`<svg viewBox="0 0 24 24" aria-hidden="true">
  <path d="M12 14V2m0 6C9 8 7 6 7 3m5 8c3 0 5-2 5-5m-5 8c-5 0-7 3-8 8m8-8c5 0 7 3 8 8m-8-8c-2 2-3 5-3 8m3-8c2 2 3 5 3 8" />
</svg>`;

const place = (endpoint: string): Html => html`<section class="place card" aria-labelledby="place-title">
  <h2 id="place-title">Your session</h2>
  <p class="holder" aria-live="polite">
    <b id="holder" aria-hidden="true">${endpoint}</b><span>is on<br><strong id="holder-name">endpoint ${endpoint}</strong></span>
  </p>
  <dl>
    <div><dt>Pin</dt><dd id="pin">–</dd></div>
    <div><dt>Pinned for</dt><dd id="age">–</dd></div>
    <div><dt>Answered by</dt><dd id="node">–</dd></div>
    <div><dt>Last request</dt><dd id="outcome">–</dd></div>
    <div><dt>Seen so far</dt><dd id="tally">–</dd></div>
  </dl>
  <button type="button" class="danger" id="kill-holder" hidden>Kill endpoint ${endpoint}</button>
</section>`;

const map = (): Html => html`<section class="map card" aria-labelledby="map-title">
  <h2 id="map-title">Who is where</h2>
  <div class="diagram" id="diagram">
    <svg class="links" id="links" aria-hidden="true"></svg>
    <ul class="nodes" id="nodes" aria-label="Proxy nodes"></ul>
    <ul class="endpoints" id="endpoints" aria-label="Endpoints of the shop"></ul>
  </div>
</section>`;

const cartSection = (
  endpoint: string,
  cart: CartView,
): Html => html`<section class="cart card" id="cart" aria-labelledby="cart-title">
  <h2 id="cart-title">Your cart</h2>
  <p class="notice" id="notice" ${cart.notice === undefined ? 'hidden' : ''}>${cart.notice}</p>
  <ul id="lines">
    ${cart.lines.map((line) => cartLine(line))}
  </ul>
  <p class="total">Total <b id="total">${cart.total}</b></p>
  <p class="note">In the memory of endpoint <b id="keeper">${endpoint}</b>, and nowhere else.</p>
</section>`;

const cartLine = ({
  id,
  name,
  price,
  quantity,
}: CartView['lines'][number]): Html => html`<li data-product="${id}">
  <span class="product">${name}<span class="price">${price}</span></span>
  <form method="post" action="/cart/items">
    <input type="hidden" name="product" value="${id}">
    <button class="step" name="change" value="-1" aria-label="One ${name} less">−</button>
    <output aria-label="Number of ${name}">${quantity}</output>
    <button class="step" name="change" value="1" aria-label="One ${name} more">+</button>
  </form>
</li>`;

const timeline = (): Html => html`<section class="timeline card" aria-labelledby="timeline-title">
  <h2 id="timeline-title">What happened</h2>
  <ol id="timeline"></ol>
</section>`;
