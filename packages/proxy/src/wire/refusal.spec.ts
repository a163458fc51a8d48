import { errorCodes } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { rejectionReasons, rejectionStatus } from '../codec/index.ts';
import { fieldsOf, valuesOf } from '../testing/response-head.ts';
import { refusalOf, refusalResponse } from './refusal.ts';

describe('a refusal', () => {
  it.each([
    ['bad-method', 400, 'DOWNSTREAM_BAD_REQUEST'],
    ['target-too-long', 414, 'DOWNSTREAM_BAD_REQUEST'],
    ['too-many-fields', 431, 'DOWNSTREAM_BAD_REQUEST'],
    ['unsupported-version', 505, 'DOWNSTREAM_BAD_REQUEST'],
    ['body-too-large', 413, 'DOWNSTREAM_BODY_TOO_LARGE'],
    ['head-timeout', 408, 'DOWNSTREAM_TIMEOUT'],
    ['internal', 500, 'INTERNAL'],
  ] as const)('because of %s is %i and %s', (reason, status, code) => {
    expect(refusalOf(reason)).toEqual({ reason, status, code });
  });

  it.each([...rejectionReasons, 'internal'] as const)(
    'because of %s is a whole response that closes',
    (reason) => {
      const refusal = refusalOf(reason);
      const [head = '', body = ''] = refusalResponse(refusal, 'request-1').split('\r\n\r\n');
      const [statusLine = '', ...lines] = head.split('\r\n');
      const fields = fieldsOf(`${lines.join('\r\n')}\r\n`);
      if (reason !== 'internal') expect(refusal.status).toBe(rejectionStatus(reason));
      expect(statusLine).toMatch(new RegExp(`^HTTP/1\\.1 ${refusal.status} [A-Z]`));
      expect(valuesOf(fields, 'content-length')).toEqual([String(body.length)]);
      expect(valuesOf(fields, 'connection')).toEqual(['close']);
      expect(valuesOf(fields, 'cache-control')).toEqual(['no-store']);
      expect(valuesOf(fields, 'x-request-id')).toEqual(['request-1']);
      expect(body).toContain(`${reason}\ncode: ${refusal.code}\nrequest: request-1\n`);
      expect(errorCodes).toContain(refusal.code);
    },
  );
});
