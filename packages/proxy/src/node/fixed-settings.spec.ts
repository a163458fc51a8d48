import { configSchema } from '@holdfast/shared/config';
import { describe, expect, it } from 'vitest';
import { nodeConfig } from '../testing/node-config.ts';
import { fixedSettings } from './fixed-settings.ts';

const web = (more: object = {}) => [{ name: 'web', listen: '127.0.0.1:0', pool: 'shop', ...more }];
const TLS = { protocol: 'https', tls: { certificates: [{ cert: 'c.pem', key: 'k.pem' }] } };

/** What speaks against a change of a running node from one of these settings to the other, by its path. */
const objections = (before: object, after: object): readonly string[] =>
  fixedSettings(nodeConfig(before), nodeConfig(after)).map(({ path }) => path.join('.'));

describe('a running node', () => {
  it.each<[string, object, object]>([
    ['secrets', {}, { secrets: ['a secret of sixteen'] }],
    ['the token of the admin listener', { admin: {} }, { admin: { token: 'another' } }],
    ['where endpoints may be added', { admin: {} }, { admin: { endpointNetworks: ['10.0.0.0/8'] } }],
    ['the level of the log', {}, { log: { level: 'debug' } }],
    ['how it shuts down', {}, { shutdown: { delay: '9s' } }],
    [
      'routes, limits and timeouts',
      {},
      { listeners: web({ limits: { connections: 1 }, debugHeaders: true }) },
    ],
    ['the address of a listener', {}, { listeners: web({ listen: ':81' }) }],
    ['a listener with TLS at another address', {}, { listeners: web({ ...TLS, listen: ':81' }) }],
    [
      'pools',
      {},
      { pools: [{ name: 'shop', endpoints: [{ url: 'http://x' }], affinity: { type: 'cookie' } }] },
    ],
  ])('follows %s', (_, before, after) => {
    expect(objections(before, after)).toEqual([]);
  });

  it.each<[string, object, object]>([
    ['cluster.name', {}, { cluster: { name: 'other', node: 'node-1' } }],
    ['cluster.node', {}, { cluster: { name: 'test' } }],
    ['store.url', {}, { store: { url: 'sqlite:x.db' } }],
    ['store.commandTimeout', {}, { store: { commandTimeout: '1s' } }],
    ['admin', {}, { admin: {} }],
    ['admin', { admin: {} }, {}],
    ['admin.listen', { admin: {} }, { admin: { listen: '127.0.0.1:1' } }],
    ['log.access', {}, { log: { access: false } }],
    ['listeners.0.protocol', {}, { listeners: web(TLS) }],
    ['listeners.0.server', {}, { listeners: web({ server: 'node' }) }],
    [
      'listeners.0.proxyProtocol',
      {},
      { listeners: web({ proxyProtocol: true, trustedProxies: ['10.0.0.1'] }) },
    ],
  ])('cannot change %s', (path, before, after) => {
    expect(objections(before, after)).toEqual([path]);
  });

  it('says no value of either configuration: they may hold secrets', () => {
    const url = 'redis://:hunter2@10.0.0.1';
    const found = fixedSettings(nodeConfig(), nodeConfig({ store: { url } }));
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });

  it('decides about every key that the file may have: one that nobody follows needs a restart', () => {
    const followed = ['secrets', 'shutdown', 'listeners', 'pools'];
    const before = nodeConfig();
    for (const key of Object.keys(configSchema.shape).filter((name) => !followed.includes(name))) {
      const after = { ...before, [key]: { of: 'another kind' } };
      expect(fixedSettings(before, after).length, key).toBeGreaterThan(0);
    }
  });
});
