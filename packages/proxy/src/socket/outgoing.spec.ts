import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrive } from '../testing/arrive.ts';
import { directRead, SMALL_PIECE_BYTES } from './direct-read.ts';
import { type ByteSink, Outgoing } from './outgoing.ts';

const owner = { onSent: () => {} };
const endOfPass = () => new Promise((resolve) => setImmediate(resolve));

/** A sink that keeps what it was given, write by write. */
class TestSink implements ByteSink {
  readonly writes: Buffer[] = [];
  isReady = true;
  corks = 0;
  writableLength = 0;
  writableNeedDrain = false;

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
    const outgoing = new Outgoing(sink, owner);
    outgoing.addText('head\r\n\r\n');
    outgoing.addBytes(Buffer.from('body'));
    outgoing.addText('\r\n');
    outgoing.sendNow();
    expect(sink.writes.map(String)).toEqual(['head\r\n\r\nbody\r\n']);
  });

  it('are not copied together where they are large, and leave corked so that they still go out as one', () => {
    const sink = new TestSink();
    const outgoing = new Outgoing(sink, owner);
    outgoing.addText('head');
    outgoing.addBytes(Buffer.alloc(SMALL_PIECE_BYTES + 1));
    outgoing.sendNow();
    expect(sink.writes.map(({ length }) => length)).toEqual([4, SMALL_PIECE_BYTES + 1]);
    expect(sink.corks).toBe(0);
  });

  it.each([
    ['used again', 'all', 0, 1],
    ['left alone', 'some', 1, 2],
  ])('have their buffer %s once the sink has %s of them', (_, _what, writableLength, memories) => {
    const sink = Object.assign(new TestSink(), { writableLength });
    const outgoing = new Outgoing(sink, owner);
    const memory = new Set<ArrayBufferLike>();
    const read = directRead((piece) => {
      memory.add(piece.buffer);
      outgoing.addBytes(piece);
      outgoing.sendNow();
    });
    for (let count = 0; count < 2; count++) arrive(read, '!', SMALL_PIECE_BYTES + 1);
    expect(memory.size).toBe(memories);
  });

  it('of a large piece are sent without another buffer for the next one, where all of them are small: so chunks come', () => {
    const outgoing = new Outgoing(new TestSink(), owner);
    const memory = new Set<ArrayBufferLike>();
    const read = directRead((piece) => {
      memory.add(piece.buffer);
      for (let at = 0; at < piece.length; at += 1_000) outgoing.addBytes(piece.subarray(at, at + 1_000));
      outgoing.send();
    });
    for (let count = 0; count < 3; count++) arrive(read, '!', SMALL_PIECE_BYTES + 1);
    outgoing.drop();
    expect(memory.size).toBe(1);
  });

  it('of one pass of the event loop become one write at its end', async () => {
    const sink = new TestSink();
    const outgoing = new Outgoing(sink, owner);
    for (const text of ['one ', 'two ', 'three']) {
      outgoing.addText(text);
      expect(outgoing.send()).toBe(true);
    }
    expect(sink.writes).toEqual([]);
    await endOfPass();
    expect(sink.writes.map(String)).toEqual(['one two three']);
    outgoing.addText('four');
    outgoing.send();
    await endOfPass();
    expect(sink.writes.map(String)).toEqual(['one two three', 'four']);
  });

  it('go out at once where large, because the buffer is wanted for the next piece', () => {
    const sink = new TestSink();
    const outgoing = new Outgoing(sink, owner);
    outgoing.addText('head');
    outgoing.send();
    outgoing.addBytes(Buffer.alloc(SMALL_PIECE_BYTES + 1));
    outgoing.send();
    expect(sink.writes.map(({ length }) => length)).toEqual([4, SMALL_PIECE_BYTES + 1]);
  });

  it('are not sent when they are dropped before the end of the pass', async () => {
    const sink = new TestSink();
    const outgoing = new Outgoing(sink, owner);
    outgoing.addText('never');
    outgoing.send();
    outgoing.drop();
    await endOfPass();
    expect(sink.writes).toEqual([]);
  });

  it('ask to wait while the sink has not drained, though nothing was written yet', () => {
    const outgoing = new Outgoing(Object.assign(new TestSink(), { writableNeedDrain: true }), owner);
    outgoing.addText('late');
    expect(outgoing.send()).toBe(false);
  });

  it('are sent once', () => {
    const sink = new TestSink();
    const outgoing = new Outgoing(sink, owner);
    outgoing.addText('once');
    outgoing.sendNow();
    outgoing.sendNow();
    expect(sink.writes.map(String)).toEqual(['once']);
  });

  it('that are nothing make no write, and ask nobody to wait', () => {
    const sink = Object.assign(new TestSink(), { isReady: false });
    const outgoing = new Outgoing(sink, owner);
    outgoing.addText('');
    expect(outgoing.sendNow()).toBe(true);
    expect(sink.writes).toEqual([]);
  });

  it.each([1, 20_000])('tell whether the sink wants more, at %i bytes', (length) => {
    for (const isReady of [true, false]) {
      const told: boolean[] = [];
      const sink = Object.assign(new TestSink(), { isReady });
      const outgoing = new Outgoing(sink, { onSent: (ready) => told.push(ready) });
      outgoing.addText('head');
      outgoing.addBytes(Buffer.alloc(length));
      expect(outgoing.sendNow()).toBe(isReady);
      expect(told).toEqual([isReady]);
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
        const outgoing = new Outgoing(sink, owner);
        for (const parts of rounds) {
          for (const part of parts) {
            if (typeof part === 'string') outgoing.addText(part);
            else addAndOverwrite(outgoing, Buffer.from(part));
          }
          outgoing.sendNow();
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
