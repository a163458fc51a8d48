import { beforeAll, describe, expect, it } from 'vitest';
import { fieldNames, fieldValues, readEcho } from '../support/echo.ts';
import type { HoldfastNode } from '../support/holdfast-node.ts';
import { rawRequest } from '../support/raw-request.ts';
import { useStage } from '../support/stage.ts';

/** RFC 9110 section 7.6.1, and what is older than it. */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

describe.each(['wire', 'node'])('header fields, on server %s,', (server) => {
  const stage = useStage('file');
  let untrusting: HoldfastNode;
  let trusting: HoldfastNode;
  let onIpv6: HoldfastNode;

  beforeAll(async () => {
    await stage().startEndpoints(1);
    [untrusting, trusting, onIpv6] = await Promise.all([
      stage().startNode({ listener: { server } }),
      stage().startNode({ listener: { server, trustedProxies: ['127.0.0.0/8', '10.0.0.0/8'] } }),
      stage().startNode({ listener: { server, listen: '[::1]:0' } }),
    ]);
  });

  /** What the endpoint receives of a request whose head has these fields as well. */
  const receivedOf = async (
    node: HoldfastNode,
    fields: readonly string[],
    body = '',
  ): Promise<readonly string[]> => {
    const method = body === '' ? 'GET' : 'POST';
    const response = await rawRequest(
      node.ports.port,
      [`${method} /echo HTTP/1.1`, 'Host: shop.test', ...fields],
      body,
    );
    expect(response.status).toBe(200);
    return readEcho(response).headers;
  };

  it('H1, 44: that are hop-by-hop, or nominated by Connection, do not reach the endpoint', async () => {
    const headers = await receivedOf(untrusting, [
      'Connection: close, X-Own, x-second',
      'connection: X-THIRD',
      'X-Own: 1',
      'X-Second: 2',
      'x-third: 3',
      'Keep-Alive: timeout=5',
      'Proxy-Connection: keep-alive',
      'Proxy-Authorization: Basic c2VjcmV0',
      'Upgrade: h2c',
      'X-Kept: 4',
    ]);
    const names = fieldNames(headers);
    const gone = [
      'keep-alive',
      'proxy-connection',
      'proxy-authorization',
      'upgrade',
      'x-own',
      'x-second',
      'x-third',
    ];
    expect(names.filter((name) => gone.includes(name))).toEqual([]);
    expect(fieldValues(headers, 'x-kept')).toEqual(['4']);
    expect(fieldValues(headers, 'connection')).not.toContainEqual(expect.stringMatching(/x-/i));
  });

  it('H1, 44: that the proxy adds or needs cannot be nominated away', async () => {
    const headers = await receivedOf(
      untrusting,
      [
        'Connection: close, x-forwarded-for, forwarded, via, x-request-id, cookie, host, content-length',
        'Cookie: app=1',
        'X-Forwarded-For: 6.6.6.6',
        'Content-Length: 4',
      ],
      'body',
    );
    expect(fieldValues(headers, 'x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(fieldValues(headers, 'forwarded')).toEqual([expect.stringMatching(/^for=127\.0\.0\.1;/)]);
    expect(fieldValues(headers, 'via')).toEqual(['1.1 holdfast']);
    expect(fieldValues(headers, 'x-request-id')).toHaveLength(1);
    expect(fieldValues(headers, 'cookie')).toEqual(['app=1']);
    expect(fieldValues(headers, 'host')).toEqual(['shop.test']);
    expect(fieldValues(headers, 'content-length')).toEqual(['4']);
  });

  it('H2, 45: that only a proxy may set are replaced when they come from a peer that is not trusted', async () => {
    const headers = await receivedOf(untrusting, [
      'Connection: close',
      'X-Forwarded-For: 6.6.6.6',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: evil.test',
      'X-Forwarded-Port: 443',
      'Forwarded: for=6.6.6.6;host=evil.test;proto=https',
      'X-Real-IP: 6.6.6.6',
      'X-Request-Id: chosen-by-the-client',
      'Holdfast-Session-Moved: from=shop/shop-9; reason=endpoint-down',
    ]);
    expect(headers.join('\n')).not.toMatch(/6\.6\.6\.6|evil|https|chosen-by-the-client|shop-9/);
    expect(fieldValues(headers, 'x-forwarded-for')).toEqual(['127.0.0.1']);
    expect(fieldValues(headers, 'x-forwarded-proto')).toEqual(['http']);
    expect(fieldValues(headers, 'x-forwarded-host')).toEqual(['shop.test']);
    expect(fieldValues(headers, 'x-forwarded-port')).toEqual([String(untrusting.ports.port)]);
    expect(fieldValues(headers, 'forwarded')).toEqual(['for=127.0.0.1;host=shop.test;proto=http']);
  });

  it('H2, 45: that a trusted peer sets are believed and extended', async () => {
    const headers = await receivedOf(trusting, [
      'Connection: close',
      'X-Forwarded-For: 203.0.113.7, 10.0.0.1',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: public.test',
      'X-Forwarded-Port: 443',
      'Forwarded: for=203.0.113.7;proto=https',
      'X-Request-Id: id-of-the-first-proxy',
      'Via: 1.1 first',
    ]);
    expect(fieldValues(headers, 'x-forwarded-for')).toEqual(['203.0.113.7, 10.0.0.1, 127.0.0.1']);
    expect(fieldValues(headers, 'x-forwarded-proto')).toEqual(['https']);
    expect(fieldValues(headers, 'x-forwarded-host')).toEqual(['public.test']);
    expect(fieldValues(headers, 'x-forwarded-port')).toEqual(['443']);
    expect(fieldValues(headers, 'forwarded')).toEqual([
      expect.stringMatching(/^for=203\.0\.113\.7;proto=https, for=127\.0\.0\.1;/),
    ]);
    expect(fieldValues(headers, 'x-request-id')).toEqual(['id-of-the-first-proxy']);
    expect(fieldValues(headers, 'via')).toEqual(['1.1 first, 1.1 holdfast']);
  });

  it.each([
    { given: 'for="[2001:db8::1]:80"', kept: 'for="[2001:db8::1]:80", ' },
    { given: 'for=_hidden, for=unknown', kept: 'for=_hidden, for=unknown, ' },
    { given: 'for=203.0.113.7;by="a, for=6.6.6.6"', kept: 'for=203.0.113.7;by="a, for=6.6.6.6", ' },
  ])('H2, 45: that a trusted peer sets are extended, not read: Forwarded $given', async ({ given, kept }) => {
    const headers = await receivedOf(trusting, ['Connection: close', `Forwarded: ${given}`]);
    expect(fieldValues(headers, 'forwarded')).toEqual([`${kept}for=127.0.0.1;host=shop.test;proto=http`]);
  });

  it.each(['for="6.6.6.6', 'for=6.6.6.6;host="a\\"', 'for="', 'for="a";host="b'])(
    'H2, 45: of a trusted peer hide none of ours behind a quote that does not end: Forwarded %s',
    async (given) => {
      const headers = await receivedOf(trusting, ['Connection: close', `Forwarded: ${given}`]);
      const forwarded = fieldValues(headers, 'forwarded').join(', ');
      expect(forwarded).toMatch(/for=127\.0\.0\.1;host=shop\.test;proto=http$/);
      // Quoted strings taken away as a reader does it, ours must still be there.
      expect(forwarded.replaceAll(/"(?:[^"\\]|\\.)*(?:"|$)/g, '')).toContain('for=127.0.0.1');
    },
  );

  it('H2: know a client by its IPv4 address on a socket that speaks IPv6 as well', async () => {
    const node = await stage().startNode({
      listener: { server, listen: '[::]:0', trustedProxies: ['127.0.0.1/32'] },
    });
    const port = Number(
      /:(\d+)$/.exec(String(node.events.find(({ msg }) => msg === 'listening')?.address))?.[1],
    );
    const head = [
      'GET /echo HTTP/1.1',
      'Host: shop.test',
      'Connection: close',
      'X-Forwarded-For: 203.0.113.7',
    ];
    const { headers } = readEcho(await rawRequest(port, head));
    expect(fieldValues(headers, 'x-forwarded-for')).toEqual(['203.0.113.7, 127.0.0.1']);
  });

  it('H3, 45: with underscores that stand for those of a proxy are dropped, even from a trusted peer', async () => {
    const aliases = [
      'X_Forwarded_For',
      'x_forwarded_proto',
      'X_Real_IP',
      'X-Forwarded_Host',
      'Holdfast_Session_Moved',
    ];
    const headers = await receivedOf(trusting, [
      'Connection: close',
      ...aliases.map((name) => `${name}: 6.6.6.6`),
      'X_Own: 1',
    ]);
    expect(headers.join('\n')).not.toContain('6.6.6.6');
    expect(fieldValues(headers, 'x_own')).toEqual(['1']);
  });

  it('H2: name an IPv6 client in the form that each field asks for', async () => {
    const port = Number(
      /:(\d+)$/.exec(String(onIpv6.events.find(({ msg }) => msg === 'listening')?.address))?.[1],
    );
    const response = await rawRequest(
      port,
      ['GET /echo HTTP/1.1', 'Host: [::1]', 'Connection: close'],
      '',
      '::1',
    );
    const { headers } = readEcho(response);
    expect(fieldValues(headers, 'x-forwarded-for')).toEqual(['::1']);
    expect(fieldValues(headers, 'forwarded')).toEqual(['for="[::1]";host="[::1]";proto=http']);
  });

  it('H1, 44: of a response that are hop-by-hop, or nominated by its Connection, do not reach the client', async () => {
    const raw = [
      'HTTP/1.1 200 OK',
      'Connection: close, X-Own',
      'X-Own: 1',
      'Keep-Alive: timeout=99',
      'Proxy-Authenticate: Basic',
      'Upgrade: h2c',
      'Content-Length: 2',
      'X-Kept: 2',
      '',
      'ok',
    ].join('\r\n');
    const { status, fields, body } = await rawRequest(untrusting.ports.port, [
      `GET /raw?text=${encodeURIComponent(raw)} HTTP/1.1`,
      'Host: shop.test',
      'Connection: close',
    ]);
    expect({ status, body }).toEqual({ status: 200, body: 'ok' });
    const names = fields.map((field) => field.slice(0, field.indexOf(':')).toLowerCase());
    expect(names).toContain('x-kept');
    expect(names).toContain('via');
    expect(names.filter((name) => name === 'x-own' || name === 'proxy-authenticate')).toEqual([]);
    expect(names.filter((name) => HOP_BY_HOP.includes(name) && name !== 'connection')).toEqual([]);
    expect(fields.join('\n')).not.toMatch(/timeout=99|x-own/i);
  });

  it('H1, 44: of which Connection would nominate our cookie do not take it from the response', async () => {
    const raw = [
      'HTTP/1.1 200 OK',
      'Connection: close, set-cookie, cache-control',
      'Content-Length: 2',
      '',
      'ok',
    ].join('\r\n');
    const { fields } = await rawRequest(untrusting.ports.port, [
      `GET /raw?text=${encodeURIComponent(raw)} HTTP/1.1`,
      'Host: shop.test',
      'Connection: close',
    ]);
    expect(fields).toContainEqual(expect.stringMatching(/^Set-Cookie: _srv_id=/));
    expect(fields).toContainEqual('Cache-Control: private');
  });
});
