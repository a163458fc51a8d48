import type { Random } from '@holdfast/shared';
import { type Dispatcher, request } from 'undici';
import { PRODUCTS } from '../shop/cart.ts';
import type { ShopAnswer } from '../shop/shop-app.ts';

/**
 * What a visitor found:
 *
 * - `new`: a cart of their own, as this is the first visit
 * - `kept`: the cart as they left it
 * - `moved`: another endpoint, which was told that the session moves, and says so
 * - `lost`: the cart is not as they left it, and nobody said why. It is what must not happen
 * - `failed`: no answer, or not the one of the shop
 */
export type Finding = 'new' | 'kept' | 'moved' | 'lost' | 'failed';

/** One visit. */
export interface Visit {
  readonly finding: Finding;
  /** Who answered; undefined where nobody did. */
  readonly endpoint?: string;
  /** The node that brought the answer, where it says so. */
  readonly node?: string;
  /** What went wrong. */
  readonly cause?: string;
}

const PRODUCT_IDS = Object.keys(PRODUCTS);
const BUYS_EVERY = 4;
const ITEMS_MAX = 99;

const HEADERS_TIMEOUT_MS = 5_000;

/** Somebody with cookies and a cart, who notices if it is not as it was. */
export class Visitor {
  readonly #url: URL;
  readonly #dispatcher: Dispatcher;
  readonly #random: Random;
  readonly #cookies = new Map<string, string>();
  #endpoint: string | undefined;
  #items = 0;

  constructor(url: URL, dispatcher: Dispatcher, random: Random) {
    this.#url = url;
    this.#dispatcher = dispatcher;
    this.#random = random;
  }

  /** Looks at the cart, or puts something into it. Never rejects. */
  async visit(): Promise<Visit> {
    const buys = this.#items < ITEMS_MAX && this.#random.unit() < 1 / BUYS_EVERY;
    try {
      const { status, node, text } = await this.#ask(buys);
      if (status !== 200) return { finding: 'failed', node, cause: `status ${status}` };
      const { endpoint, cart } = JSON.parse(text) as ShopAnswer;
      const finding = this.#judge(endpoint, cart.items - (buys ? 1 : 0), cart.notice !== undefined);
      this.#endpoint = endpoint;
      this.#items = cart.items;
      return { finding, endpoint, node };
    } catch (error) {
      return { finding: 'failed', cause: error instanceof Error ? error.message : String(error) };
    }
  }

  #judge(endpoint: string, items: number, isTold: boolean): Finding {
    if (this.#endpoint === undefined) return 'new';
    if (endpoint !== this.#endpoint) return isTold ? 'moved' : 'lost';
    return items === this.#items ? 'kept' : 'lost';
  }

  async #ask(buys: boolean) {
    const { statusCode, headers, body } = await request(new URL(buys ? '/cart/items' : '/cart', this.#url), {
      ...(buys && { method: 'POST', body: this.#order() }),
      headers: {
        accept: 'application/json',
        cookie: [...this.#cookies].map((pair) => pair.join('=')).join('; '),
        ...(buys && {
          'content-type': 'application/x-www-form-urlencoded',
          'sec-fetch-site': 'same-origin',
        }),
      },
      dispatcher: this.#dispatcher,
      headersTimeout: HEADERS_TIMEOUT_MS,
    });
    for (const line of [headers['set-cookie'] ?? []].flat()) this.#keep(line);
    return { status: statusCode, node: String(headers['holdfast-node'] ?? ''), text: await body.text() };
  }

  #order(): string {
    const product = PRODUCT_IDS[Math.floor(this.#random.unit() * PRODUCT_IDS.length)] ?? 'rope';
    return new URLSearchParams({ product, change: '1' }).toString();
  }

  #keep(line: string): void {
    const [pair = ''] = line.split(';', 1);
    const equals = pair.indexOf('=');
    this.#cookies.set(pair.slice(0, equals), pair.slice(equals + 1));
  }
}
