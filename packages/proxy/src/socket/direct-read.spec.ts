import { type AddressInfo, createServer, type Server } from 'node:net';
import { eventually } from '@holdfast/store/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { arrive } from '../testing/arrive.ts';
import { TestSocket } from '../testing/test-socket.ts';
import {
  DirectSocket,
  directRead,
  keepPiece,
  passOnPiece,
  queuePiece,
  receivePieces,
  SMALL_PIECE_BYTES,
  sentPiece,
} from './direct-read.ts';

describe('a direct read', () => {
  it('hands over each piece with its bytes', () => {
    const pieces: string[] = [];
    const read = directRead((piece) => pieces.push(piece.toString()));
    arrive(read, 'a', 3);
    arrive(read, 'b', 2);
    expect(pieces).toEqual(['aaa', 'bb']);
  });

  it('makes no buffer for small pieces: one is used for all of them', () => {
    const pieces: Buffer[] = [];
    const read = directRead((piece) => pieces.push(piece));
    arrive(read, 'a', SMALL_PIECE_BYTES);
    arrive(read, 'b', SMALL_PIECE_BYTES);
    expect(pieces[0]?.buffer).toBe(pieces[1]?.buffer);
  });

  it('has Node look at a buffer once, and not again with each piece', () => {
    const { buffer, callback } = directRead(() => {});
    const next = buffer as () => Buffer | undefined;
    const bytes = next() as Buffer;
    callback(1, bytes);
    expect(next()).toBeUndefined();
    callback(SMALL_PIECE_BYTES + 1, bytes);
    expect(next()).not.toBe(bytes);
  });

  it('leaves large pieces as they are, whatever arrives later, here or elsewhere', () => {
    const pieces: Buffer[] = [];
    const one = directRead((piece) => pieces.push(piece));
    const two = directRead((piece) => pieces.push(piece));
    const length = SMALL_PIECE_BYTES + 1;
    for (const fill of ['a', 'b', 'c']) {
      arrive(one, fill, length);
      arrive(two, fill.toUpperCase(), length);
    }
    for (const read of [one, two, one, two]) arrive(read, '!', SMALL_PIECE_BYTES);
    const large = pieces.filter((piece) => piece.length === length);
    expect(large.map((piece) => piece.toString())).toEqual(
      ['a', 'A', 'b', 'B', 'c', 'C'].map((fill) => fill.repeat(length)),
    );
  });
});

describe('the buffer of large pieces', () => {
  const length = SMALL_PIECE_BYTES + 1;

  /** The memory of three large pieces in turn, with each of which the receiver does the same. */
  function memoryOf(receive: (piece: Buffer) => void) {
    const memory: ArrayBufferLike[] = [];
    const read = directRead((piece) => {
      receive(piece);
      memory.push(piece.buffer);
    });
    for (const fill of 'abc') arrive(read, fill, length);
    return new Set(memory).size;
  }

  it('is used again once a piece has been passed on: a bulk transfer makes no garbage', () => {
    expect(memoryOf((piece) => passOnPiece(piece))).toBe(1);
    expect(memoryOf((piece) => passOnPiece(piece.subarray(1, 9)))).toBe(1);
    expect(memoryOf((piece) => [queuePiece(piece), sentPiece(piece)])).toBe(1);
  });

  it.each([
    ['says nothing', () => {}],
    ['keeps it', (piece: Buffer) => keepPiece(piece)],
    ['passes some on and keeps some', (piece: Buffer) => [passOnPiece(piece), keepPiece(piece)]],
    ['keeps some and passes some on', (piece: Buffer) => [keepPiece(piece), passOnPiece(piece)]],
    ['has yet to send it', (piece: Buffer) => queuePiece(piece)],
    [
      'has sent one of two parts',
      (piece: Buffer) => [queuePiece(piece), queuePiece(piece), sentPiece(piece)],
    ],
    ['passes some on and has yet to send some', (piece: Buffer) => [queuePiece(piece), passOnPiece(piece)]],
    ['passes on something else', () => passOnPiece(Buffer.alloc(length))],
  ])('is another one after a receiver that %s', (_, receive) => {
    expect(memoryOf(receive)).toBe(3);
  });

  it('is none of a small piece, which is copied to be kept', () => {
    const kept: Buffer[] = [];
    const read = directRead((piece) => kept.push(keepPiece(piece)));
    arrive(read, 'a', 3);
    arrive(read, 'b', 3);
    expect(kept.map(String)).toEqual(['aaa', 'bbb']);
  });
});

describe('an accepted connection that is read directly', () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  /** Both ends of a connection; the accepted one reads nothing yet. */
  async function connection() {
    const accepted: DirectSocket[] = [];
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) =>
      accepted.push(new DirectSocket(socket)),
    );
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const client = await TestSocket.connect((server.address() as AddressInfo).port);
    await eventually('the connection', () => accepted.length === 1);
    return { client, socket: accepted[0] as DirectSocket };
  }

  it('gives what arrived before anybody listened, then what arrives', async () => {
    const { client, socket } = await connection();
    client.send('early');
    let text = '';
    receivePieces(socket, (piece) => {
      text += piece.toString();
    });
    await eventually('the early bytes', () => text === 'early');
    client.send(' and late');
    await eventually('the late bytes', () => text === 'early and late');
    socket.destroy();
  });

  it('stops and starts, writes, and tells of both ends as any socket does', async () => {
    const { client, socket } = await connection();
    expect(socket.remoteAddress).toBe('127.0.0.1');
    let received = 0;
    let hasEnded = false;
    socket.on('end', () => {
      hasEnded = true;
    });
    receivePieces(socket, (piece) => {
      received += piece.length;
      socket.pause();
    });
    client.send('x'.repeat(1_000_000));
    while (received < 1_000_000) {
      const before = received;
      await eventually('a piece', () => received > before);
      socket.resume();
    }
    client.end();
    await eventually('the end', () => hasEnded);
    socket.end('bye');
    expect(await client.ended()).toBe('bye');
  });
});
