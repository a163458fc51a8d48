import { systemClock } from '@holdfast/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fieldSet } from './field-kind.ts';
import {
  CHUNK_END,
  chunkStart,
  HEAD_END,
  lastChunk,
  requestHead,
  requestLine,
  responseHead,
} from './message-writer.ts';
import { RequestHeadParser } from './request-head.ts';
import { fuzz } from './testing/fuzz.ts';
import { chunkedBody, cuts, request, response } from './testing/messages.ts';
import { readRequest, readResponse } from './testing/reading.ts';
import { referenceChunks, referenceRequest, referenceResponse } from './testing/reference.ts';

const RUNS = 300;
const check = (property: fc.IRawProperty<unknown>): void => void fc.assert(property, { numRuns: RUNS });

describe('any valid message', () => {
  it('reads as the grammar says', () => {
    check(
      fc.property(request, (text) => {
        const read = readRequest(text);
        const expected = referenceRequest(text);
        expect(read).toMatchObject({ outcome: 'complete', fields: expected?.fields, body: expected?.body });
        expect(read.length).toBe(text.length);
      }),
    );
    check(
      fc.property(response, (text) => {
        const expected = referenceResponse(text);
        expect(readResponse(text)).toMatchObject({ fields: expected?.fields, body: expected?.body ?? '' });
      }),
    );
  });

  it('reads the same in one piece and in two, wherever it is cut', () => {
    const runs = { numRuns: 40 };
    fc.assert(
      fc.property(request, (text) => {
        const whole = readRequest(text);
        for (let at = 0; at <= text.length; at++) expect(readRequest(text, [at])).toEqual(whole);
      }),
      runs,
    );
    fc.assert(
      fc.property(response, (text) => {
        const whole = readResponse(text);
        for (let at = 0; at <= text.length; at++) expect(readResponse(text, [at])).toEqual(whole);
      }),
      runs,
    );
  });

  it('reads the same in any number of pieces, and byte by byte', () => {
    check(
      fc.property(request, cuts, (text, at) => {
        expect(readRequest(text, at)).toEqual(readRequest(text));
        expect(readRequest(text, new Array(text.length).fill(1))).toEqual(readRequest(text));
      }),
    );
    check(
      fc.property(response, cuts, (text, at) => {
        expect(readResponse(text, at)).toEqual(readResponse(text));
        expect(readResponse(text, new Array(text.length).fill(1))).toEqual(readResponse(text));
      }),
    );
  });

  it('reads the same behind another one on the connection as alone', () => {
    check(
      fc.property(request, request, (first, second) => {
        const pair = readRequest(first + second);
        expect(pair).toEqual(readRequest(first));
        expect(readRequest((first + second).slice(pair.length))).toEqual(readRequest(second));
      }),
    );
  });

  it('reads the same by a parser that has read others before', () => {
    const veteran = new RequestHeadParser();
    check(
      fc.property(request, (text) => {
        const bytes = Buffer.from(text, 'latin1');
        const novice = new RequestHeadParser();
        expect(veteran.feed(bytes, 0, bytes.length)).toBe(novice.feed(bytes, 0, bytes.length));
        expect(summary(veteran)).toEqual(summary(novice));
      }),
    );
  });
});

const summary = (head: RequestHeadParser): unknown[] => [
  head.method,
  head.target,
  head.host,
  head.contentLength,
  head.isChunked,
  head.isPersistent,
  head.expectsContinue,
  head.acceptsTrailers,
  head.fields.kinds,
  head.fields.toList(),
  head.next,
];

describe('what is written again', () => {
  it('reads as it did before, from a list of fields', () => {
    check(
      fc.property(request, (text) => {
        const read = readRequest(text);
        const [method, target] = read.startLine as [string, string];
        const again = readRequest(requestHead(method, target, read.fields ?? []) + text.slice(bodyAt(text)));
        expect(again.fields).toEqual(read.fields);
        expect(again.startLine?.slice(0, 2)).toEqual([method, target]);
      }),
    );
    check(
      fc.property(response, (text) => {
        const read = readResponse(text);
        const [status, reason] = read.startLine as [number, string];
        const again = readResponse(
          responseHead(status, reason, read.fields ?? []) + text.slice(bodyAt(text)),
        );
        expect(again).toMatchObject({ fields: read.fields, startLine: read.startLine, body: read.body });
      }),
    );
  });

  it('reads as it did before, from a copy of the fields, minus those that were dropped', () => {
    const dropped = fieldSet('alias', 'via', 'te', 'keepAlive');
    check(
      fc.property(request, (text) => {
        const bytes = Buffer.from(text, 'latin1');
        const head = new RequestHeadParser();
        head.feed(bytes, 0, bytes.length);
        const names = /^(?:via|te|keep-alive)$/i;
        const isAlias = (name: string) => name.includes('_') && head.fields.find(name.toLowerCase()) >= 0;
        const before = head.fields.toList();
        const copy = Buffer.from(
          requestLine(head.method, '/') + head.fields.copy(dropped) + HEAD_END,
          'latin1',
        );
        const aliases = new Set(
          before.filter((name, at) => at % 2 === 0 && isAlias(name) && isRecognised(name)),
        );
        const kept = before.filter((_, at) => {
          const name = before[at - (at % 2)]!;
          return !names.test(name) && !aliases.has(name);
        });
        const again = new RequestHeadParser();
        expect(again.feed(copy, 0, copy.length)).toBe('complete');
        expect(again.fields.toList()).toEqual(kept);
      }),
    );
  });
});

const isRecognised = (name: string): boolean => {
  const head = Buffer.from(`GET / HTTP/1.1\r\nHost: a\r\n${name}: x\r\n\r\n`, 'latin1');
  const parser = new RequestHeadParser();
  parser.feed(head, 0, head.length);
  return parser.fields.kind(1) !== 0;
};

const bodyAt = (text: string): number => text.indexOf('\r\n\r\n', text.startsWith('\r\n') ? 2 : 0) + 4;

describe('chunks', () => {
  const head = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';

  it('come apart as the grammar says, however they arrive', () => {
    check(
      fc.property(chunkedBody, cuts, (body, at) => {
        const read = readRequest(head + body, [head.length, ...at]);
        expect(read).toMatchObject({ outcome: 'complete', ...referenceChunks(body) });
      }),
    );
  });

  it('carry any body and come apart again to the same, however it was chunked', () => {
    const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 50 }), { maxLength: 8 });
    check(
      fc.property(pieces, cuts, (parts, at) => {
        const data = parts.map((part) => Buffer.from(part).toString('latin1'));
        const body =
          data.map((part) => chunkStart(part.length) + part + CHUNK_END).join('') + lastChunk(['X-Sum', '1']);
        const read = readRequest(head + body, at);
        expect(read).toMatchObject({ outcome: 'complete', body: data.join(''), trailers: ['X-Sum', '1'] });
      }),
    );
  });
});

describe('no input', () => {
  it('makes a parser throw, read beyond its end or accept what the grammar does not', () => {
    const seconds = Number(process.env.CODEC_FUZZ_SECONDS ?? 1);
    const report = fuzz({
      durationMs: seconds * 1_000,
      seed: Number(process.env.CODEC_FUZZ_SEED ?? 1),
      clock: systemClock,
    });
    expect(report.failure).toBeUndefined();
    // Inputs of which none was accepted, or none refused, would have shown nothing.
    expect(report.accepted).toBeGreaterThan(0);
    expect(report.rejected).toBeGreaterThan(0);
  });
});
