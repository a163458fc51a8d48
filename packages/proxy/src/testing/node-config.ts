import { type Config, configSchema } from '@holdfast/shared/config';

/** A configuration with one listener and one pool, with whatever a test adds to it. */
export const nodeConfig = (settings: object = {}): Config =>
  configSchema.parse({
    cluster: { name: 'test', node: 'node-1' },
    listeners: [{ name: 'web', listen: '127.0.0.1:0', pool: 'shop' }],
    pools: [{ name: 'shop', endpoints: [{ id: 'a', url: 'http://127.0.0.1:1' }] }],
    ...settings,
  });
