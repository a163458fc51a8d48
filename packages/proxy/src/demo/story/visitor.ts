import { type Dispatcher, request } from 'undici';
import type { ShopAnswer } from '../shop/shop-app.ts';
import { CookieJar } from './cookie-jar.ts';
import { readTrace, type Trace } from './trace.ts';

/** What a visitor saw of one request: an answer of the shop, or that there was none. */
export type Visit =
  | {
      readonly kind: 'answered';
      readonly trace: Trace;
      /** How many things are in the cart that came with the answer. */
      readonly items: number;
      /** Names of the cookies that the answer set. */
      readonly setCookies: readonly string[];
    }
  | { readonly kind: 'failed'; readonly why: string };

const ANSWER_TIMEOUT_MS = 5_000;

/**
 * A browser without a window. Every request goes over a connection of its own, so that nothing but the
 * cookies can hold the session together.
 */
export class Visitor {
  readonly #jar = new CookieJar();

  /** Looks at the cart through the node at `nodeUrl`. */
  look(nodeUrl: string): Promise<Visit> {
    return this.#ask(`${nodeUrl}/cart`, { method: 'GET' });
  }

  /** Puts one more of a product into the cart. */
  buy(nodeUrl: string, product: string): Promise<Visit> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: nodeUrl };
    return this.#ask(`${nodeUrl}/cart/items`, {
      method: 'POST',
      body: `product=${product}&change=1`,
      headers,
    });
  }

  async #ask(
    url: string,
    options: Pick<Dispatcher.RequestOptions, 'method' | 'body'> & { headers?: object },
  ): Promise<Visit> {
    const cookie = this.#jar.header();
    try {
      const response = await request(url, {
        ...options,
        headers: { accept: 'application/json', ...options.headers, ...(cookie !== undefined && { cookie }) },
        reset: true,
        headersTimeout: ANSWER_TIMEOUT_MS,
        bodyTimeout: ANSWER_TIMEOUT_MS,
      });
      return await this.#read(response);
    } catch (error) {
      return { kind: 'failed', why: error instanceof Error ? error.message : String(error) };
    }
  }

  async #read({ statusCode, headers, body }: Dispatcher.ResponseData): Promise<Visit> {
    const text = await body.text();
    const setCookies = [headers['set-cookie'] ?? []].flat().map((line) => this.#jar.store(line) ?? '');
    if (statusCode !== 200) return { kind: 'failed', why: `status ${statusCode}: ${text.trim()}` };
    const { cart } = JSON.parse(text) as ShopAnswer;
    const header = (name: string): string | undefined => [headers[name] ?? []].flat()[0];
    return { kind: 'answered', trace: readTrace(header), items: cart.items, setCookies };
  }
}
