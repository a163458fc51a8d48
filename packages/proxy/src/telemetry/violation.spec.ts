import type { AffinityOutcome, MoveReason } from '@holdfast/shared';
import { sessionKey } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { testEndpoint } from '../testing/endpoints.ts';
import { testResolution } from '../testing/test-affinity.ts';
import { suspicionOf } from './violation.ts';

const session = { key: sessionKey('k'), sessionId: undefined, pin: undefined, voucher: undefined };
const of = (outcome: AffinityOutcome, reason: MoveReason | undefined, changes = {}) =>
  suspicionOf(testResolution({ outcome, reason, session, endpoint: testEndpoint('a'), ...changes }));

describe('a violation', () => {
  it.each(['endpoint-suspect', 'endpoint-removed', 'connect-failed', 'request-failed'] as const)(
    'is a session that is served elsewhere and stays pinned: %s',
    (reason) => {
      expect(of('fallback', reason, { keptAt: 'shop/b' })).toEqual({ reason, endpoint: 'shop/b' });
    },
  );

  it.each(['endpoint-down', 'endpoint-gone', 'endpoint-replaced', 'endpoint-drained', undefined] as const)(
    'is not a session that its endpoint cannot serve, or that is where it was: %s',
    (reason) => {
      expect(of('fallback', reason)).toBeUndefined();
    },
  );

  it.each(['hit', 'created', 'repinned', 'adopted', 'none'] as const)(
    'is none where the session is where its pin is: %s',
    (outcome) => {
      expect(of(outcome, 'request-failed')).toBeUndefined();
    },
  );

  it('takes a session, and somebody who served it', () => {
    expect(of('fallback', 'request-failed', { session: undefined })).toBeUndefined();
    expect(of('fallback', 'endpoint-suspect', { endpoint: undefined })).toBeUndefined();
  });
});
