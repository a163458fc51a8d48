import { describe, expect, it } from 'vitest';
import { formatListenAddress, isLoopback, overlaps, parseListenAddress } from './listen-address.ts';

const address = (text: string) => parseListenAddress(text)!;

describe('parseListenAddress', () => {
  it.each([
    ['0.0.0.0:8080', { host: '0.0.0.0', port: 8080 }],
    ['shop.internal:80', { host: 'shop.internal', port: 80 }],
    ['[::1]:65535', { host: '::1', port: 65_535 }],
    [':0', { host: '0.0.0.0', port: 0 }],
  ])('reads %s', (text, expected) => {
    expect(parseListenAddress(text)).toEqual(expected);
  });

  it.each(['8080', 'shop', 'shop:', '::1:80', '[::1]', '1.2.3.4:65536', '1.2.3.4:-1', 'a b:80', ''])(
    'refuses %j',
    (text) => {
      expect(parseListenAddress(text)).toBeUndefined();
    },
  );

  it.each(['0.0.0.0:8080', '[fd00::1]:443', 'localhost:0'])('reads back %s as it was written', (text) => {
    expect(formatListenAddress(address(text))).toBe(text);
  });
});

describe('isLoopback', () => {
  it.each([
    ['127.0.0.1:1', true],
    ['127.8.9.1:1', true],
    ['[::1]:1', true],
    ['[::ffff:127.0.0.1]:1', true],
    ['localhost:1', true],
    [':1', false],
    ['[::]:1', false],
    ['10.0.0.1:1', false],
    ['127.0.0.1.example.com:1', false],
  ])('says of %s: %s', (text, expected) => {
    expect(isLoopback(address(text))).toBe(expected);
  });
});

describe('overlaps', () => {
  it.each([
    ['127.0.0.1:80', '127.0.0.1:80', true],
    ['127.0.0.1:80', ':80', true],
    ['[::]:80', '127.0.0.1:80', true],
    ['[::]:80', ':80', true],
    ['[::ffff:10.0.0.1]:80', ':80', true],
    ['[fd00::1]:80', ':80', false],
    ['127.0.0.1:80', '10.0.0.1:80', false],
    ['127.0.0.1:80', '127.0.0.1:81', false],
    ['127.0.0.1:0', '127.0.0.1:0', false],
  ])('says of %s and %s: %s', (a, b, expected) => {
    expect(overlaps(address(a), address(b))).toBe(expected);
    expect(overlaps(address(b), address(a))).toBe(expected);
  });
});
