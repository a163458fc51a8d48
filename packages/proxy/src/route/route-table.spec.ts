import type { RouteConfig } from '@holdfast/shared/config';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RouteTable } from './route-table.ts';

/** A route whose pool is named after what it matches. */
const route = (match: string): RouteConfig => {
  const slash = match.indexOf('/');
  const host = match.slice(0, slash);
  return { match: { path: match.slice(slash), ...(host === '' ? {} : { host }) }, pool: match };
};

/** The route that a URL takes, by its name; undefined where no route matches. */
async function poolOf(routes: readonly string[], url: string): Promise<string | undefined> {
  const [, host = '', path = ''] = /^http:\/\/([^/]*)([^?]*)/.exec(url) ?? [];
  return new RouteTable(routes.map(route), ({ pool }) => pool).find(host, path)?.target;
}

describe('the path of a route', () => {
  it.each([
    ['http://h/api', '/api'],
    ['http://h/api/', '/api'],
    ['http://h/api/x/y', '/api'],
    ['http://h/api?q=/other', '/api'],
    ['http://h/apis', '/'],
    ['http://h/ap', '/'],
    ['http://h/x/api', '/'],
    ['http://h/', '/'],
    ['http://h/API', '/'],
    ['http://h/api/v2', '/api/v2'],
    ['http://h/api/v2/x', '/api/v2'],
    ['http://h/api/v22', '/api'],
  ])('is matched by whole segments, the longest first: %s by %s', async (url, pool) => {
    expect(await poolOf(['/', '/api', '/api/v2'], url)).toBe(pool);
    expect(await poolOf(['/api/v2', '/', '/api'], url)).toBe(pool);
  });

  it('may end in a slash, which means the same', async () => {
    expect(await poolOf(['/api/'], 'http://h/api')).toBe('/api/');
    expect(await poolOf(['/api/'], 'http://h/api/x')).toBe('/api/');
  });

  it.each([
    '/:id',
    '/a*',
    '/*',
    '/{x}',
    '/a{2}',
    '/(a|b)',
    '/a.b',
    '/$a',
    '/a+b',
    '/[a]',
    '/^a',
    '/a:b',
    '/:a/:b',
  ])('means itself, where it is %s, and no pattern', async (path) => {
    expect(await poolOf([path, '/'], `http://h${path}/x`)).toBe(path);
    for (const other of ['/other', '/aa', '/a', '/b', '/axb', '/a/b']) {
      expect(await poolOf([path, '/'], `http://h${other}`)).toBe('/');
    }
  });

  it.each([
    ['http://h/x/../api', '/api'],
    ['http://h/%61pi/x', '/api'],
    ['http://h/x\\..\\api', '/api'],
    ['http://h/\\evil/api', '/'],
    ['http://h//evil/%61pi', '/'],
    ['http://h/\\evil:99999/', '/'],
    ['http://h/\\/[/%41', '/'],
  ])('is read as an endpoint would, with nothing in it taken for a host: %s by %s', async (url, pool) => {
    expect(await poolOf(['/', '/api'], url)).toBe(pool);
  });

  it('is found for whatever a client sends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: fc.constantFrom(...'/\\.%2eaF:@[]#^|') }), async (text) => {
        expect(await poolOf(['/', '/api'], `http://h/${text}`)).toBeDefined();
      }),
    );
  });

  it('matches no host where no route does', async () => {
    expect(await poolOf(['/api'], 'http://h/other')).toBeUndefined();
  });
});

describe('the host of a route', () => {
  const routes = [
    '/',
    '*.example/',
    '*.shop.example/',
    'shop.example/',
    'www.shop.example/',
    '*.example/api',
  ];

  it.each([
    ['http://shop.example/', 'shop.example/'],
    ['http://www.shop.example/x', 'www.shop.example/'],
    ['http://a.shop.example/', '*.shop.example/'],
    ['http://a.b.shop.example/', '*.shop.example/'],
    ['http://other.example/', '*.example/'],
    ['http://other.example/api/x', '*.example/api'],
    ['http://www.shop.example/api', 'www.shop.example/'],
    ['http://example/', '/'],
    ['http://notshop.example/', '*.example/'],
    ['http://shopxexample/', '/'],
    ['http://shop.example.evil/', '/'],
    ['http://SHOP.Example/', 'shop.example/'],
    ['http://shop.example:8080/', 'shop.example/'],
    ['http://10.0.0.1/', '/'],
    ['http://10.0.0.1:8080/x', '/'],
    ['http://[::1]/', '/'],
    ['http://[fd00::1]:8080/x', '/'],
  ])('is matched the most specific first: %s by %s', async (url, pool) => {
    expect(await poolOf(routes, url)).toBe(pool);
    expect(await poolOf(routes.toReversed(), url)).toBe(pool);
  });

  it('is not looked for in the path: a client cannot choose the route of another host', async () => {
    expect(await poolOf(routes, 'http://evil/x.shop.example/y')).toBe('/');
    expect(await poolOf(['*.shop.example/'], 'http://evil/x.shop.example/y')).toBeUndefined();
    expect(await poolOf(['shop.example/'], 'http://evil/shop.example/y')).toBeUndefined();
  });

  it('may be written in any case', async () => {
    expect(await poolOf(['Shop.EXAMPLE/', '/'], 'http://shop.example/')).toBe('Shop.EXAMPLE/');
    expect(await poolOf(['*.Shop.EXAMPLE/', '/'], 'http://a.shop.example/')).toBe('*.Shop.EXAMPLE/');
  });
});

describe('the order of routes in the file', () => {
  it('does not matter', async () => {
    const routes = ['/', '/a', '/a/b', 'one.example/', 'one.example/a', '*.example/', '*.example/a/b'];
    const urls = ['one', 'two', 'a.two'].flatMap((name) =>
      ['', 'a', 'a/b', 'a/b/c', 'ab'].map((path) => `http://${name}.example/${path}`),
    );
    const expected = await Promise.all(urls.map((url) => poolOf(routes, url)));
    const anyOrder = fc.shuffledSubarray(routes, { minLength: routes.length, maxLength: routes.length });
    await fc.assert(
      fc.asyncProperty(anyOrder, async (shuffled) => {
        expect(await Promise.all(urls.map((url) => poolOf(shuffled, url)))).toEqual(expected);
      }),
      { numRuns: 20 },
    );
  });
});

describe('the name of a route in logs', () => {
  it('is its host, if it names one, and its path', () => {
    const table = new RouteTable(['/', 'shop.example/api'].map(route), () => undefined);
    expect(table.find('shop.example', '/api/x')?.name).toBe('shop.example/api');
    expect(table.find('other.example', '/api/x')?.name).toBe('/');
  });
});
