import { describe, expect, it } from 'vitest';
import { errorCodes, HoldfastError, unreachable } from './errors.ts';

describe('HoldfastError', () => {
  it.each(errorCodes)('%s names its source in front', (code) => {
    const { source } = new HoldfastError(code, 'tried something');
    expect(code.split('_', 1)[0]).toBe(source.toUpperCase());
  });

  it.each(errorCodes.filter((code) => code.startsWith('DOWNSTREAM_')))(
    '%s is never tried again: the same request would fail the same way',
    (code) => {
      expect(new HoldfastError(code, 'tried something').retryable).toBe('never');
    },
  );

  it('keeps what caused it, and has no cause where there was none', () => {
    const cause = new TypeError('inner');
    expect(new HoldfastError('INTERNAL', 'outer', cause).cause).toBe(cause);
    expect('cause' in new HoldfastError('INTERNAL', 'outer')).toBe(false);
  });

  it('is told from other errors by its name, across copies of this module', () => {
    expect(new HoldfastError('INTERNAL', 'outer').name).toBe('HoldfastError');
  });
});

describe('HoldfastError.from', () => {
  it('passes on what is one already', () => {
    const error = new HoldfastError('STORE_CLOSED', 'closed');
    expect(HoldfastError.from(error)).toBe(error);
  });

  it.each([
    ['an error', new RangeError('too far'), 'too far'],
    ['a string', 'too far', 'too far'],
    ['nothing', undefined, 'undefined'],
    ['null', null, 'null'],
  ])('makes of %s an internal one that keeps it', (_, thrown, told) => {
    const error = HoldfastError.from(thrown);
    expect(error.code).toBe('INTERNAL');
    expect(error.message).toContain(told);
    if (thrown !== undefined) expect(error.cause).toBe(thrown);
  });
});

describe('unreachable', () => {
  it('says what was unhandled, and its value', () => {
    expect(() => unreachable('purple' as never, 'colour')).toThrow('unhandled colour: "purple"');
  });
});
