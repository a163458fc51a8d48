import { parseConfig } from '@holdfast/shared/config';
import { describe, expect, it } from 'vitest';
import { nodeConfig } from './config.ts';

const SETTINGS = {
  node: 'node-1',
  port: 8080,
  adminPort: 9901,
  storeFile: '/tmp/a folder with "quotes"/sessions.db',
  secret: '0123456789abcdef0123456789abcdef',
  supervisorPort: 9000,
  endpoints: [
    { id: 'a', port: 9001 },
    { id: 'b', port: 9002 },
  ],
};

describe("a node's configuration in the demo", () => {
  const parsed = parseConfig(nodeConfig(SETTINGS), { file: 'node-1.yaml', environment: {} });

  it('is one that Holdfast accepts without a warning', () => {
    expect(parsed).toMatchObject({ kind: 'config', warnings: [] });
  });

  it('means what the settings say', () => {
    expect(parsed).toMatchObject({
      config: {
        cluster: { name: 'demo', node: 'node-1' },
        store: { url: `sqlite:${SETTINGS.storeFile}`, commandTimeout: 1_000 },
        listeners: [{ listen: { host: '127.0.0.1', port: 8080 }, debugHeaders: true }],
        pools: [
          {
            name: 'shop',
            endpoints: [
              { id: 'a', url: 'http://127.0.0.1:9001' },
              { id: 'b', url: 'http://127.0.0.1:9002' },
            ],
            affinity: { sources: [{ type: 'cookie', name: '_srv_id' }] },
            healthCheck: { interval: 250, healthyAfter: 2, unhealthyAfter: 2 },
          },
          { name: 'demo', affinity: { sources: [] } },
        ],
      },
    });
  });
});
