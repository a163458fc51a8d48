import { describe, expect, it } from 'vitest';
import { type RejectionReason, rejectionReasons, rejectionRule, rejectionStatus } from './rejection.ts';
import { RequestHeadParser } from './request-head.ts';
import { readRequest } from './testing/reading.ts';

/** The parser after a whole head: a request line without its version, then field lines. */
function parsed(
  line: string,
  fields: readonly string[] = ['Host: example.com'],
  version = 'HTTP/1.1',
): RequestHeadParser {
  const bytes = Buffer.from(
    `${line} ${version}\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`,
    'latin1',
  );
  const head = new RequestHeadParser();
  expect(head.feed(bytes, 0, bytes.length)).toBe('complete');
  return head;
}

const withFields = (...fields: readonly string[]): string =>
  `POST /x HTTP/1.1\r\nHost: a\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;
const withLine = (line: string): string => `${line}\r\nHost: a\r\n\r\n`;

describe('request line', () => {
  it.each([
    ['a path', 'GET /shop', 'GET', '/shop', '/shop'],
    ['a path with a query', 'POST /shop?a=/b?c', 'POST', '/shop?a=/b?c', '/shop'],
    [
      'characters that browsers leave unescaped',
      'GET /a|b{c}"^`\\<>[]',
      'GET',
      '/a|b{c}"^`\\<>[]',
      '/a|b{c}"^`\\<>[]',
    ],
    ['a method of its own', 'M-SEARCH /', 'M-SEARCH', '/', '/'],
    ['a method that starts as a known one', 'GETS /', 'GETS', '/', '/'],
    ['the asterisk of OPTIONS', 'OPTIONS *', 'OPTIONS', '*', '*'],
  ])('is read: %s', (_name, line, method, target, path) => {
    expect(parsed(line)).toMatchObject({ method, target, path, host: 'example.com', isAbsolute: false });
  });

  // RFC 9112 section 3.2.2: the target's authority counts, whatever Host says.
  it.each([
    ['GET http://shop.example/a?b', 'shop.example', '/a?b', '/a'],
    ['GET HTTPS://shop.example:8443/a', 'shop.example:8443', '/a', '/a'],
    ['GET http://[2001:db8::1]:80', '[2001:db8::1]:80', '/', '/'],
    ['GET http://shop.example?b', 'shop.example', '/?b', '/'],
    ['OPTIONS http://shop.example', 'shop.example', '*', '*'],
    ['OPTIONS http://shop.example/', 'shop.example', '/', '/'],
  ])('in absolute form names host and target: %s', (line, host, target, path) => {
    expect(parsed(line)).toMatchObject({ host, target, path, isAbsolute: true });
  });

  it('may follow one empty line, as some clients send after a body (RFC 9112 section 2.2)', () => {
    expect(readRequest(`\r\n${withLine('GET / HTTP/1.1')}`).outcome).toBe('complete');
  });
});

describe('fields', () => {
  it('are listed in the order and spelling received, without the blanks around values', () => {
    const fields = ['hOST:a', 'X-Empty:', 'x-a: \t b c\t ', 'X-A: "q, \x80\xff"'];
    expect(parsed('GET /', fields).fields.toList()).toEqual([
      ...['hOST', 'a', 'X-Empty', '', 'x-a', 'b c', 'X-A', '"q, \x80\xff"'],
    ]);
  });

  it.each([
    ['is persistent in HTTP/1.1', 'HTTP/1.1', [], true],
    ['ends where the client says close', 'HTTP/1.1', ['Connection: Close'], false],
    [
      'ends where one option of many says close',
      'HTTP/1.1',
      ['Connection: keep-alive', 'connection: x, ,CLOSE'],
      false,
    ],
    ['ends in HTTP/1.0', 'HTTP/1.0', [], false],
    ['is persistent in HTTP/1.0 where the client asks for it', 'HTTP/1.0', ['Connection: Keep-Alive'], true],
  ])('say whether the connection goes on: it %s', (_name, version, fields, isPersistent) => {
    expect(parsed('GET /', ['Host: a', ...fields], version).isPersistent).toBe(isPersistent);
  });

  it.each([
    ['both fields are there', 'HTTP/1.1', ['Connection: keep-alive, Upgrade', 'Upgrade: websocket'], true],
    ['Connection does not name it', 'HTTP/1.1', ['Upgrade: websocket'], false],
    ['there is nothing to upgrade to', 'HTTP/1.1', ['Connection: upgrade'], false],
    [
      'it is HTTP/1.0 (RFC 9110 section 7.8)',
      'HTTP/1.0',
      ['Connection: upgrade', 'Upgrade: websocket'],
      false,
    ],
  ])('ask for an upgrade, or not: %s', (_name, version, fields, isUpgrade) => {
    expect(parsed('GET /', ['Host: a', ...fields], version).isUpgrade).toBe(isUpgrade);
  });

  it('say whether the client waits for a 100, which HTTP/1.0 cannot (RFC 9110 section 10.1.1)', () => {
    const fields = ['Host: a', 'Expect: 100-Continue'];
    expect(parsed('PUT /', fields).expectsContinue).toBe(true);
    expect(parsed('PUT /', fields, 'HTTP/1.0').expectsContinue).toBe(false);
    expect(parsed('PUT /', ['Host: a', 'Expect: miracle']).expectsContinue).toBe(false);
    expect(parsed('PUT /').expectsContinue).toBe(false);
  });

  // Hunts quadratic trimming: a regular expression for trailing blanks runs into the time limit of the test here.
  it('are read in linear time, whatever their blanks', () => {
    const text = withFields(`Connection: a${' '.repeat(16_000)}b`);
    for (let times = 0; times < 200; times++) expect(readRequest(text).outcome).toBe('bad-connection');
  });

  it('say whether the client takes trailers', () => {
    expect(parsed('GET /', ['Host: a', 'TE: deflate;q=0.5, Trailers']).acceptsTrailers).toBe(true);
    expect(parsed('GET /', ['Host: a', 'TE: deflate']).acceptsTrailers).toBe(false);
  });

  it('carry a length up to 2^53 - 1', () => {
    expect(parsed('PUT /', ['Host: a', 'Content-Length: 9007199254740991']).contentLength).toBe(2 ** 53 - 1);
    expect(parsed('PUT /', ['Host: a', 'Content-Length: 0']).contentLength).toBe(0);
    expect(parsed('PUT /').contentLength).toBe(-1);
  });

  it.each([
    'a',
    'a.b-c.example',
    'a:',
    'a:8080',
    '10.0.0.1:65535',
    '[::1]',
    '[2001:db8::1]:443',
    'a_b',
    'x%2dy',
    "a!$&'()*+,;=~",
  ])('name the host: %s', (host) => {
    expect(parsed('GET /', [`Host: ${host}`]).host).toBe(host);
  });

  it('need no host in HTTP/1.0', () => {
    expect(parsed('GET /', [], 'HTTP/1.0').host).toBe('');
  });
});

const rejected: Record<string, readonly (readonly [string, string])[]> = {
  'bad-method': [
    ['empty', withLine(' / HTTP/1.1')],
    ['no token', withLine('G@T / HTTP/1.1')],
    ['two empty lines before it', `\r\n\r\n${withLine('GET / HTTP/1.1')}`],
    ['a bare LF before it', `\n${withLine('GET / HTTP/1.1')}`],
    ['TLS on a plain port', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
    ['a tab after it', withLine('GET\t/ HTTP/1.1')],
  ],
  'unsupported-method': [
    ['CONNECT, which asks for a tunnel', 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n'],
    ['longer than any', withLine(`${'A'.repeat(25)} / HTTP/1.1`)],
  ],
  'bad-target': [
    ['empty', withLine('GET  HTTP/1.1')],
    ['a control byte', withLine('GET /a\x01b HTTP/1.1')],
    ['a byte beyond ASCII', withLine('GET /caf\xe9 HTTP/1.1')],
    ['a fragment', withLine('GET /a#b HTTP/1.1')],
    ['an asterisk without OPTIONS', withLine('GET * HTTP/1.1')],
    ['a relative path', withLine('GET a/b HTTP/1.1')],
    ['authority form', withLine('GET a:80 HTTP/1.1')],
    ['another scheme', withLine('GET ftp://a/ HTTP/1.1')],
  ],
  'bad-authority': [
    ['user information', withLine('GET http://u:p@h/ HTTP/1.1')],
    ['an empty host', withLine('GET http:///x HTTP/1.1')],
    ['a port too high', withLine('GET http://a:65536/ HTTP/1.1')],
  ],
  'target-too-long': [
    ['by one byte', withLine(`GET /${'a'.repeat(8192)} HTTP/1.1`)],
    ['without an end in sight', `GET /${'a'.repeat(30_000)}`],
  ],
  'bad-request-line': [
    ['HTTP/0.9', 'GET /\r\n'],
    ['two spaces before the version', withLine('GET /  HTTP/1.1')],
    ['a space in the target', withLine('GET /a b HTTP/1.1')],
    ['lower case', withLine('GET / http/1.1')],
    ['a space after the version', withLine('GET / HTTP/1.1 ')],
    ['a third digit', withLine('GET / HTTP/1.10')],
    ['no digit', withLine('GET / HTTP/1.x')],
  ],
  'unsupported-version': [
    ['HTTP/1.2, which does not exist', withLine('GET / HTTP/1.2')],
    ['HTTP/2.0', withLine('GET / HTTP/2.0')],
    ['HTTP/0.9 in writing', withLine('GET / HTTP/0.9')],
  ],
  'http2-preface': [['HTTP/2 with prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n']],
  'bare-lf': [
    ['after the request line', 'GET / HTTP/1.1\nHost: a\n\n'],
    ['after a field', 'GET / HTTP/1.1\r\nHost: a\n\r\n'],
    ['as the empty line', 'GET / HTTP/1.1\r\nHost: a\r\n\n'],
    ['in a name', withFields('X-\nA: b')],
  ],
  'bare-cr': [
    ['after the request line', 'GET / HTTP/1.1\rHost: a\r\n\r\n'],
    ['in a value', withFields('X-A: b\rTransfer-Encoding: chunked')],
    ['in a name', withFields('X\r-A: b')],
    ['before the request line', `\r${withLine('GET / HTTP/1.1')}`],
    ['as the empty line', 'GET / HTTP/1.1\r\nHost: a\r\n\rx'],
  ],
  'folded-line': [
    ['a value on two lines', withFields('X-A: b', ' c')],
    ['a length on two lines', withFields('Content-Length:', '\t5')],
    ['before the first field', 'GET / HTTP/1.1\r\n Host: a\r\n\r\n'],
  ],
  'empty-name': [['nothing before the colon', withFields(': b')]],
  'bad-name': [
    ['a control byte', withFields('X\0A: b')],
    ['a byte beyond ASCII', withFields('X-\xc4: b')],
    ['a separator', withFields('X(A): b')],
    ['a vertical tab before chunked', withFields('\x0bTransfer-Encoding: chunked')],
  ],
  'space-before-colon': [
    ['a space', withFields('Content-Length : 5')],
    ['a tab', withFields('Transfer-Encoding\t: chunked')],
    ['a line that is no field', withFields('GET /admin HTTP/1.1')],
  ],
  'bad-value': [
    ['NUL', withFields('X-A: b\0c')],
    ['DEL', withFields('X-A: b\x7fc')],
    ['a vertical tab', withFields('Transfer-Encoding: \x0bchunked')],
    ['an escape, which would reach a terminal', withFields('X-A: \x1b[31m')],
  ],
  'fields-too-large': [
    ['one long value', withFields(`X-A: ${'a'.repeat(16_384)}`)],
    ['many short ones', withFields(...new Array(99).fill(`X-A: ${'a'.repeat(200)}`))],
    ['without an end in sight', `GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(40_000)}`],
  ],
  'too-many-fields': [['the 101st line', withFields(...new Array(100).fill('X-A: b'))]],
  'missing-host': [['in HTTP/1.1', 'GET / HTTP/1.1\r\nX-A: b\r\n\r\n']],
  'duplicate-host': [
    ['two', withFields('Host: b')],
    ['twice the same', withFields('Host: a')],
    ['in HTTP/1.0', 'GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n'],
  ],
  'bad-host': [
    ['empty', 'GET / HTTP/1.1\r\nHost:\r\n\r\n'],
    ['a space', 'GET / HTTP/1.1\r\nHost: a b\r\n\r\n'],
    ['user information', 'GET / HTTP/1.1\r\nHost: u@a\r\n\r\n'],
    ['a path', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
    ['a port that is no number', 'GET / HTTP/1.1\r\nHost: a:x\r\n\r\n'],
    ['a port too high', 'GET / HTTP/1.1\r\nHost: a:70000\r\n\r\n'],
    ['an open bracket', 'GET / HTTP/1.1\r\nHost: [::1\r\n\r\n'],
    ['an address without brackets', 'GET / HTTP/1.1\r\nHost: ::1\r\n\r\n'],
    ['bytes beyond ASCII', 'GET / HTTP/1.1\r\nHost: \xe4.example\r\n\r\n'],
    ['longer than any name', `GET / HTTP/1.1\r\nHost: ${'a'.repeat(256)}\r\n\r\n`],
  ],
  'bad-connection': [
    ['an option that is no token', withFields('Connection: close, x y')],
    ['more names than there can be fields', withFields(`Connection: ${'a,'.repeat(101)}`)],
    ['a no-break space around an option', withFields('Connection: \xa0close')],
  ],
  'bad-content-length': [
    ['empty', withFields('Content-Length:')],
    ['a plus', withFields('Content-Length: +5')],
    ['a minus', withFields('Content-Length: -5')],
    ['a leading zero', withFields('Content-Length: 05')],
    ['hexadecimal', withFields('Content-Length: 0x5')],
    ['an exponent', withFields('Content-Length: 5e1')],
    ['a fraction', withFields('Content-Length: 5.0')],
    ['a list', withFields('Content-Length: 5, 5')],
    ['a blank inside', withFields('Content-Length: 1 2')],
    ['2^53, which is not exact', withFields('Content-Length: 9007199254740993')],
    ['more digits than any number has', withFields(`Content-Length: ${'9'.repeat(400)}`)],
  ],
  'duplicate-content-length': [
    ['different', withFields('Content-Length: 5', 'Content-Length: 6')],
    ['equal', withFields('Content-Length: 5', 'content-length: 5')],
  ],
  'bad-transfer-encoding': [
    ['empty', withFields('Transfer-Encoding:')],
    ['an empty list member', withFields('Transfer-Encoding: ,chunked')],
    ['chunked twice', withFields('Transfer-Encoding: chunked, chunked')],
    ['chunked on two lines', withFields('Transfer-Encoding: chunked', 'Transfer-Encoding: chunked')],
    ['a coding before it', withFields('Transfer-Encoding: gzip, chunked')],
    ['a coding after it', withFields('Transfer-Encoding: chunked, identity')],
    ['identity', withFields('Transfer-Encoding: identity')],
    ['a prefix', withFields('Transfer-Encoding: xchunked')],
    ['quotes', withFields('Transfer-Encoding: "chunked"')],
    ['a parameter', withFields('Transfer-Encoding: chunked;q=1')],
  ],
  'length-and-chunked': [
    ['length first', withFields('Content-Length: 5', 'Transfer-Encoding: chunked')],
    ['chunked first', withFields('Transfer-Encoding: chunked', 'Content-Length: 5')],
  ],
  'chunked-in-http-1.0': [['', 'POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n']],
};

const statusOtherThan400: Record<string, number> = {
  'unsupported-method': 501,
  'target-too-long': 414,
  'unsupported-version': 505,
  'http2-preface': 505,
  'fields-too-large': 431,
  'too-many-fields': 431,
};

describe.each(Object.entries(rejected))('a request is rejected as %s', (reason, examples) => {
  it.each(examples)('%s', (_name, text) => {
    expect(readRequest(text).outcome).toBe(reason);
  });

  it('with a status and the rule that it breaks', () => {
    expect(rejectionStatus(reason as RejectionReason)).toBe(statusOtherThan400[reason] ?? 400);
    expect(rejectionRule(reason as RejectionReason)).toMatch(/^RFC \d{4} section/);
  });
});

describe('every reason', () => {
  const ofOthers = ['bad-status-line', 'bad-status', 'head-timeout', 'body-too-large'];

  it('has an example here, unless it is of a response, a body or a clock', () => {
    const missing = rejectionReasons.filter((reason) => !(reason in rejected) && !reason.includes('chunk'));
    expect(missing.sort()).toEqual(ofOthers.sort());
  });
});

describe('limits', () => {
  it('are exact: what just fits is read', () => {
    expect(readRequest(withLine(`GET /${'a'.repeat(8191)} HTTP/1.1`)).outcome).toBe('complete');
    const block = 'Host: a\r\nX-A: \r\n\r\n'.length;
    expect(
      readRequest(`GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(16_384 - block)}\r\n\r\n`).outcome,
    ).toBe('complete');
    expect(
      readRequest(`GET / HTTP/1.1\r\nHost: a\r\nX-A: ${'a'.repeat(16_385 - block)}\r\n\r\n`).outcome,
    ).toBe('fields-too-large');
    expect(readRequest(withFields(...new Array(99).fill('X-A: b'))).outcome).toBe('complete');
  });

  it('hold for a head that trickles in, byte by byte', () => {
    const endless = `GET / HTTP/1.1\r\nX-A: ${'a'.repeat(17_000)}`;
    expect(readRequest(endless, new Array(endless.length).fill(1)).outcome).toBe('fields-too-large');
    const long = `GET /${'a'.repeat(9_000)}`;
    expect(readRequest(long, new Array(long.length).fill(1)).outcome).toBe('target-too-long');
  });

  it('can be set', () => {
    const limits = { targetBytes: 4, fieldBytes: 64, fieldLines: 1 };
    expect(readRequest(withLine('GET /abc HTTP/1.1'), [], limits).outcome).toBe('complete');
    expect(readRequest(withLine('GET /abcd HTTP/1.1'), [], limits).outcome).toBe('target-too-long');
    expect(readRequest(withFields('X-A: b'), [], limits).outcome).toBe('too-many-fields');
    expect(() => new RequestHeadParser({ ...limits, fieldBytes: 100_000 })).toThrow('64 KiB');
  });
});

describe('a parser', () => {
  it('reads in place, so that the next head and a body may follow in the same piece', () => {
    const first = withLine('GET /1 HTTP/1.1');
    const bytes = Buffer.from(`${first}${withLine('GET /2 HTTP/1.1')}rest`, 'latin1');
    const head = new RequestHeadParser();
    head.feed(bytes, 0, bytes.length);
    expect([head.target, head.next]).toEqual(['/1', first.length]);
    head.feed(bytes, head.next, bytes.length);
    expect([head.target, bytes.toString('latin1', head.next)]).toEqual(['/2', 'rest']);
  });

  it('reads a long head that is followed by a longer body', () => {
    const text = `${withFields(`Cookie: ${'c'.repeat(5_000)}`, 'Content-Length: 60000')}${'b'.repeat(60_000)}`;
    expect(readRequest(text)).toMatchObject({ outcome: 'complete', length: text.length });
  });

  it('says whether it is in the middle of a head', () => {
    const bytes = Buffer.from(withLine('GET / HTTP/1.1'), 'latin1');
    const head = new RequestHeadParser();
    expect(head.isPartial).toBe(false);
    expect(head.feed(bytes, 0, 0)).toBe('partial');
    expect(head.isPartial).toBe(false);
    expect(head.feed(bytes, 0, 9)).toBe('partial');
    expect(head.isPartial).toBe(true);
    expect(head.feed(bytes, 9, bytes.length)).toBe('complete');
    expect(head.isPartial).toBe(false);
  });

  it('takes turns with others on the scratch that they share', () => {
    const one = Buffer.from('GET /one HTTP/1.1\r\nHost: one\r\n\r\n');
    const two = Buffer.from('GET /two HTTP/1.1\r\nHost: two.example\r\nX-A: b\r\n\r\n');
    const [first, second] = [new RequestHeadParser(), new RequestHeadParser()];
    for (let at = 0; at < two.length; at++) {
      if (at < one.length) first.feed(one, at, at + 1);
      second.feed(two, at, at + 1);
    }
    expect([first.target, first.fields.toList()]).toEqual(['/one', ['Host', 'one']]);
    expect([second.target, second.fields.toList()]).toEqual(['/two', ['Host', 'two.example', 'X-A', 'b']]);
  });
});
