import { describe, expect, it } from 'vitest';
import { addressLabelOf } from './address-label.ts';

describe('the label of an address', () => {
  it('is what HAProxy 2.6 sets with dynamic and the same dynamic-cookie-key', () => {
    const labelOf = addressLabelOf({ derive: 'address-keyed', key: 'secret' });
    expect(labelOf('http://127.0.0.1:18392')).toBe('d984598c7796b5a9');
  });

  it('depends on address, port and key, and on nothing else', () => {
    const labelOf = addressLabelOf({ derive: 'address-keyed', key: 'secret' });
    const origins = ['http://10.0.0.1:80', 'http://10.0.0.2:80', 'http://10.0.0.1:81', 'http://[::1]:80'];
    expect(new Set(origins.map(labelOf)).size).toBe(4);
    expect(labelOf('https://10.0.0.1:80')).toBe(labelOf('http://10.0.0.1'));
    expect(addressLabelOf({ derive: 'address-keyed', key: 'other' })('http://10.0.0.1')).not.toBe(
      labelOf('http://10.0.0.1'),
    );
  });

  it('is not made from a key where there is a name, as which address it has changes', () => {
    expect(
      addressLabelOf({ derive: 'address-keyed', key: 'secret' })('http://shop.internal'),
    ).toBeUndefined();
  });

  it('is what nginx sets for an endpoint without a route', () => {
    const labelOf = addressLabelOf({ derive: 'address-md5' });
    expect(labelOf('http://10.0.0.1:8080')).toBe('05ef642f508b1e5b76612ddbd5f89a4c');
  });
});
