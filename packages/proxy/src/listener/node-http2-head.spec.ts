import { describe, expect, it } from 'vitest';
import { Http2RequestHead, readRequestHead } from './node-http2-head.ts';

const PSEUDO = [':method', 'GET', ':scheme', 'https', ':path', '/a?b', ':authority', 'shop.test'];

/** The pseudo fields of an ordinary request, one of them changed. */
const pseudo = (name: string, value: string): readonly string[] =>
  PSEUDO.map((text, index) => (PSEUDO[index - 1] === name ? value : text));

function read(list: readonly string[], hasBody = false): Http2RequestHead {
  const head = readRequestHead(list, hasBody);
  if (!(head instanceof Http2RequestHead)) throw new TypeError(`rejected: ${head}`);
  return head;
}

describe('the head of a request of HTTP/2', () => {
  it('is read as if it had come by HTTP/1.1, and says that it did not', () => {
    const head = read([...PSEUDO, 'x-latin', 'caf\xe9', 'te', 'trailers']);
    expect(head).toMatchObject({ method: 'GET', target: '/a?b', path: '/a', host: 'shop.test' });
    expect(head.fields.toList()).toEqual(['host', 'shop.test', 'x-latin', 'caf\xe9', 'te', 'trailers']);
    expect([head.httpVersion, head.acceptsTrailers]).toEqual(['2.0', true]);
  });

  it('has one cookie field, whatever crumbs it came in', () => {
    const head = read([...PSEUDO, 'cookie', 'a=1', 'x-a', '1', 'cookie', 'b=2']);
    expect(head.fields.toList().slice(2)).toEqual(['x-a', '1', 'cookie', 'a=1; b=2']);
  });

  it('takes the host where there is no authority', () => {
    expect(read([...PSEUDO.slice(0, 6), 'host', 'shop.test']).host).toBe('shop.test');
    expect(read([...PSEUDO, 'host', 'shop.test']).fields.toList()).toEqual(['host', 'shop.test']);
  });

  it.each([
    ['a body of known length', ['content-length', '5'], true, { contentLength: 5, isChunked: false }],
    ['a body of unknown length', [], true, { contentLength: -1, isChunked: true }],
    ['no body', [], false, { contentLength: -1, isChunked: false }],
  ])('frames %s', (_, fields, hasBody, framing) => {
    expect(read([...PSEUDO, ...fields], hasBody)).toMatchObject(framing);
  });

  it.each([
    ['another host than its authority', [...PSEUDO, 'host', 'evil.test'], 'bad-host'],
    ['two authorities in one', pseudo(':authority', 'a.test, b.test'), 'bad-host'],
    ['neither', PSEUDO.slice(0, 6), 'missing-host'],
    ['a path that is a URL', pseudo(':path', 'http://evil.test/'), 'bad-target'],
    ['a path with a space', pseudo(':path', '/a HTTP/1.1'), 'bad-target'],
    ['a path that ends its line', pseudo(':path', '/\r\nX-Evil: 1'), 'bad-target'],
    ['a path that is too long', pseudo(':path', `/${'p'.repeat(8_192)}`), 'target-too-long'],
    ['no path', pseudo(':path', ''), 'bad-target'],
    ['a method that is none', pseudo(':method', 'GET /'), 'bad-method'],
    ['a tunnel', pseudo(':method', 'CONNECT'), 'unsupported-method'],
    ['a name in upper case', [...PSEUDO, 'X-A', '1'], 'bad-value'],
    ['a value that ends its line', [...PSEUDO, 'x-a', '1\r\nx-evil: 1'], 'bad-value'],
    ['a cookie that ends its line', [...PSEUDO, 'cookie', 'a=1\nx-evil: 1'], 'bad-value'],
    ['an authority that ends its line', pseudo(':authority', 'a\r\nx-evil: 1'), 'bad-value'],
    ['chunks', [...PSEUDO, 'transfer-encoding', 'chunked'], 'bad-value'],
    ['a field of the connection', [...PSEUDO, 'connection', 'x-forwarded-for'], 'bad-value'],
    ['an unknown pseudo field', [...PSEUDO, ':evil', '1'], 'bad-value'],
    ['two lengths', [...PSEUDO, 'content-length', '1', 'content-length', '2'], 'duplicate-content-length'],
    ['too many fields', [...PSEUDO, ...Array.from({ length: 202 }, () => 'x')], 'too-many-fields'],
    ['too large fields', [...PSEUDO, 'x-a', 'a'.repeat(16_400)], 'fields-too-large'],
  ])('is refused with %s', (_, list, reason) => {
    expect(readRequestHead(list, true)).toBe(reason);
  });
});
