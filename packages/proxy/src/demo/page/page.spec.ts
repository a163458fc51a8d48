import { describe, expect, it } from 'vitest';
import { viewCart } from '../shop/cart.ts';
import { renderPage } from './page.ts';

const HOSTILE = `"><script>alert('x')</script>&`;

describe('the page', () => {
  it('shows what is in the cart and which endpoint served', async () => {
    const cart = viewCart({ id: 'cart-1', quantities: new Map([['salt', 7]]) }, 'b');
    const page = String(await renderPage({ endpoint: 'b', cart }));
    expect(page).toContain('<output aria-label="Number of Flaked sea salt">7</output>');
    expect(page).toContain('endpoint b');
  });

  it('escapes whatever did not come from this folder', async () => {
    const loss = { kind: 'moved', from: HOSTILE, reason: 'endpoint-down' } as const;
    const cart = viewCart({ id: 'cart-1', quantities: new Map(), loss }, HOSTILE);
    const page = String(await renderPage({ endpoint: HOSTILE, cart }));
    expect(page).not.toContain('<script>alert');
    expect(page).not.toContain('"><script');
    expect(page).toContain('&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;');
  });
});
