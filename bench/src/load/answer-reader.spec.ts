import { describe, expect, it } from 'vitest';
import { AnswerReader, type ReadAnswer } from './answer-reader.ts';

const answer = (status: number, body: string): string =>
  `HTTP/1.1 ${status} Any\r\nX-Served-By: e1\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

function readAll(pieces: readonly string[]): readonly ReadAnswer[] {
  const reader = new AnswerReader();
  return pieces.map((piece) => reader.take(Buffer.from(piece))).filter((read) => read !== undefined);
}

describe('an answer', () => {
  const text = answer(200, 'kelp');

  it('is complete with its last byte, wherever it was cut', () => {
    for (let cut = 1; cut < text.length; cut++) {
      const reader = new AnswerReader();

      expect(reader.take(Buffer.from(text.slice(0, cut)))).toBeUndefined();
      expect(reader.take(Buffer.from(text.slice(cut)))).toMatchObject({ status: 200 });
    }
  });

  it('is followed by the next one on its connection', () => {
    const statuses = readAll([text, answer(503, ''), text.slice(0, 30), text.slice(30)]).map(
      ({ status }) => status,
    );

    expect(statuses).toEqual([200, 503, 200]);
  });

  it('that says too much counts as broken', () => {
    expect(readAll([`${text}more`])).toMatchObject([{ status: 0 }]);
  });
});
