import { HoldfastError } from '@holdfast/shared';
import { describe, expect, it } from 'vitest';
import { describeError } from './error-text.ts';

const systemError = (code: string) => Object.assign(new Error(`listen ${code} 0.0.0.0:80`), { code });

describe('describeError', () => {
  it('says what failed, why, and what to do about it', () => {
    const error = new HoldfastError('INTERNAL', 'cannot listen on 0.0.0.0:80', systemError('EADDRINUSE'));
    expect(describeError(error).split('\n')).toEqual([
      'holdfast: cannot listen on 0.0.0.0:80 (INTERNAL)',
      '  because: listen EADDRINUSE 0.0.0.0:80',
      '  another process listens there: end it, or choose another address in the configuration',
    ]);
  });

  it('finds the error of the system behind others', () => {
    const wrapped = new Error('listener failed', { cause: systemError('EACCES') });
    expect(describeError(new HoldfastError('INTERNAL', 'cannot start', wrapped))).toContain(
      'a port above 1023',
    );
  });

  it('points at the store where the store failed', () => {
    expect(describeError(new HoldfastError('STORE_UNAVAILABLE', 'cannot open the store'))).toContain(
      'store.url',
    );
  });

  it('ends where causes go in a circle', () => {
    const error = new Error('round');
    error.cause = error;
    expect(
      describeError(new HoldfastError('INTERNAL', 'cannot start', error)).split('\n').length,
    ).toBeLessThan(10);
  });
});
