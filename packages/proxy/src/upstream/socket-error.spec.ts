import type { ErrorCode } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { socketError } from './socket-error.ts';

const failure = (code?: string) => Object.assign(new Error('it broke'), code === undefined ? {} : { code });

describe('an error of a socket to an endpoint', () => {
  it.each<[string | undefined, ErrorCode]>([
    ['ECONNREFUSED', 'UPSTREAM_CONNECT_FAILED'],
    ['EHOSTUNREACH', 'UPSTREAM_CONNECT_FAILED'],
    ['ENOTFOUND', 'UPSTREAM_CONNECT_FAILED'],
    ['EAI_AGAIN', 'UPSTREAM_CONNECT_FAILED'],
    ['CERT_HAS_EXPIRED', 'UPSTREAM_CONNECT_FAILED'],
    ['ECONNRESET', 'UPSTREAM_CONNECT_FAILED'],
    ['ETIMEDOUT', 'UPSTREAM_CONNECT_TIMEOUT'],
    [undefined, 'UPSTREAM_CONNECT_FAILED'],
  ])('%s before the connection was made is %s', (code, expected) => {
    expect(socketError(failure(code), 'http://10.0.0.1', false).code).toBe(expected);
  });

  it.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ECONNREFUSED', undefined])(
    '%s once it was made is a reset',
    (code) => {
      expect(socketError(failure(code), 'http://10.0.0.1', true).code).toBe('UPSTREAM_RESET');
    },
  );

  it('tells of which endpoint, and keeps its cause', () => {
    const cause = failure('ECONNREFUSED');
    const error = socketError(cause, 'http://10.0.0.1', false);
    expect(error.message).toBe('connect to http://10.0.0.1: it broke');
    expect(error.cause).toBe(cause);
  });
});
