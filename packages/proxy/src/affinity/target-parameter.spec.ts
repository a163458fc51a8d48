import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pathParameter, queryParameter, withoutPathParameters } from './target-parameter.ts';

describe('a parameter of the query', () => {
  it.each([
    ['/socket.io/?EIO=4&transport=polling&sid=abc', 'abc'],
    ['/?sid=abc&x=1', 'abc'],
    ['/?sid=first&sid=second', 'first'],
    ['/?sid=', ''],
    ['/?sid=a%2Bb%20c', 'a+b c'],
    ['/?sid=100%', '100%'],
    ['https://shop.example/next?sid=abc#top', 'abc'],
    ['/?sid=a=b;c/d', 'a=b;c/d'],
  ])('of %s is %j', (target, value) => {
    expect(queryParameter(target, 'sid')).toBe(value);
  });

  it.each(['/', '/?', '/sid=abc', '/;sid=abc', '/?xsid=abc', '/?sidx=abc', '/?x=sid=abc', '/?sid'])(
    'is not in %s',
    (target) => {
      expect(queryParameter(target, 'sid')).toBeUndefined();
    },
  );
});

describe('a parameter of the path', () => {
  it.each([
    ['/shop;jsessionid=1A2B.node1', '1A2B.node1'],
    ['/shop;jsessionid=1A2B?x=;jsessionid=other', '1A2B'],
    ['/shop;v=1;jsessionid=1A2B;w=2/cart', '1A2B'],
    ['https://shop.example/cart;jsessionid=1A2B#top', '1A2B'],
  ])('of %s is %j', (target, value) => {
    expect(pathParameter(target, 'jsessionid')).toBe(value);
  });

  it.each(['/', '/?;jsessionid=1', '/jsessionid=1', '/;xjsessionid=1', '/#;jsessionid=1'])(
    'is not in %s',
    (target) => {
      expect(pathParameter(target, 'jsessionid')).toBeUndefined();
    },
  );
});

describe('a path without parameters', () => {
  it.each([
    ['/shop/cart', '/shop/cart'],
    ['/shop;jsessionid=1A2B', '/shop'],
    ['/shop;v=1;jsessionid=1A2B/cart;w=2/', '/shop/cart/'],
  ])('is of %s: %s', (path, bare) => {
    expect(withoutPathParameters(path)).toBe(bare);
  });
});

describe('any target', () => {
  it('is read without an exception', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        queryParameter(`/?${text}`, 'sid');
        pathParameter(`/;${text}`, 'sid');
      }),
    );
  });

  it('gives back what an application has put into its query', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        expect(queryParameter(`/?a=1&sid=${encodeURIComponent(value)}&b=2`, 'sid')).toBe(value);
      }),
    );
  });
});
