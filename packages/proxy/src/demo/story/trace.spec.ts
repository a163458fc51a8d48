import { describe, expect, it } from 'vitest';
import { readTrace } from './trace.ts';

const readFrom = (headers: Record<string, string>) => readTrace((name) => headers[name]);

describe('a trace', () => {
  it('reads all that the debug headers say', () => {
    const trace = readFrom({
      'holdfast-node': 'node-2',
      'holdfast-endpoint': 'shop/b',
      'holdfast-outcome': 'repinned; source=cookie; tier=store; reason=endpoint-down',
      'holdfast-pin': 'version=2; pinned-at=1700000000000',
    });
    expect(trace).toEqual({
      node: 'node-2',
      endpoint: 'shop/b',
      outcome: 'repinned',
      reason: 'endpoint-down',
      pinVersion: 2,
    });
  });

  it('leaves out what was not said', () => {
    expect(readFrom({ 'holdfast-outcome': 'hit; source=cookie; tier=near' })).toEqual({ outcome: 'hit' });
    expect(readFrom({})).toEqual({});
  });
});
