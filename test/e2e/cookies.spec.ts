import { beforeAll, describe, expect, it } from 'vitest';
import { fieldValues, readEcho } from '../support/echo.ts';
import type { HttpClient } from '../support/http-client.ts';
import { openCookie, sealCookie } from '../support/sealed-cookie.ts';
import { useStage } from '../support/stage.ts';
import { cookieValue, readVisit, Visitor } from '../support/visitor.ts';

const HOUR_MS = 3_600_000;
const SET_COOKIE = /^_srv_id=[A-Za-z0-9_-]{87}; Path=\/; HttpOnly; SameSite=Lax$/;

describe('the proxy cookie', () => {
  const stage = useStage('file');
  let client: HttpClient;
  let permanent: HttpClient;

  beforeAll(async () => {
    await stage().startEndpoints(4);
    const [node, node2] = await Promise.all([
      stage().startNode({ listener: { trustedProxies: ['127.0.0.1'] } }),
      stage().startNode({ affinity: { cookie: { lifetime: 'permanent', secure: 'always', path: '/' } } }),
    ]);
    client = stage().client(node);
    permanent = stage().client(node2);
  });

  const visitWith = async (cookie: string, path = '/') => {
    const response = await client.send({ path, headers: { cookie } });
    return readVisit(response, cookieValue(response, '_srv_id') !== undefined);
  };

  const good = sealCookie();
  const flipped = (at: number): string =>
    good.slice(0, at) + (good[at] === 'A' ? 'B' : 'A') + good.slice(at + 1);

  it.each([
    { name: 'forged in its first character', value: flipped(0) },
    { name: 'forged in its nonce', value: flipped(5) },
    { name: 'forged in its body', value: flipped(40) },
    { name: 'forged in its tag', value: flipped(80) },
    {
      name: 'sealed with a secret of others',
      value: sealCookie({ secret: 'not the secret of this cluster' }),
    },
    { name: 'of another cluster', value: sealCookie({ cluster: 'other' }) },
    { name: 'of another pool', value: sealCookie({ pool: 'other' }) },
    { name: 'of another cookie name', value: sealCookie({ cookieName: 'other' }) },
    { name: 'truncated', value: good.slice(0, -1) },
    { name: 'with something appended', value: `${good}A` },
    { name: 'empty', value: '' },
    { name: 'of 8 KiB', value: 'A'.repeat(8_192) },
    { name: 'of bytes that are no text', value: '\u00ff\u0080\u00fe' },
    { name: 'that names an endpoint in plain words', value: 'shop-2' },
    { name: 'of a session past its absolute end', value: sealCookie({ startedAgoMs: 25 * HOUR_MS }) },
    { name: 'from the future', value: sealCookie({ issuedAgoMs: -HOUR_MS }) },
    { name: 'that was forgotten long ago', value: sealCookie({ issuedAgoMs: 2 * HOUR_MS }) },
  ])('C1, C4: is treated as absent when it is one $name', async ({ value }) => {
    const visits = await Promise.all(Array.from({ length: 8 }, () => visitWith(`_srv_id=${value}`)));
    expect(visits.map(({ status }) => status)).toEqual(Array(8).fill(200));
    expect(visits.map(({ setsCookie, outcome }) => ({ setsCookie, outcome }))).toEqual(
      Array(8).fill({ setsCookie: true, outcome: 'created' }),
    );
    // All of them speak of shop-2, as far as they speak at all: a cookie that chose would bring every visit there.
    expect(new Set(visits.map(({ servedBy }) => servedBy)).size).toBeGreaterThan(1);
  });

  it('C1: is believed when it is good, even by a store that has never heard of the session', async () => {
    const visits = await Promise.all(Array.from({ length: 4 }, () => visitWith(`_srv_id=${sealCookie()}`)));
    expect(visits.map(({ servedBy, outcome }) => ({ servedBy, outcome }))).toEqual(
      Array(4).fill({ servedBy: 'shop-2', outcome: 'adopted' }),
    );
  });

  it('C6: may come several times: the first valid one counts', async () => {
    const at3 = sealCookie({ endpoint: 'shop-3' });
    const at4 = sealCookie({ endpoint: 'shop-4' });
    const visit = await visitWith(`_srv_id=${flipped(40)}; _srv_id=${at3}; a=1; _srv_id=${at4}`);
    expect(visit).toMatchObject({ status: 200, servedBy: 'shop-3' });
  });

  it.each([
    { name: 'between others', sent: (own: string) => `a=1; ${own}; b="x;y"`, seen: ['a=1; b="x;y"'] },
    { name: 'as the first', sent: (own: string) => `${own}; a=1;b=2;  c=3`, seen: ['a=1;b=2;  c=3'] },
    { name: 'as the last', sent: (own: string) => `a=1;b=2 ; c = "3"; ${own}`, seen: ['a=1;b=2 ; c = "3"'] },
    { name: 'alone', sent: (own: string) => own, seen: [] },
    { name: 'twice', sent: (own: string) => `${own}; a=1; ${own}`, seen: ['a=1'] },
    {
      name: 'beside names that contain its own',
      sent: (own: string) => `x_srv_id=1; ${own}; _srv_id2=2`,
      seen: ['x_srv_id=1; _srv_id2=2'],
    },
    { name: 'forged', sent: () => '_srv_id=forged; a=1', seen: ['a=1'] },
  ])(
    'C6: never reaches the endpoint, and the other cookies do, byte for byte ($name)',
    async ({ sent, seen }) => {
      const { response } = await visitWith(sent(`_srv_id=${good}`), '/echo');
      expect(fieldValues(readEcho(response).headers, 'cookie')).toEqual(seen);
    },
  );

  it('C5, C7: is set once, with safe attributes, and makes its response private', async () => {
    const path = `/respond?header=${encodeURIComponent('Cache-Control: public, max-age=60, s-maxage=600')}`;
    const visitor = new Visitor('a visitor');
    const first = await visitor.visit(client, { path });
    expect(first.response.setCookies).toEqual([expect.stringMatching(SET_COOKIE)]);
    expect(first.response.headers['cache-control']).toBe('private, max-age=60');
    const second = await visitor.visit(client, { path });
    expect(second.response.setCookies).toEqual([]);
    expect(second.response.headers['cache-control']).toBe('public, max-age=60, s-maxage=600');
  });

  it.each([
    { given: undefined, becomes: 'private' },
    { given: 'no-store', becomes: 'no-store' },
    { given: 'Private, max-age=5', becomes: 'Private, max-age=5' },
    { given: 'max-age=60', becomes: 'private, max-age=60' },
  ])('C7: turns a response with Cache-Control $given into one with $becomes', async ({ given, becomes }) => {
    const path =
      given === undefined ? '/respond' : `/respond?header=${encodeURIComponent(`Cache-Control: ${given}`)}`;
    expect((await client.send({ path })).headers['cache-control']).toBe(becomes);
  });

  it('C5: is Secure on requests that a trusted proxy received over TLS', async () => {
    const { setCookies } = await client.send({ headers: { 'x-forwarded-proto': 'https' } });
    expect(setCookies).toEqual([expect.stringMatching(/; HttpOnly; SameSite=Lax; Secure$/)]);
  });

  it('C5: carries Max-Age only where it is to outlive the browser', async () => {
    const { setCookies } = await permanent.send();
    expect(setCookies).toEqual([
      expect.stringMatching(/; Path=\/; Max-Age=1200; HttpOnly; SameSite=Lax; Secure$/),
    ]);
  });

  it('C6: overrules one of its name that the endpoint sets, and no other', async () => {
    const headers = ['_srv_id=stolen; Path=/', '_srv_id2=kept', 'app=kept; Secure'];
    const query = headers.map((value) => `header=${encodeURIComponent(`Set-Cookie: ${value}`)}`).join('&');
    const { setCookies } = await client.send({ path: `/respond?${query}` });
    expect(setCookies).toEqual(['_srv_id2=kept', 'app=kept; Secure', expect.stringMatching(SET_COOKIE)]);
  });

  it('C2: says nothing of the session or its endpoint in the clear, nor in any plain encoding', async () => {
    const { setCookies, headers } = await client.send();
    const value = setCookies[0]?.split(/[=;]/)[1] ?? '';
    expect(headers['x-served-by']).toMatch(/^shop-\d$/);
    const bytes = Buffer.from(value, 'base64url');
    const reversed = Buffer.from(bytes).reverse();
    const readings = [
      value,
      decodeURIComponent(value),
      ...[bytes, reversed].flatMap((all) => [all.toString('latin1'), all.toString('hex')]),
    ];
    const ports = stage().endpoints.map(({ port }) => port);
    const numbers = ports.flatMap((port) => [
      String(port),
      Buffer.from([port >> 8, port & 0xff]).toString('latin1'),
    ]);
    expect(readings.join('\n')).not.toMatch(/shop|127\.0\.0\.1|7f000001/);
    // Two bytes may well be a port by chance in a text of random ones; every cookie with it is none.
    const second = (await client.send()).setCookies[0]?.split(/[=;]/)[1] ?? '';
    const others = [second, Buffer.from(second, 'base64url').toString('latin1')].join('\n');
    expect(
      numbers.filter((number) => readings.join('\n').includes(number) && others.includes(number)),
    ).toEqual([]);
  });

  it('C5: is at most 200 bytes of at most 512 for all of its field', async () => {
    const [field = ''] = (await client.send()).setCookies;
    expect(field.split(/[=;]/)[1]?.length).toBeLessThanOrEqual(200);
    expect(field.length).toBeLessThanOrEqual(512);
    expect(openCookie(field.split(/[=;]/)[1] ?? '')).toBeDefined();
  });
});
