import type { Random } from '@holdfast/shared';
import { LRUCache } from 'lru-cache';
import { type Arrival, type Cart, changeQuantity, type Loss, type ProductId } from './cart.ts';

const CARTS_MAX = 10_000;
const CART_ID = /^[\w-]{22}$/;

/** What became of a visitor's cart when a request arrived: it was there, or a new one had to be opened. */
export type Opening =
  | { readonly kind: 'found'; readonly cart: Cart }
  | { readonly kind: 'opened'; readonly cart: Cart };

/**
 * The carts that this process remembers: at most 10,000, the least recently used is forgotten first.
 *
 * A visitor keeps the same cart id wherever the session goes, but an endpoint knows only the carts that
 * were opened here. An unknown id therefore means that a cart was lost, and the new one says how.
 */
export class CartShelf {
  readonly #carts = new LRUCache<string, Cart>({ max: CARTS_MAX });
  readonly #random: Random;

  constructor(random: Random) {
    this.#random = random;
  }

  /** The cart of the visitor who sent `cartId`, opened now if this process does not know it. */
  open(cartId: string | undefined, arrival: Arrival | undefined): Opening {
    const known = cartId === undefined ? undefined : this.#carts.get(cartId);
    if (known !== undefined) return { kind: 'found', cart: known };
    const mayReturn = cartId !== undefined && CART_ID.test(cartId);
    const loss = mayReturn ? lossOf(arrival) : undefined;
    const cart: Cart = {
      id: mayReturn ? cartId : this.#random.bytes(16).toString('base64url'),
      quantities: new Map(),
      ...(loss !== undefined && { loss }),
    };
    this.#carts.set(cart.id, cart);
    return { kind: 'opened', cart };
  }

  /** Puts `change` more (or fewer) of a product into a cart of this shelf. */
  change(cart: Cart, product: ProductId, change: number): Cart {
    const changed = changeQuantity(cart, product, change);
    this.#carts.set(changed.id, changed);
    return changed;
  }
}

const lossOf = (arrival: Arrival | undefined): Loss =>
  arrival === undefined ? { kind: 'forgotten' } : { kind: 'moved', ...arrival };
