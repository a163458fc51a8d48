import { endpointId, nodeId, type Pin, sessionKey } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { shop, testEndpoint } from '../testing/endpoints.ts';
import { fieldsOf } from '../testing/response-head.ts';
import { testResolution } from '../testing/test-affinity.ts';
import { debugLines } from './debug-lines.ts';

const NOW = 1_700_000_000_000;
const node = nodeId('node-1');

const pin: Pin = {
  endpoint: endpointId(shop, 'a'),
  version: 3,
  pinnedAtMs: NOW - 2_999,
  expiresAtMs: NOW,
  endsAtMs: NOW,
};

const sessionOf = (changes: { pin: Pin | undefined }) => ({
  key: sessionKey('AAAAAAAAAAAAAAAAAAAAAA'),
  sessionId: Buffer.from('a secret of the client'),
  voucher: undefined,
  ...changes,
});

describe('debug lines', () => {
  it('name node, outcome, endpoint and pin', () => {
    const resolution = testResolution({
      endpoint: testEndpoint('a'),
      outcome: 'repinned',
      reason: 'endpoint-down',
      session: sessionOf({ pin }),
    });
    expect(fieldsOf(debugLines(resolution, undefined, node, NOW))).toEqual([
      ...['Holdfast-Node', 'node-1'],
      ...['Holdfast-Outcome', 'repinned; source=cookie; tier=near; reason=endpoint-down'],
      ...['Holdfast-Endpoint', 'shop/a'],
      ...['Holdfast-Pin', `version=3; pinned-at=${NOW - 2_999}; age=2`],
    ]);
  });

  it('leave out what there is not', () => {
    const resolution = testResolution({ outcome: 'none', source: 'none', tier: 'none' });
    expect(fieldsOf(debugLines(resolution, undefined, node, NOW))).toEqual([
      ...['Holdfast-Node', 'node-1', 'Holdfast-Outcome', 'none; source=none; tier=none'],
    ]);
    const pinless = testResolution({ session: sessionOf({ pin: undefined }) });
    expect(debugLines(pinless, undefined, node, NOW)).not.toContain('Holdfast-Pin');
  });

  it('give a pin of a node whose clock is ahead the age 0', () => {
    const session = sessionOf({ pin: { ...pin, pinnedAtMs: NOW + 5_000 } });
    expect(debugLines(testResolution({ session }), undefined, node, NOW)).toContain('; age=0\r\n');
  });

  it('never name the session', () => {
    const lines = debugLines(testResolution({ session: sessionOf({ pin }) }), undefined, node, NOW);
    expect(lines).not.toContain('AAAAAAAA');
    expect(lines).not.toContain('secret');
  });
});
