import { describe, expect, it } from 'vitest';
import { requestFraming, responseFraming } from './body-framing.ts';
import { RequestHeadParser } from './request-head.ts';
import { ResponseHeadParser } from './response-head.ts';
import { readResponse } from './testing/reading.ts';

function parsed(text: string): ResponseHeadParser {
  const bytes = Buffer.from(text, 'latin1');
  const head = new ResponseHeadParser();
  expect(head.feed(bytes, 0, bytes.length)).toBe('complete');
  return head;
}

describe('status line', () => {
  it.each([
    ['a reason', 'HTTP/1.1 404 Not Found', 404, 'Not Found', 1],
    ['an empty reason', 'HTTP/1.1 200 ', 200, '', 1],
    ['no reason and no space before it', 'HTTP/1.1 200', 200, '', 1],
    ['a reason in some other script', 'HTTP/1.0 599 \xe4\t!', 599, '\xe4\t!', 0],
    ['the lowest status', 'HTTP/1.1 100 Continue', 100, 'Continue', 1],
  ])('is read with %s', (_name, line, status, reason, minorVersion) => {
    expect(parsed(`${line}\r\n\r\n`)).toMatchObject({ status, reason, minorVersion });
  });

  it.each([
    ['bad-status-line', 'two digits', 'HTTP/1.1 99 OK'],
    ['bad-status-line', 'four digits', 'HTTP/1.1 1000 OK'],
    ['bad-status-line', 'letters', 'HTTP/1.1 2OO OK'],
    ['bad-status-line', 'two spaces', 'HTTP/1.1  200 OK'],
    ['bad-status-line', 'no HTTP', 'ICY 200 OK'],
    ['bad-status-line', 'a control byte in the reason', 'HTTP/1.1 200 O\0K'],
    ['bad-status-line', 'an endless reason', `HTTP/1.1 200 ${'O'.repeat(9_000)}`],
    ['bad-status-line', 'an empty line before it', '\r\nHTTP/1.1 200 OK'],
    ['bad-status', 'below 100', 'HTTP/1.1 099 OK'],
    ['bad-status', 'above 599', 'HTTP/1.1 600 OK'],
    ['unsupported-version', 'HTTP/2', 'HTTP/2.0 200 OK'],
    ['bare-lf', 'LF alone', 'HTTP/1.1 200 OK\nX-A: b'],
    ['bare-cr', 'CR in the reason', 'HTTP/1.1 200 O\rK'],
  ])('is rejected as %s: %s', (reason, _name, line) => {
    expect(readResponse(`${line}\r\n\r\n`).outcome).toBe(reason);
  });
});

describe('fields', () => {
  // What a hostile or broken endpoint sends; each would let a client read a response that is not its own.
  it.each([
    ['duplicate-content-length', 'Content-Length: 5\r\nContent-Length: 5'],
    ['bad-content-length', 'Content-Length: 5, 5'],
    ['length-and-chunked', 'Content-Length: 5\r\nTransfer-Encoding: chunked'],
    ['bad-transfer-encoding', 'Transfer-Encoding: gzip'],
    ['bad-value', 'Set-Cookie: a=\0'],
    ['bare-cr', 'Set-Cookie: a=b\rSet-Cookie: c=d'],
    ['folded-line', 'X-A: b\r\n c'],
    ['space-before-colon', 'X A: b'],
    ['fields-too-large', `X-A: ${'a'.repeat(1_048_576)}`],
  ])('are as strict as those of requests: %s', (reason, fields) => {
    expect(readResponse(`HTTP/1.1 200 OK\r\n${fields}\r\n\r\n`).outcome).toBe(reason);
  });

  it('are rejected for chunks in HTTP/1.0', () => {
    expect(readResponse('HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n').outcome).toBe(
      'chunked-in-http-1.0',
    );
  });

  it('name no host, so whatever they say of it is only passed on', () => {
    expect(parsed('HTTP/1.1 200 OK\r\nHost: a b\r\nHost:\r\n\r\n').fields.count).toBe(2);
  });
});

describe('framing', () => {
  const head = (status: number, field: string): ResponseHeadParser =>
    parsed(`HTTP/1.1 ${status} x\r\n${field}\r\n\r\n`);
  const [LENGTH, CHUNKED, NEITHER] = ['Content-Length: 5', 'Transfer-Encoding: chunked', 'X-A: b'];

  it.each([
    ['a length', 'GET', 200, LENGTH, 'length'],
    ['chunks', 'GET', 200, CHUNKED, 'chunked'],
    ['the end of the connection', 'GET', 200, NEITHER, 'until-close'],
    ['nothing, after HEAD', 'HEAD', 200, LENGTH, 'none'],
    ['nothing, after HEAD with chunks', 'HEAD', 200, CHUNKED, 'none'],
    ['nothing, where it is interim', 'POST', 103, LENGTH, 'none'],
    ['nothing, where the protocol changes', 'GET', 101, NEITHER, 'none'],
    ['nothing, where there is no content', 'GET', 204, CHUNKED, 'none'],
    ['nothing, where nothing was modified', 'GET', 304, LENGTH, 'none'],
    ['a length, where it is an error', 'GET', 404, LENGTH, 'length'],
  ])('of a response is %s', (_name, method, status, field, framing) => {
    expect(responseFraming(method, head(status, field))).toBe(framing);
  });

  it.each([
    [LENGTH, 'length'],
    ['Content-Length: 0', 'length'],
    [CHUNKED, 'chunked'],
    [NEITHER, 'none'],
  ])('of a request with %s is %s', (field, framing) => {
    const bytes = Buffer.from(`POST / HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n`);
    const request = new RequestHeadParser();
    request.feed(bytes, 0, bytes.length);
    expect(requestFraming(request)).toBe(framing);
  });
});
