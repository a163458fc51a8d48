import { describe, expect, it } from 'vitest';
import { isOwnName, isOwnPage } from './security.ts';

describe('a name by which the console is reached without a token', () => {
  it.each([
    '127.0.0.1',
    '127.0.0.1:9900',
    '[::1]:9900',
    '[::1]',
    'localhost:9900',
    'LOCALHOST',
    'node-1.localhost:1',
  ])('may be %s, which nobody else can bind', (host) => expect(isOwnName(host)).toBe(true));

  it.each([
    'evil.test',
    'evil.test:9900',
    'localhost.evil.test',
    '127.0.0.1.evil.test',
    'notlocalhost',
    '',
    '::1.evil',
  ])('may not be "%s", which somebody may have bound to this address', (host) =>
    expect(isOwnName(host)).toBe(false),
  );
});

describe('the page that a change comes from', () => {
  it.each([
    ['http://127.0.0.1:9900', '127.0.0.1:9900'],
    ['https://console.example.com', 'console.example.com'],
    ['http://[::1]:9900', '[::1]:9900'],
    ['http://node-1.internal:9900', 'Node-1.internal:9900'],
  ])('is one of ours where its origin is %s and it was sent to %s', (origin, host) =>
    expect(isOwnPage(origin, host)).toBe(true),
  );

  it.each([
    ['http://evil.test', '127.0.0.1:9900'],
    ['http://127.0.0.1:8080', '127.0.0.1:9900'],
    ['http://127.0.0.1', '127.0.0.1:9900'],
    ['http://127.0.0.1:9900.evil.test', '127.0.0.1:9900'],
    ['null', '127.0.0.1:9900'],
    ['', '127.0.0.1:9900'],
    [undefined, '127.0.0.1:9900'],
    ['http://127.0.0.1:9900', undefined],
  ])('is none of ours where its origin is %s and it was sent to %s', (origin, host) =>
    expect(isOwnPage(origin, host)).toBe(false),
  );
});
