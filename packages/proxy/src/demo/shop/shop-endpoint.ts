import { parseArgs } from 'node:util';
import { serveShop } from './serve-shop.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { id: text, port: text, instance: text } });
await serveShop({
  endpoint: values.id ?? 'shop',
  instance: values.instance ?? '',
  listen: { host: '127.0.0.1', port: Number(values.port ?? 0) },
  onArrival: (arrival) => void process.send?.(arrival),
});
