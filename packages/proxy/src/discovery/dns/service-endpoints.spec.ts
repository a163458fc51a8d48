import { describe, expect, it } from 'vitest';
import { serviceEndpoints } from './service-endpoints.ts';

const ADDRESSES = new Map([
  ['a.internal', ['10.0.0.1']],
  ['b.internal', ['2001:db8::2', '203.0.113.22', '203.0.113.21']],
  ['gone.internal', []],
]);

const service = (name: string, priority: number, weight: number, port = 80) => ({
  name,
  port,
  priority,
  weight,
});
const named = (...records: Parameters<typeof serviceEndpoints>[0]) =>
  serviceEndpoints(records, ADDRESSES, 'http');

describe('the endpoints of SRV records', () => {
  it('have the weights of their records, and a record without weight the smallest', () => {
    const weights = named(service('a.internal', 0, 60), service('b.internal', 0, 0)).map(
      ({ weight }) => weight,
    );
    expect(weights).toEqual([60, 1]);
  });

  it('have weights that stay in proportion where records go beyond what weights may be', () => {
    const weights = named(service('a.internal', 0, 65_535), service('b.internal', 0, 6_553)).map(
      ({ weight }) => weight,
    );
    expect(weights).toEqual([1_000, 100]);
  });

  it('are backups unless they are of the lowest priority', () => {
    const backups = named(service('a.internal', 10, 1), service('b.internal', 20, 1)).map(
      ({ backup }) => backup,
    );
    expect(backups).toEqual([false, true]);
  });

  it('are each at one address, the first of several, IPv4 before IPv6', () => {
    expect(named(service('b.internal', 0, 1)).map(({ url }) => url)).toEqual(['http://203.0.113.21:80']);
  });

  it.each([
    ['has no address', service('gone.internal', 0, 1)],
    ['is not known', service('unknown.internal', 0, 1)],
    ['says that there is no service', service('', 0, 0, 0)],
    ['has a name that no id may have', { ...service('a#b/c', 0, 1), name: 'a#b/c' }],
  ])('are none where a target %s', (_, record) => {
    const addresses = new Map([...ADDRESSES, ['a#b/c', ['10.0.0.3']], ['', ['10.0.0.4']]]);
    expect(serviceEndpoints([record], addresses, 'http')).toEqual([]);
  });

  it('are told apart by their ports', () => {
    const ids = named(service('a.internal', 0, 1, 8001), service('a.internal', 0, 1, 8002)).map(
      ({ id }) => id,
    );
    expect(ids).toEqual(['a.internal:8001', 'a.internal:8002']);
  });
});
