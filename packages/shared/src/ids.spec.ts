import { describe, expect, it } from 'vitest';
import { endpointId, endpointOfPin, incarnatedId, isSessionKey, poolName } from './ids.ts';

describe('endpointId', () => {
  it('keeps endpoints of one name in two pools apart', () => {
    expect(endpointId(poolName('shop'), 'a')).toBe('shop/a');
    expect(endpointId(poolName('shop'), 'a')).not.toBe(endpointId(poolName('api'), 'a'));
  });
});

describe('incarnatedId', () => {
  it('keeps processes of one endpoint apart, and is taken back to the endpoint', () => {
    const id = endpointId(poolName('shop'), '[fd00::1]:80');
    expect(incarnatedId(id, 'a')).not.toBe(incarnatedId(id, 'b'));
    expect([incarnatedId(id, 'a'), id].map(endpointOfPin)).toEqual([id, id]);
  });
});

describe('isSessionKey', () => {
  it('accepts 22 characters of base64url', () => {
    expect(isSessionKey('abcdefghijklmnopqrs-_9')).toBe(true);
  });

  it.each([
    ['one character less', 'abcdefghijklmnopqrs-_'],
    ['one character more', 'abcdefghijklmnopqrs-_99'],
    ['a character of the other base64', 'abcdefghijklmnopqrs+/9'],
    ['a line break at the end, which "$" might forgive', 'abcdefghijklmnopqrs-_\n'],
    ['what would leave a key of the store', 'abcdefghij:{lmnop}qrs9'],
    ['nothing', ''],
  ])('refuses %s', (_, value) => {
    expect(isSessionKey(value)).toBe(false);
  });
});
