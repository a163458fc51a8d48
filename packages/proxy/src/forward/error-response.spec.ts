import { type ErrorCode, errorCodes, HoldfastError } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { valuesOf } from '../testing/response-head.ts';
import { TestExchange, type TestRequest } from '../testing/test-exchange.ts';
import { respondWithError } from './error-response.ts';

const SECRET = 'connect to 10.0.0.1:8080 failed';

const answer = (code: ErrorCode, request: TestRequest = {}) => {
  const exchange = new TestExchange(request);
  const status = respondWithError(exchange, new HoldfastError(code, SECRET, new Error(SECRET)), 'request-1');
  return { exchange, status, fields: exchange.response?.fields ?? [] };
};

describe('the answer to a request that is refused', () => {
  it.each<[ErrorCode, number, string]>([
    ['DOWNSTREAM_BAD_REQUEST', 400, 'Bad Request'],
    ['DOWNSTREAM_NO_ROUTE', 404, 'Not Found'],
    ['DOWNSTREAM_TIMEOUT', 408, 'Request Timeout'],
    ['DOWNSTREAM_BODY_TOO_LARGE', 413, 'Content Too Large'],
    ['INTERNAL', 500, 'Internal Server Error'],
    ['UPSTREAM_BAD_RESPONSE', 502, 'Bad Gateway'],
    ['UPSTREAM_CONNECT_FAILED', 502, 'Bad Gateway'],
    ['UPSTREAM_RESET', 502, 'Bad Gateway'],
    ['STORE_UNAVAILABLE', 503, 'Service Unavailable'],
    ['UPSTREAM_NONE_AVAILABLE', 503, 'Service Unavailable'],
    ['UPSTREAM_CONNECT_TIMEOUT', 504, 'Gateway Timeout'],
    ['UPSTREAM_TIMEOUT', 504, 'Gateway Timeout'],
  ])('because of %s is %i %s', (code, status, reason) => {
    const { exchange, status: told } = answer(code);
    expect(told).toBe(status);
    expect(exchange.response).toMatchObject({ status, reason });
  });

  it.each(errorCodes)(
    'because of %s has a status, a reason and a body of the length that it names',
    (code) => {
      const { exchange } = answer(code);
      expect(exchange.response?.reason).toMatch(/^[A-Z]/);
      expect(exchange.response?.contentLength).toBe(Buffer.byteLength(exchange.body));
      expect(exchange.trailers).toEqual([]);
    },
  );

  it('carries the code and the request id as text', () => {
    const { exchange, fields } = answer('UPSTREAM_TIMEOUT');
    expect(valuesOf(fields, 'content-type')).toEqual(['text/plain; charset=utf-8']);
    expect(exchange.body).toBe(
      '504 Gateway Timeout\nThe endpoint did not answer in time.\ncode: UPSTREAM_TIMEOUT\nrequest: request-1\n',
    );
  });

  it.each(['application/json', 'text/html, application/problem+json;q=0.9'])(
    'carries them as JSON for a client that accepts %s',
    (accept) => {
      const { exchange, fields } = answer('DOWNSTREAM_NO_ROUTE', { fields: ['Accept', accept] });
      expect(valuesOf(fields, 'content-type')).toEqual(['application/json']);
      expect(JSON.parse(exchange.body)).toEqual({
        error: {
          code: 'DOWNSTREAM_NO_ROUTE',
          message: 'No route matches this host and path.',
          requestId: 'request-1',
        },
      });
    },
  );

  it.each(errorCodes)('because of %s says nothing of endpoints or causes', (code) => {
    const { exchange, fields } = answer(code);
    expect(exchange.body).not.toContain('10.0.0.1');
    expect(fields.join()).not.toContain('10.0.0.1');
  });

  it('is kept by no cache, and names the request', () => {
    const { fields } = answer('INTERNAL');
    expect(valuesOf(fields, 'cache-control')).toEqual(['no-store']);
    expect(valuesOf(fields, 'x-request-id')).toEqual(['request-1']);
  });

  it.each<[ErrorCode, readonly string[]]>([
    ['UPSTREAM_NONE_AVAILABLE', ['1']],
    ['STORE_UNAVAILABLE', ['1']],
    ['UPSTREAM_TIMEOUT', []],
    ['UPSTREAM_RESET', []],
  ])('because of %s asks to try again after %j seconds', (code, seconds) => {
    expect(valuesOf(answer(code).fields, 'retry-after')).toEqual(seconds);
  });
});
