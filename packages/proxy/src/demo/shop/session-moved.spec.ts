import { describe, expect, it } from 'vitest';
import { readArrival } from './session-moved.ts';

describe('the announcement of a move', () => {
  it('names the endpoint before and the reason', () => {
    expect(readArrival('from=shop/a; reason=endpoint-down')).toEqual({
      from: 'shop/a',
      reason: 'endpoint-down',
    });
  });

  it.each([undefined, '', 'from=shop/a', 'reason=endpoint-down', 'from=; reason=x', 'from=a b; reason=x'])(
    'is absent in %j',
    (header) => {
      expect(readArrival(header)).toBeUndefined();
    },
  );
});
