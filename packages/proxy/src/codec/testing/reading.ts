import { BodyDecoder } from '../body-decoder.ts';
import { type BodyFraming, requestFraming, responseFraming } from '../body-framing.ts';
import { defaultHeadLimits, type HeadLimits } from '../limits.ts';
import type { RejectionReason } from '../rejection.ts';
import { RequestHeadParser } from '../request-head.ts';
import { ResponseHeadParser } from '../response-head.ts';

/** A message as plain values, so that two readings of it can be compared. */
export interface Reading {
  readonly outcome: 'complete' | 'partial' | RejectionReason;
  readonly startLine?: readonly (string | number | boolean)[];
  readonly fields?: readonly string[];
  readonly framing?: BodyFraming;
  readonly body?: string;
  readonly trailers?: readonly string[];
  /** Bytes that belong to the message. */
  readonly length?: number;
}

const GARBAGE = Buffer.from('\r\nHost: other\r\n\r\n0\r\n\r\n:;\t ');

/** The text in pieces of these lengths, the rest in one; each amid garbage that no parser may look at. */
export function* piecesOf(text: string, cuts: readonly number[]): Generator<[Buffer, number, number]> {
  const bytes = Buffer.from(text, 'latin1');
  let at = 0;
  for (const length of [...cuts, bytes.length]) {
    const piece = bytes.subarray(at, at + length);
    at += piece.length;
    const buffer = Buffer.concat([GARBAGE, piece, GARBAGE]);
    yield [buffer, GARBAGE.length, GARBAGE.length + piece.length];
    // The caller may reuse its buffer: a parser that kept a reference to it would see this.
    buffer.fill(0x58);
  }
}

const requestLineOf = (head: RequestHeadParser): (string | number | boolean)[] => [
  head.method,
  head.target,
  head.path,
  head.host,
  head.minorVersion,
  head.isPersistent,
  head.isUpgrade,
  head.expectsContinue,
  head.acceptsTrailers,
];

/** Reads one request that arrives in pieces of the given lengths. */
export function readRequest(
  text: string,
  cuts: readonly number[] = [],
  limits: HeadLimits = defaultHeadLimits,
): Reading {
  const head = new RequestHeadParser(limits);
  return readMessage(
    head,
    () => requestLineOf(head),
    () => requestFraming(head),
    text,
    cuts,
    limits,
  );
}

/** Reads one response to `method` that arrives in pieces of the given lengths. */
export function readResponse(
  text: string,
  cuts: readonly number[] = [],
  method = 'GET',
  limits: HeadLimits = defaultHeadLimits,
): Reading {
  const head = new ResponseHeadParser(limits);
  const startLine = () => [head.status, head.reason, head.minorVersion, head.isPersistent, head.isUpgrade];
  return readMessage(head, startLine, () => responseFraming(method, head), text, cuts, limits);
}

function readMessage(
  head: RequestHeadParser | ResponseHeadParser,
  startLine: () => (string | number | boolean)[],
  framingOf: () => BodyFraming,
  text: string,
  cuts: readonly number[],
  limits: HeadLimits,
): Reading {
  const decoder = new BodyDecoder(limits);
  let read: Reading = { outcome: 'partial' };
  let isInBody = false;
  let body = '';
  let consumed = 0;
  for (const [piece, start, end] of piecesOf(text, cuts)) {
    let at = start;
    if (!isInBody) {
      const state = head.feed(piece, start, end);
      if (state === 'rejected') return { outcome: head.rejection! };
      if (state === 'partial') {
        consumed += end - start;
        continue;
      }
      isInBody = true;
      at = head.next;
      consumed += at - start;
      read = {
        outcome: 'partial',
        startLine: startLine(),
        fields: head.fields.toList(),
        framing: framingOf(),
      };
      decoder.begin(framingOf(), head.contentLength);
    }
    for (;;) {
      const step = decoder.step(piece, at, end);
      if (step === 'rejected') return { outcome: decoder.rejection! };
      if (step === 'data') body += piece.toString('latin1', decoder.dataStart, decoder.dataEnd);
      consumed += decoder.next - at;
      at = decoder.next;
      if (step === 'end')
        return { ...read, outcome: 'complete', body, trailers: decoder.trailers, length: consumed };
      if (step === 'more') break;
    }
  }
  return isInBody ? { ...read, body } : read;
}
