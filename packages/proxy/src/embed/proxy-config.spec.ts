import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type ProxyConfig, readNodeConfig, readProxyConfig } from './proxy-config.ts';

const pools = [{ name: 'shop', endpoints: [{ url: 'http://127.0.0.1:1' }] }];
const read = (config: ProxyConfig | string, environment = {}) => readProxyConfig(config, environment);

describe('the configuration of an embedded proxy', () => {
  it('has the defaults of the file, and durations with units', async () => {
    const { config } = await read({ pools, store: { commandTimeout: '2s' } });
    expect(config.store).toMatchObject({ url: 'memory:', commandTimeout: 2_000 });
    expect(config.pools[0]?.endpoints[0]?.id).toBe('127.0.0.1:1');
  });

  it('says how requests are met in the words of a listener', async () => {
    const requests = { trustedProxies: ['10.0.0.0/8'], debugHeaders: true, limits: { bodyBytes: 5 } };
    expect((await read({ pools, requests })).listener).toMatchObject({ name: 'embedded', ...requests });
  });

  it('is refused with everything that is wrong', async () => {
    const misspelt = { pools: [{ ...pools[0], balnce: 'round-robin' }], secrets: ['short'] };
    await expect(read(misspelt as never)).rejects.toThrow(/did you mean "balance"\?.*secrets\[0\]: /s);
  });

  it('takes what it names from the environment that it is given, and from no other', async () => {
    const secrets = ['$' + '{SECRET}'];
    const SECRET = 'long enough for a secret';
    expect((await read({ pools, secrets }, { SECRET })).config.secrets).toEqual([SECRET]);
    await expect(read({ pools, secrets })).rejects.toThrow('secrets[0]: ');
  });

  it('is refused without a pool', async () => {
    await expect(read({ pools: [] })).rejects.toThrow('pools: ');
  });

  it('may be the file of a node, whose first listener has the rules', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'holdfast-embed-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    const file = join(dir, 'holdfast.yaml');
    await writeFile(
      file,
      [
        'listeners: [{ name: web, listen: ":80", pool: shop, limits: { bodyBytes: 7 } }]',
        'pools: [{ name: shop, endpoints: [{ url: "http://127.0.0.1:1" }] }]',
      ].join('\n'),
    );
    expect((await read(file)).listener).toMatchObject({ name: 'web', limits: { bodyBytes: 7 } });
    await expect(read(`${file}.none`)).rejects.toThrow('found none');
  });
});

describe('the configuration of a node in a program', () => {
  it('is that of the file', async () => {
    const listeners = [{ name: 'web', listen: '127.0.0.1:0', pool: 'shop' }];
    const { config, source } = await readNodeConfig({ listeners, pools }, {});
    expect(config.listeners[0]).toMatchObject({ name: 'web', routes: [{ pool: 'shop' }] });
    expect(source).toBeUndefined();
  });
});
