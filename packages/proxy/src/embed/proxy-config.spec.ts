import { describe, expect, it } from 'vitest';
import { readConfigText, readProxyConfig } from './proxy-config.ts';

const pools = [{ name: 'shop', endpoints: [{ url: 'http://127.0.0.1:1' }] }];

describe('the configuration of an embedded proxy', () => {
  it('has the defaults of the file, and durations with units', () => {
    const { config } = readProxyConfig({ pools, store: { commandTimeout: '2s' } });
    expect(config.store).toMatchObject({ url: 'memory:', commandTimeout: 2_000 });
    expect(config.pools[0]?.endpoints[0]?.id).toBe('127.0.0.1:1');
  });

  it('says how requests are met in the words of a listener', () => {
    const requests = { trustedProxies: ['10.0.0.0/8'], debugHeaders: true, limits: { bodyBytes: 5 } };
    expect(readProxyConfig({ pools, requests }).listener).toMatchObject({ name: 'embedded', ...requests });
  });

  it('is refused with everything that is wrong', () => {
    const misspelt = { pools: [{ ...pools[0], balnce: 'round-robin' }], secrets: ['short'] };
    const read = (): unknown => readProxyConfig(misspelt as never);
    expect(read).toThrow('did you mean "balance"?');
    expect(read).toThrow('secrets[0]: ');
  });

  it('takes what it names from the environment that it is given, and from no other', () => {
    const secrets = ['$' + '{SECRET}'];
    const SECRET = 'long enough for a secret';
    expect(readProxyConfig({ pools, secrets }, { SECRET }).config.secrets).toEqual([SECRET]);
    expect(() => readProxyConfig({ pools, secrets })).toThrow('secrets[0]: ');
  });

  it('is refused without a pool', () => {
    expect(() => readProxyConfig({ pools: [] })).toThrow('pools: ');
  });

  it('may be the text of a whole file, whose first listener has the rules', () => {
    const text = [
      'listeners: [{ name: web, listen: ":80", pool: shop, limits: { bodyBytes: 7 } }]',
      'pools: [{ name: shop, endpoints: [{ url: "http://127.0.0.1:1" }] }]',
    ].join('\n');
    expect(readConfigText(text).listener).toMatchObject({ name: 'web', limits: { bodyBytes: 7 } });
  });
});
