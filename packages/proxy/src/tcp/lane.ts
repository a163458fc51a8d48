import type { Socket } from 'node:net';
import { SMALL_PIECE_BYTES } from '../socket/direct-read.ts';

/**
 * What a socket may have taken on without having sent it, before it says that it has drained. Less than a large piece, so
 * that whoever holds a lane back for one always hears when it has gone.
 */
export const LANE_BYTES = SMALL_PIECE_BYTES;

/** One direction of a relay: what comes from one socket goes to the other, no faster than that takes it. */
export class Lane {
  bytes = 0;
  readonly #from: Socket;
  readonly #to: Socket;
  #isHeld = false;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    to.on('drain', () => this.#drained());
    from.on('end', () => to.end());
  }

  /** Passes a piece on. When this returns the piece has gone, or its socket is paused until it has. */
  carry(piece: Buffer): void {
    this.bytes += piece.length;
    if (this.#to.write(piece) || this.#to.writableLength === 0) return;
    this.#isHeld = true;
    this.#from.pause();
  }

  #drained(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#from.resume();
  }
}
