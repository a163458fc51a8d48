import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { RequestHeadParser } from '../codec/index.ts';
import { readHttp1Head } from './node-http1-head.ts';

/** What Node's server makes of a request. */
const incoming = (rawHeaders: readonly string[], parts: object = {}): IncomingMessage =>
  ({ method: 'GET', url: '/a?b', httpVersion: '1.1', rawHeaders, ...parts }) as unknown as IncomingMessage;

describe("the head of a request on Node's server", () => {
  it('is read as it came', () => {
    const head = readHttp1Head(incoming(['Host', 'shop.test', 'x-Latin', 'caf\xe9'])) as RequestHeadParser;
    expect(head).toBeInstanceOf(RequestHeadParser);
    expect(head).toMatchObject({ method: 'GET', target: '/a?b', host: 'shop.test', httpVersion: '1.1' });
    expect(head.fields.toList()).toEqual(['Host', 'shop.test', 'x-Latin', 'caf\xe9']);
  });

  it('may be of HTTP/1.0', () => {
    expect(readHttp1Head(incoming([], { httpVersion: '1.0' }))).toMatchObject({ minorVersion: 0 });
  });

  it.each([
    ['a length that another reader could take for another', ['Content-Length', '05'], 'bad-content-length'],
    ['a coding that is not chunked alone', ['Transfer-Encoding', 'gzip, chunked'], 'bad-transfer-encoding'],
    ['a second host', ['Host', 'evil.test'], 'duplicate-host'],
    ['too many fields', Array.from({ length: 202 }, () => 'x'), 'too-many-fields'],
    ['more fields than there is room for', ['X-A', 'a'.repeat(20_000)], 'fields-too-large'],
  ])('is refused with %s', (_, fields, reason) => {
    expect(readHttp1Head(incoming(['Host', 'shop.test', ...fields]))).toBe(reason);
  });

  it.each([
    ['*', 'bad-target'],
    ['http://a:x/', 'bad-authority'],
  ])('is refused with the target %s', (url, reason) => {
    expect(readHttp1Head(incoming(['Host', 'shop.test'], { url }))).toBe(reason);
  });
});
