import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { directRead, SMALL_PIECE_BYTES } from '../socket/direct-read.ts';
import { type ByteSink, Outgoing } from './outgoing.ts';

/** A sink that keeps what it was given, write by write. */
class TestSink implements ByteSink {
  readonly writes: Buffer[] = [];
  isReady = true;
  corks = 0;
  writableLength = 0;

  write(data: string | Uint8Array, encoding?: 'latin1'): boolean {
    this.writes.push(typeof data === 'string' ? Buffer.from(data, encoding) : Buffer.from(data));
    return this.isReady;
  }

  cork(): void {
    this.corks++;
  }

  uncork(): void {
    this.corks--;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.writes);
  }
}

/** Adds a buffer and, as its owner may with a small one, uses it for something else. */
function addAndOverwrite(outgoing: Outgoing, bytes: Buffer): void {
  outgoing.addBytes(bytes);
  if (bytes.length <= SMALL_PIECE_BYTES) bytes.fill('!');
}

describe('outgoing text and bytes', () => {
  it('become one write where they are small: each write is a system call and a packet', () => {
    const sink = new TestSink();
    const outgoing = new Outgoing();
    outgoing.addText('head\r\n\r\n');
    outgoing.addBytes(Buffer.from('body'));
    outgoing.addText('\r\n');
    outgoing.sendTo(sink);
    expect(sink.writes.map(String)).toEqual(['head\r\n\r\nbody\r\n']);
  });

  it('are not copied together where they are large, and leave corked so that they still go out as one', () => {
    const sink = new TestSink();
    const outgoing = new Outgoing();
    outgoing.addText('head');
    outgoing.addBytes(Buffer.alloc(SMALL_PIECE_BYTES + 1));
    outgoing.sendTo(sink);
    expect(sink.writes.map(({ length }) => length)).toEqual([4, SMALL_PIECE_BYTES + 1]);
    expect(sink.corks).toBe(0);
  });

  it.each([
    ['used again', 'all', 0, 1],
    ['left alone', 'some', 1, 2],
  ])('have their buffer %s once the sink has %s of them', (_, _what, writableLength, memories) => {
    const sink = Object.assign(new TestSink(), { writableLength });
    const outgoing = new Outgoing();
    const memory = new Set<ArrayBufferLike>();
    const { buffer, callback } = directRead((piece) => {
      memory.add(piece.buffer);
      outgoing.addBytes(piece);
      outgoing.sendTo(sink);
    });
    for (let count = 0; count < 2; count++) callback(SMALL_PIECE_BYTES + 1, (buffer as () => Uint8Array)());
    expect(memory.size).toBe(memories);
  });

  it('are sent once', () => {
    const sink = new TestSink();
    const outgoing = new Outgoing();
    outgoing.addText('once');
    outgoing.sendTo(sink);
    outgoing.sendTo(sink);
    expect(sink.writes.map(String)).toEqual(['once']);
  });

  it('that are nothing make no write, and ask nobody to wait', () => {
    const sink = Object.assign(new TestSink(), { isReady: false });
    const outgoing = new Outgoing();
    outgoing.addText('');
    expect(outgoing.sendTo(sink)).toBe(true);
    expect(sink.writes).toEqual([]);
  });

  it.each([1, 20_000])('tell whether the sink wants more, at %i bytes', (length) => {
    for (const isReady of [true, false]) {
      const outgoing = new Outgoing();
      outgoing.addText('head');
      outgoing.addBytes(Buffer.alloc(length));
      expect(outgoing.sendTo(Object.assign(new TestSink(), { isReady }))).toBe(isReady);
    }
  });

  it('arrive byte for byte in their order, though a small buffer is overwritten as soon as it was added', () => {
    const text = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
    const bytes = fc
      .oneof(fc.constant(20_000), fc.nat({ max: 50 }))
      .map((length) => Buffer.alloc(length, length & 0xff));
    fc.assert(
      fc.property(fc.array(fc.array(fc.oneof(text, bytes), { maxLength: 5 }), { maxLength: 5 }), (rounds) => {
        const sink = new TestSink();
        const outgoing = new Outgoing();
        for (const parts of rounds) {
          for (const part of parts) {
            if (typeof part === 'string') outgoing.addText(part);
            else addAndOverwrite(outgoing, Buffer.from(part));
          }
          outgoing.sendTo(sink);
        }
        const expected = rounds
          .flat()
          .map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part));
        expect(sink.bytes.equals(Buffer.concat(expected))).toBe(true);
        expect(sink.corks).toBe(0);
      }),
    );
  });
});
