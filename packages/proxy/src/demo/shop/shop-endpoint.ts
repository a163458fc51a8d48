import { parseArgs } from 'node:util';
import { systemRandom } from '@holdfast/shared';
import { serve } from '@hono/node-server';
import { CartShelf } from './cart-shelf.ts';
import { createShop } from './shop-app.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { id: text, port: text, instance: text } });
const shop = createShop({
  endpoint: values.id ?? 'shop',
  instance: values.instance ?? '',
  shelf: new CartShelf(systemRandom()),
  onArrival: (arrival) => void process.send?.(arrival),
});
serve({ fetch: shop.fetch, hostname: '127.0.0.1', port: Number(values.port ?? 0) });
