import type { Socket } from 'node:net';
import { Outgoing, type SendingOwner } from '../socket/outgoing.ts';

/** One direction of a relay: what comes from one socket goes to the other, no faster than that takes it. */
export class Lane implements SendingOwner {
  bytes = 0;
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #outgoing: Outgoing;
  #isHeld = false;

  constructor(from: Socket, to: Socket) {
    this.#from = from;
    this.#to = to;
    this.#outgoing = new Outgoing(to, this);
    to.on('drain', () => this.#drained());
    from.on('end', () => this.#ended());
  }

  /** Passes a piece on. A small one goes out at the end of this pass of the event loop. */
  carry(piece: Buffer): void {
    this.bytes += piece.length;
    this.#outgoing.addBytes(piece);
    this.#outgoing.send();
  }

  onSent(isReady: boolean): void {
    if (isReady || this.#to.writableLength === 0) return;
    this.#isHeld = true;
    this.#from.pause();
  }

  #drained(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#from.resume();
  }

  #ended(): void {
    this.#outgoing.sendNow();
    this.#to.end();
  }
}
