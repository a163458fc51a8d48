import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OtlpEncoding } from '../../packages/proxy/src/tracing/otlp-encoding.ts';
import type { Span } from '../../packages/proxy/src/tracing/span.ts';
import { type ReceivedSpan, readSpans } from './otlp-traces.ts';

/** Longer than a length of one byte counts, and with characters of one byte to four. */
const text = fc.string({ unit: fc.constantFrom('a', '-', 'é', '€', '😀'), maxLength: 200 });
const hex = (digits: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: digits, maxLength: digits })
    .map((all) => all.join(''))
    .filter((id) => /[^0]/.test(id));
const value = fc.oneof(
  text,
  fc.maxSafeNat(),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const attributes = fc.dictionary(
  fc.constantFrom('http.route', 'url.path', 'holdfast.pool', 'holdfast.endpoint', 'service.name'),
  value,
  { noNullPrototype: true },
);

const spans: fc.Arbitrary<Span> = fc.record({
  place: fc.record({
    traceId: hex(32),
    spanId: hex(16),
    parentId: fc.option(hex(16), { nil: undefined }),
    isParentRemote: fc.boolean(),
    flags: fc.constantFrom(1, 3),
    state: text,
  }),
  content: fc.record({
    kind: fc.constantFrom('server', 'client', 'internal'),
    name: text,
    attributes,
    isError: fc.boolean(),
  }),
  startedAtMs: fc.double({ min: 1.7e12, max: 2e12, noNaN: true }),
  endedAtMs: fc.double({ min: 1.7e12, max: 2e12, noNaN: true }),
});

const resource = { 'service.name': 'holdfast', 'process.pid': 12 };
const encoding = () => new OtlpEncoding({ resource, scope: { name: 'holdfast', version: '1' } });
const read = (bytes: Uint8Array): readonly ReceivedSpan[] => readSpans(Buffer.from(bytes));

/** What a reader makes of a span. */
const received = ({ place, content, startedAtMs, endedAtMs }: Span) => ({
  ...{ name: content.name, kind: content.kind, isError: content.isError },
  ...{
    traceId: place.traceId,
    spanId: place.spanId,
    parentId: place.parentId ?? '',
    traceState: place.state,
  },
  flags: place.flags | (place.isParentRemote ? 0x300 : 0x100),
  startMs: expect.closeTo(startedAtMs, 2),
  endMs: expect.closeTo(endedAtMs, 2),
  attributes: Object.fromEntries(
    Object.entries(content.attributes).map(([key, given]) => [key, given === 0 ? 0 : given]),
  ),
  ...{ resource, scope: 'holdfast' },
});

describe('the encoding of spans', () => {
  it('is read by another implementation of protobuf as what it was, whatever was encoded before', () => {
    const first = encoding();
    fc.assert(
      fc.property(fc.array(spans, { maxLength: 8 }), (batch) => {
        for (const each of [first, encoding()])
          expect(read(each.request([each.spans(batch)]))).toEqual(batch.map(received));
      }),
    );
  });

  it('remembers attributes, and those alone that have few values', () => {
    const each = encoding();
    const batch = Array.from({ length: 500 }, (_, index) => ({
      place: { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), parentId: undefined, isParentRemote: false },
      content: { 'holdfast.pool': `pool-${index % 3}`, 'url.path': `/${index}`, 'service.name': 'other' },
    })).map(
      ({ place, content }): Span => ({
        place: { ...place, flags: 1, state: '' },
        content: { kind: 'server', name: 'GET', attributes: content, isError: false },
        startedAtMs: 1.7e12,
        endedAtMs: 1.7e12,
      }),
    );
    for (let round = 0; round < 3; round++) {
      const encoded = batch.map((span) => each.spans([span]));
      expect(read(each.request(encoded))).toEqual(batch.map(received));
    }
  });

  it('has room for a batch that is larger than any before', () => {
    const [span] = fc.sample(spans, 1) as [Span];
    const large = { ...span, content: { ...span.content, attributes: { 'url.path': 'é'.repeat(300_000) } } };
    const each = encoding();
    expect(read(each.request([each.spans([large, span])]))).toEqual([large, span].map(received));
  });
});
