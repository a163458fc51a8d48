/** What the shop sells, by its id. Prices are in cents, so that a total is exact. */
export const PRODUCTS = {
  crackers: { name: 'Kelp crackers', cents: 350 },
  salt: { name: 'Flaked sea salt', cents: 420 },
  rope: { name: 'Mooring rope, 10 m', cents: 1_890 },
  lantern: { name: 'Storm lantern', cents: 3_900 },
} as const;

export type ProductId = keyof typeof PRODUCTS;

/** Whether a text from a request names a product. */
export const isProductId = (text: string): text is ProductId => Object.hasOwn(PRODUCTS, text);

/** How a session came to this endpoint when the proxy had to take it from another one. */
export interface Arrival {
  /** The endpoint that had it before, as the proxy names it: `shop/a`. */
  readonly from: string;
  readonly reason: string;
}

/**
 * Why a cart is emptier than its visitor remembers.
 *
 * - `moved`: the session came from another endpoint, and its cart stayed in that one's memory
 * - `forgotten`: nobody announced a move, so the cart was lost with a former process of this endpoint
 */
export type Loss = ({ readonly kind: 'moved' } & Arrival) | { readonly kind: 'forgotten' };

/** One visitor's cart. It exists in the memory of one process and nowhere else. */
export interface Cart {
  readonly id: string;
  readonly quantities: ReadonlyMap<ProductId, number>;
  readonly loss?: Loss;
}

const QUANTITY_MAX = 99;

/** The cart after `change` more (or fewer) of a product; a quantity stays between 0 and 99. */
export function changeQuantity(cart: Cart, product: ProductId, change: number): Cart {
  const quantity = Math.min(QUANTITY_MAX, Math.max(0, (cart.quantities.get(product) ?? 0) + change));
  return { ...cart, quantities: new Map(cart.quantities).set(product, quantity) };
}

/** A cart as pages and clients show it: every product of the shop with its quantity, amounts as text. */
export interface CartView {
  readonly lines: readonly { id: ProductId; name: string; price: string; quantity: number }[];
  readonly items: number;
  readonly total: string;
  /** What to tell a visitor whose cart is emptier than it was. */
  readonly notice?: string;
}

/** The cart as it is shown by `endpoint`, whose memory it is in. */
export function viewCart(cart: Cart, endpoint: string): CartView {
  const lines = Object.entries(PRODUCTS).map(([id, { name, cents }]) => ({
    id: id as ProductId,
    name,
    price: price(cents),
    quantity: cart.quantities.get(id as ProductId) ?? 0,
  }));
  return {
    lines,
    items: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    total: price(lines.reduce((sum, { id, quantity }) => sum + quantity * PRODUCTS[id].cents, 0)),
    ...(cart.loss !== undefined && { notice: describeLoss(cart.loss, endpoint) }),
  };
}

const price = (cents: number): string => `€ ${(cents / 100).toFixed(2)}`;

function describeLoss(loss: Loss, endpoint: string): string {
  if (loss.kind === 'forgotten') {
    return `Endpoint ${endpoint} has no memory of your cart, because its process has started since: this is a new one.`;
  }
  return `Your cart was lost with ${loss.from}: this is a new one. Holdfast moved your session once, and it stays moved. It told endpoint ${endpoint} of the move, so that an application can load the session's state or rebuild it; this one keeps it in memory only.`;
}
