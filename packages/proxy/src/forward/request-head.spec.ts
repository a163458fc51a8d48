import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { takeOwnCookie } from '../affinity/own-cookie.ts';
import { readRequestHead, requestHeadOf } from '../testing/request-head.ts';
import { namesOf, valuesOf } from '../testing/response-head.ts';
import {
  type AddedFields,
  asksForUpgrade,
  finishHead,
  givenRequestId,
  hostLine,
  upstreamHeadOf,
} from './request-head.ts';

const FORWARDED = 'X-Forwarded-For: 192.0.2.7\r\nForwarded: for=192.0.2.7\r\n';
const OURS = ['x-forwarded-for', 'forwarded', 'via', 'x-request-id'];

/** What the endpoint reads of a request with these fields: it is read by the strict parser. */
const passOn = (fields: readonly string[], added: Partial<AddedFields> = {}, startLine = 'GET / HTTP/1.1') =>
  readRequestHead(
    finishHead(
      upstreamHeadOf(requestHeadOf(fields, startLine), {
        forwarded: FORWARDED,
        requestId: 'request-1',
        cookieLines: undefined,
        isTraced: false,
        ...added,
      }),
      '',
    ),
  );

const passed = (fields: readonly string[], added: Partial<AddedFields> = {}, startLine?: string) =>
  passOn(fields, added, startLine).fields.toList();

const anyCase = (name: string) =>
  fc
    .array(fc.boolean(), { minLength: name.length, maxLength: name.length })
    .map((isUpper) => [...name].map((letter, at) => (isUpper[at] ? letter.toUpperCase() : letter)).join(''));

describe('the request line for an endpoint', () => {
  it('is that of the client, in the version that the proxy speaks', () => {
    const head = upstreamHeadOf(requestHeadOf([], 'DELETE /a/./b?c=%20d HTTP/1.0'), {
      forwarded: '',
      requestId: '1',
      cookieLines: undefined,
      isTraced: false,
    });
    expect(head).toMatch(/^DELETE \/a\/\.\/b\?c=%20d HTTP\/1\.1\r\n/);
  });

  it('is in origin form, and Host is the host of the target, where the client sent a URL (RFC 9112 section 3.2.2)', () => {
    const head = passOn(['Host', 'other.example'], {}, 'GET http://Shop.example:81/a HTTP/1.1');
    expect(head.target).toBe('/a');
    expect(valuesOf(head.fields.toList(), 'host')).toEqual(['Shop.example:81']);
  });
});

describe('the host of a request', () => {
  it('is the endpoint itself where a client of HTTP/1.0 names none, as HTTP/1.1 needs one', () => {
    const hostless = readRequestHead('GET / HTTP/1.0\r\n\r\n');
    expect(hostLine(hostless, 'http://10.0.0.1:8080')).toBe('Host: 10.0.0.1:8080\r\n');
    expect(hostLine(hostless, 'https://[fd00::1]')).toBe('Host: [fd00::1]\r\n');
    expect(hostLine(requestHeadOf(['Host', 'h']), 'http://10.0.0.1')).toBe('');
  });
});

describe('the fields of the client', () => {
  it('pass on in their order, with their names and values as written', () => {
    const fields = ['ACCEPT', 'text/html', 'x-Twice', '1', 'X-Twice', '2', 'Empty', '', 'Latin', 'caf\xe9'];
    expect(passed(['Host', 'shop.example', ...fields]).slice(0, 12)).toEqual([
      'Host',
      'shop.example',
      ...fields,
    ]);
  });

  it.each([
    ['connection', 'keep-alive'],
    ['keep-alive', 'timeout=5'],
    ['proxy-connection', 'keep-alive'],
    ['proxy-authenticate', 'Basic'],
    ['proxy-authorization', 'Basic c2VjcmV0'],
    ['trailer', 'X-Sum'],
    ['upgrade', 'other'],
    ['expect', '100-continue'],
    ['te', 'gzip'],
    ['holdfast-session-moved', 'from=shop/a; reason=endpoint-down'],
    ['x-real-ip', '203.0.113.9'],
    ['x-forwarded-host', 'bank.example'],
    ['x-forwarded-port', '443'],
    ['x-forwarded-proto', 'https'],
  ])('do not pass on where they are for one hop or for proxies to say: %s, in any case', (name, value) => {
    fc.assert(fc.property(anyCase(name), (written) => valuesOf(passed([written, value]), name).length === 0));
  });

  it.each([
    'X_Forwarded_For',
    'x_forwarded-proto',
    'X-Forwarded_Host',
    'X_Request_Id',
    'x_real_ip',
    'Keep_Alive',
    'Transfer_Encoding',
    'Content_Length',
    'HOLDFAST_SESSION_MOVED',
    'Proxy_Authorization',
  ])('do not pass on as %s, which application servers read as the field with "-"', (alias) => {
    expect(namesOf(passed([alias, '203.0.113.9']))).not.toContain(alias.toLowerCase());
  });

  it.each([
    'my_header',
    '_',
    'accept_language',
    '__proto__',
    'x-forwarded-server',
    'hose',
    'x',
    'authorization',
  ])('pass on as %s, which is nothing of ours', (name) => {
    expect(valuesOf(passed([name, '1']), name)).toEqual(['1']);
  });

  it('do not pass on where Connection nominates them', () => {
    const fields = passed(['Connection', 'X-Hop, close', 'X-Hop', '1', 'x-hop', '2', 'X-End', '3']);
    expect(valuesOf(fields, 'x-hop')).toEqual([]);
    expect(valuesOf(fields, 'x-end')).toEqual(['3']);
  });

  it('ask for trailers, for this hop, where the client takes them, and for no other coding', () => {
    const fields = passed(['TE', 'gzip, Trailers', 'Connection', 'TE']);
    expect(valuesOf(fields, 'te')).toEqual(['trailers']);
    expect(valuesOf(fields, 'connection')).toEqual(['TE']);
    expect(namesOf(passed(['TE', 'gzip']))).not.toContain('te');
  });
});

describe('the framing of the body', () => {
  it.each([
    ['Content-Length', '0'],
    ['Content-Length', '42'],
    ['Transfer-Encoding', 'chunked'],
  ])('is said anew, once: %s: %s', (name, value) => {
    const fields = passed([name.toUpperCase(), value, 'Connection', name], {}, 'POST / HTTP/1.1');
    expect(valuesOf(fields, name.toLowerCase())).toEqual([value]);
  });

  it('is not said of a request without body', () => {
    expect(
      namesOf(passed([])).filter((name) => name === 'content-length' || name === 'transfer-encoding'),
    ).toEqual([]);
  });
});

describe('an upgrade', () => {
  it('passes on with its protocol', () => {
    const fields = passed([
      'Connection',
      'keep-alive, Upgrade',
      'Upgrade',
      'websocket',
      'Sec-WebSocket-Key',
      'k',
    ]);
    expect(valuesOf(fields, 'connection')).toEqual(['Upgrade']);
    expect(valuesOf(fields, 'upgrade')).toEqual(['websocket']);
    expect(valuesOf(fields, 'sec-websocket-key')).toEqual(['k']);
  });

  it.each(['h2c', 'H2C', 'h2', 'websocket, h2c', 'h2c,websocket'])(
    'to %s is none: inside that tunnel requests would pass by routing and every rule for headers',
    (protocol) => {
      const fields = ['Connection', 'Upgrade, HTTP2-Settings', 'Upgrade', protocol, 'HTTP2-Settings', 'AAMA'];
      expect(asksForUpgrade(requestHeadOf(fields))).toBe(false);
      const names = namesOf(passed(fields));
      for (const name of ['connection', 'upgrade', 'http2-settings']) expect(names).not.toContain(name);
    },
  );

  it.each(['websocket', 'WebSocket', 'h2cat', 'irc/6.9'])('to %s is one', (protocol) => {
    expect(asksForUpgrade(requestHeadOf(['Connection', 'Upgrade', 'Upgrade', protocol]))).toBe(true);
  });

  it.each([
    ['without Connection: upgrade', ['Upgrade', 'websocket'], 'GET / HTTP/1.1'],
    ['in HTTP/1.0', ['Connection', 'upgrade', 'Upgrade', 'websocket'], 'GET / HTTP/1.0'],
  ])('is none %s, and does not pass on', (_, fields, startLine) => {
    expect(namesOf(passed(fields, {}, startLine))).not.toContain('upgrade');
    expect(namesOf(passed(fields, {}, startLine))).not.toContain('connection');
  });
});

describe("the proxy's own cookie", () => {
  const passedWithout = (fields: readonly string[]) =>
    passed(fields, { cookieLines: takeOwnCookie(requestHeadOf(fields).fields, ['_srv_id'])?.lines });

  it('is taken out, and the other cookies stay as they are', () => {
    expect(valuesOf(passedWithout(['Cookie', 'a=1; _srv_id=sealed; b="2"']), 'cookie')).toEqual([
      'a=1; b="2"',
    ]);
  });

  it('is taken out of every Cookie field, and a field that is left empty goes', () => {
    const fields = passedWithout(['Cookie', '_srv_id=one', 'Cookie', 'a=1', 'cookie', '_srv_id=two']);
    expect(valuesOf(fields, 'cookie')).toEqual(['a=1']);
  });

  it('is nobody in a pool without sessions', () => {
    expect(valuesOf(passed(['Cookie', '_srv_id=sealed']), 'cookie')).toEqual(['_srv_id=sealed']);
  });

  it('cannot be kept by nominating Cookie, nor can the other cookies be taken away so', () => {
    const fields = passedWithout(['Connection', 'Cookie', 'Cookie', '_srv_id=sealed; a=1']);
    expect(valuesOf(fields, 'cookie')).toEqual(['a=1']);
  });
});

describe('what the proxy adds', () => {
  it('is where the request came from, its id, and a Via of all hops', () => {
    const fields = passed(['Via', '1.0 one', 'VIA', '1.1 two', 'X-Request-Id', 'of the client']);
    expect(valuesOf(fields, 'via')).toEqual(['1.0 one, 1.1 two, 1.1 holdfast']);
    expect(valuesOf(fields, 'x-request-id')).toEqual(['request-1']);
    expect(valuesOf(fields, 'x-forwarded-for')).toEqual(['192.0.2.7']);
    expect(valuesOf(passed([]), 'via')).toEqual(['1.1 holdfast']);
  });

  it('may differ from one attempt to the next', () => {
    const added = { forwarded: '', requestId: '1', cookieLines: undefined, isTraced: false };
    const head = upstreamHeadOf(requestHeadOf([]), added);
    const moved = readRequestHead(
      finishHead(head, 'Holdfast-Session-Moved: from=shop/a; reason=connect-failed\r\n'),
    );
    expect(valuesOf(moved.fields.toList(), 'holdfast-session-moved')).toHaveLength(1);
    expect(namesOf(readRequestHead(finishHead(head, '')).fields.toList())).not.toContain(
      'holdfast-session-moved',
    );
  });
});

describe('a request id that was given', () => {
  it('is taken over where it fits a log line', () => {
    expect(givenRequestId(requestHeadOf(['X-Request-Id', 'from-the-edge/1']).fields)).toBe('from-the-edge/1');
    expect(givenRequestId(requestHeadOf([]).fields)).toBeUndefined();
  });

  it.each([
    ['is empty', ''],
    ['is longer than 128 characters', 'x'.repeat(129)],
    ['has blanks', 'a b'],
    ['is not of ASCII', '\xe9'],
  ])('is not where it %s', (_, id) => {
    expect(givenRequestId(requestHeadOf(['X-Request-Id', id]).fields)).toBeUndefined();
  });
});

describe('whatever a client sends', () => {
  const word = fc.string({ unit: fc.constantFrom(...'abxyABXY-_'), minLength: 1, maxLength: 6 });
  const known = ['X-Real-IP', 'TE', 'Cookie', 'Accept', 'Upgrade', 'Holdfast-Session-Moved', ...OURS];
  const name = fc.oneof(word, fc.constantFrom(...known));
  const value = fc.string({ unit: fc.constantFrom(...'ab ,;="\t/1'), maxLength: 12 });
  const fields = fc.array(fc.tuple(name, value), { maxLength: 12 });
  const kept = new Set([...OURS, 'cookie', 'te', 'upgrade']);

  it('nothing that Connection nominates survives, and nothing of ours is nominated away', () => {
    fc.assert(
      fc.property(fields, fc.array(name, { maxLength: 6 }), (sent, nominated) => {
        const names = namesOf(passed(['Connection', nominated.join(' ,'), ...sent.flat()]));
        const gone = nominated.map((field) => field.toLowerCase()).filter((field) => !kept.has(field));
        for (const field of gone) expect(names).not.toContain(field);
        for (const field of OURS) expect(names.filter((other) => other === field)).toHaveLength(1);
      }),
    );
  });

  it('passes on in its order, but for what is not to pass', () => {
    const plain = fc.array(
      fc.tuple(
        word.filter((text) => !text.includes('_')),
        value,
      ),
      { maxLength: 12 },
    );
    fc.assert(
      fc.property(plain, (sent) => {
        const list = passed(['Host', 'h', ...sent.flat()]);
        const expected = sent.flatMap(([field, text]) => [field, text.replaceAll(/^[ \t]+|[ \t]+$/g, '')]);
        expect(list.slice(2, 2 + expected.length)).toEqual(expected);
      }),
    );
  });
});
