import { describe, expect, it } from 'vitest';
import { nodeConfig } from '../testing/node-config.ts';
import { fingerprintOf } from './config-fingerprint.ts';

const SECRETS = ['a secret that is long enough', 'another one that is long enough'];
const pools = (url = 'http://10.0.0.1') => [{ name: 'shop', endpoints: [{ id: 'a', url }] }];
const of = (settings: object): string =>
  fingerprintOf(nodeConfig({ secrets: SECRETS, pools: pools(), ...settings }));
const usual = of({});

describe('the fingerprint of a configuration', () => {
  it('is short', () => {
    expect(usual).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each([
    ['says the same', {}],
    ['listens elsewhere', { listeners: [{ name: 'other', listen: ':9999', pool: 'shop' }] }],
    ['logs more', { log: { level: 'debug' } }],
    ['says what is the default', { shutdown: { delay: '0s' } }],
  ])('is the same where another node %s', (_, settings) => {
    expect(of(settings)).toBe(usual);
  });

  it.each([
    ['another endpoint', { pools: pools('http://10.0.0.2') }],
    ['no secret for older sessions', { secrets: SECRETS.slice(0, 1) }],
    ['its secrets in another order', { secrets: SECRETS.toReversed() }],
    ['another cluster', { cluster: { name: 'other' } }],
  ])('is another one where a node has %s', (_, settings) => {
    expect(of(settings)).not.toBe(usual);
  });
});
