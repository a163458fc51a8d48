import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cart, changeQuantity, isProductId, PRODUCTS, viewCart } from './cart.ts';

const EMPTY: Cart = { id: 'cart-1', quantities: new Map() };

describe('a cart', () => {
  it('adds up what is in it, to the cent', () => {
    const cart = changeQuantity(changeQuantity(EMPTY, 'crackers', 3), 'salt', 1);
    expect(viewCart(cart, 'a')).toMatchObject({ items: 4, total: '€ 14.70' });
  });

  it('keeps every quantity between 0 and 99, whatever is asked', () => {
    const changes = fc.array(fc.integer({ min: -150, max: 150 }));
    fc.assert(
      fc.property(changes, (all) => {
        const cart = all.reduce((before, change) => changeQuantity(before, 'rope', change), EMPTY);
        const quantity = cart.quantities.get('rope') ?? 0;
        expect(quantity).toBeGreaterThanOrEqual(0);
        expect(quantity).toBeLessThanOrEqual(99);
      }),
    );
  });

  it('does not change the cart that it came from', () => {
    changeQuantity(EMPTY, 'salt', 1);
    expect(viewCart(EMPTY, 'a').items).toBe(0);
  });

  it('says with which endpoint it was lost, and only then', () => {
    const moved: Cart = { ...EMPTY, loss: { kind: 'moved', from: 'shop/a', reason: 'endpoint-down' } };
    expect(viewCart(moved, 'b').notice).toContain('lost with shop/a');
    expect(viewCart({ ...EMPTY, loss: { kind: 'forgotten' } }, 'b').notice).toContain(
      'Endpoint b has no memory',
    );
    expect(viewCart(EMPTY, 'b')).not.toHaveProperty('notice');
  });
});

describe('a product', () => {
  it.each(Object.keys(PRODUCTS))('may be %s', (id) => expect(isProductId(id)).toBe(true));
  it.each(['', 'anchor', 'toString', '__proto__'])('may not be %j', (id) =>
    expect(isProductId(id)).toBe(false),
  );
});
