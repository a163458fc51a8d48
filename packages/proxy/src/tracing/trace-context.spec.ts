import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { requestHeadOf } from '../testing/request-head.ts';
import { contextLines, parentOf, readTraceparent, stateOf, type TraceContext } from './trace-context.ts';

const TRACE_ID = '0af7651916cd43dd8448eb211c80319c';
const PARENT_ID = 'b7ad6b7169203331';
const parent = { traceId: TRACE_ID, parentId: PARENT_ID, flags: 1 };

/** The context that a request with these fields has; undefined if it has none. */
function read(...given: readonly string[]): TraceContext | undefined {
  const { fields } = requestHeadOf(given);
  const known = parentOf(fields);
  return known && { ...known, state: stateOf(fields) };
}

/** What a field value may be made of, and more. */
const anyBytes = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes).toString('latin1'));

describe('a traceparent', () => {
  it.each([
    ['sampled', `00-${TRACE_ID}-${PARENT_ID}-01`, 1],
    ['not sampled', `00-${TRACE_ID}-${PARENT_ID}-00`, 0],
    ['with a random id', `00-${TRACE_ID}-${PARENT_ID}-03`, 3],
    ['with flags that nobody knows yet', `00-${TRACE_ID}-${PARENT_ID}-fd`, 1],
    ['of a later version', `cc-${TRACE_ID}-${PARENT_ID}-01`, 1],
    ['of a later version that says more', `01-${TRACE_ID}-${PARENT_ID}-01-what-the-future-will-be-like`, 1],
  ])('is read: %s', (_what, text, flags) => {
    expect(readTraceparent(text)).toEqual({ traceId: TRACE_ID, parentId: PARENT_ID, flags });
  });

  it.each([
    ['nothing', ''],
    ['the version that there will never be', `ff-${TRACE_ID}-${PARENT_ID}-01`],
    ['a version in capital letters', `CC-${TRACE_ID}-${PARENT_ID}-01`],
    ['a version of one digit', `0-${TRACE_ID}-${PARENT_ID}-01`],
    ['a version of three digits', `000-${TRACE_ID}-${PARENT_ID}-01`],
    ['more than version 00 has', `00-${TRACE_ID}-${PARENT_ID}-01-`],
    ['more that is not set off', `01-${TRACE_ID}-${PARENT_ID}-01what`],
    ['more after a dot', `cc-${TRACE_ID}-${PARENT_ID}-01.what`],
    ['no trace', `00-${'0'.repeat(32)}-${PARENT_ID}-01`],
    ['no parent', `00-${TRACE_ID}-${'0'.repeat(16)}-01`],
    ['a trace id in capital letters', `00-${TRACE_ID.toUpperCase()}-${PARENT_ID}-01`],
    ['a trace id with another character', `00-.${TRACE_ID.slice(1)}-${PARENT_ID}-01`],
    ['a short trace id', `00-${TRACE_ID.slice(1)}-${PARENT_ID}-01`],
    ['a long trace id', `00-${TRACE_ID}0-${PARENT_ID}-01`],
    ['a short parent id', `00-${TRACE_ID}-${PARENT_ID.slice(1)}-01`],
    ['a long parent id', `00-${TRACE_ID}-${PARENT_ID}0-01`],
    ['flags of one digit', `00-${TRACE_ID}-${PARENT_ID}-1`],
    ['flags of three digits', `00-${TRACE_ID}-${PARENT_ID}-001`],
    ['flags with another character', `00-${TRACE_ID}-${PARENT_ID}-.0`],
    ['underscores', `00_${TRACE_ID}_${PARENT_ID}_01`],
  ])('is taken for none that says %s', (_what, text) => {
    expect(readTraceparent(text)).toBeUndefined();
  });

  it('never throws, and is written as it was read', () => {
    const hex = (digits: number) =>
      fc
        .array(fc.constantFrom(...'0123456789abcdef'), { minLength: digits, maxLength: digits })
        .map((all) => all.join(''));
    const like = fc
      .tuple(hex(2), hex(32), hex(16), hex(2), fc.constantFrom('', '-', '-later', '.', ' '))
      .map(([version, trace, span, flags, rest]) => `${version}-${trace}-${span}-${flags}${rest}`);
    fc.assert(
      fc.property(fc.oneof(like, anyBytes), (text) => {
        const known = readTraceparent(text);
        if (known === undefined) return;
        const [line = ''] = contextLines({ ...known, state: '' }).split('\r\n');
        expect(readTraceparent(line.slice('traceparent: '.length))).toEqual(known);
      }),
    );
  });
});

describe('the trace context of a request', () => {
  const given = ['traceparent', `00-${TRACE_ID}-${PARENT_ID}-01`] as const;

  it('is found in any case of letters, with blanks around it', () => {
    expect(read('TraceParent', `\t ${given[1]} \t`)).toEqual({ ...parent, state: '' });
    expect(read('trace-parent', given[1])).toBeUndefined();
    expect(read('trace_parent', given[1])).toBeUndefined();
  });

  it('is none where there are two: one of them is not for us', () => {
    expect(read(...given, ...given)).toBeUndefined();
  });

  it('has the state of all its lines, in their order', () => {
    const lines = ['tracestate', 'foo=1,', 'TraceState', ' bar=2 , rojo=00f067aa0ba902b7'];
    expect(read(...given, ...lines)?.state).toBe('foo=1,bar=2,rojo=00f067aa0ba902b7');
  });

  it('stays what it is with a state that cannot be read, which is dropped', () => {
    expect(read(...given, 'tracestate', 'foo=1,FOO=2')).toEqual({ ...parent, state: '' });
  });

  it('is none without a traceparent, whatever the state says', () => {
    expect(read('tracestate', 'foo=1')).toBeUndefined();
  });
});

describe('the lines that pass a context on', () => {
  it('say version 00, and have no line for an empty state', () => {
    const context: TraceContext = { ...parent, flags: 3, state: '' };
    expect(contextLines(context)).toBe(`traceparent: 00-${TRACE_ID}-${PARENT_ID}-03\r\n`);
    expect(contextLines({ ...context, state: 'foo=1' })).toContain('\r\ntracestate: foo=1\r\n');
  });
});
