import { describe, expect, it } from 'vitest';
import { fieldValues, readEcho } from '../support/echo.ts';
import { okResponse } from '../support/raw-endpoint.ts';
import { rawRequest } from '../support/raw-request.ts';
import { type ClientText, otherwise } from '../support/refused.ts';
import { useStage } from '../support/stage.ts';

/** What no `Host` may say. The last ones are two names to some readers, and one to others. */
const NO_HOSTS = [
  ...[
    '',
    ' ',
    'a b',
    'a\tb',
    'u@a',
    'u:p@a',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',
    'a:x',
    'a:-1',
    'a:99999',
    'a:80:80',
  ],
  ...[
    '[::1',
    '::1]',
    '::1',
    '[::1]x',
    '[g]',
    'a%',
    'a%zz',
    '\xe4.test',
    'a\0',
    'a"b',
    '<a>',
    `${'a'.repeat(300)}`,
  ],
  ...['shop.test evil.test', 'shop.test\x0bevil.test', 'http://shop.test'],
];

/** Targets that name no host, or one with company. */
const NO_AUTHORITIES = [
  ...[
    'http://u:p@shop.test/',
    'http://u@shop.test/',
    'http://@shop.test/',
    'http:///x',
    'http://?x',
    'http://',
  ],
  ...['http://shop.test#evil.test/', 'http://shop.test/a#b', '/a#b', 'http://shop.test\\@evil.test/'],
  ...[
    'http://a:99999/',
    'http://a:x/',
    'http://[::1/',
    'http://a b/',
    'ftp://shop.test/',
    'shop.test:80',
    '*',
  ],
  ...['shop.test/', '?x', '', 'http:/shop.test/', 'https:shop.test'],
];

const request = (target: string, ...fields: readonly string[]): string =>
  `GET ${target} HTTP/1.1\r\n${[...fields, 'X-Other: 1'].join('\r\n')}\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n`;

const doubled: readonly ClientText[] = [
  ['Host: shop.test', 'Host: shop.test'],
  ['Host: shop.test', 'Host: evil.test'],
  ['host: evil.test', 'HOST: shop.test'],
  ['Host: shop.test', 'X-Between: 1', 'hOsT: evil.test'],
  ['Host: shop.test', 'Host:'],
  ['Host : shop.test'],
  [' Host: shop.test'],
  ['X-Before: 1', ' Host: shop.test'],
  ['\tHost: shop.test'],
  [],
].map((fields) => ({ name: fields.join(' | '), text: request('/', ...fields) }));

const cases: readonly ClientText[] = [
  ...doubled,
  ...NO_HOSTS.flatMap((host) => [
    { name: `Host: ${host}`, text: request('/', `Host: ${host}`) },
    { name: `Host:${host}, absolute target`, text: request('http://shop.test/', `Host:${host}`) },
  ]),
  ...NO_AUTHORITIES.map((target) => ({ name: target, text: request(target, 'Host: shop.test') })),
];

describe('the host of a request', () => {
  const stage = useStage();

  it.each(['wire', 'node'])(
    'S4, 43: is 400 and close where there is none, more than one, or one with company (server %s)',
    async (server) => {
      const endpoint = await stage().startRawEndpoint(({ target, connection }) => {
        connection.say(okResponse(target));
      });
      const node = await stage().startNode({ listener: { server } });
      expect(await otherwise(node.ports.port, '400 close closed', cases)).toEqual([]);
      expect(endpoint.heard).toEqual([]);
    },
  );

  it.each(['wire', 'node'])(
    'S4, 43: is the one of an absolute target, whatever Host says (RFC 9112 section 3.2.2; server %s)',
    async (server) => {
      await stage().startEndpoints(1);
      const routes = [{ match: { host: 'public.test' }, pool: 'shop' }];
      const node = await stage().startNode({ listener: { server, pool: undefined, routes } });
      const send = (target: string, host: string) =>
        rawRequest(node.ports.port, [`GET ${target} HTTP/1.1`, `Host: ${host}`, 'Connection: close']);

      const served = await send('http://public.test/echo?a=b', 'private.test');
      const { target, headers } = readEcho(served);
      expect(target).toBe('/echo?a=b');
      expect(fieldValues(headers, 'host')).toEqual(['public.test']);
      expect(fieldValues(headers, 'x-forwarded-host')).toEqual(['public.test']);
      expect((await send('http://private.test/echo', 'public.test')).status).toBe(404);
    },
  );
});
