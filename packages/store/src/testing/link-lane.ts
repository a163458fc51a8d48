import type { Socket } from 'node:net';
import { type CancelTimer, systemClock } from '@holdfast/shared';

/** What a link does to everything that goes over it. */
export interface LinkConditions {
  /** Each way. Default: 0. */
  readonly delayMs?: number;
  /** Each way of each connection. Default: as many as there are. */
  readonly bytesPerSecond?: number;
}

/** What waits to go on: bytes, or the sender's end of the connection. */
interface Piece {
  readonly bytes: Buffer | undefined;
  readonly dueMs: number;
}

/** One direction of a connection over a link: what comes goes on in its order, late, slowly, or not at all. */
export class LinkLane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #conditions: () => LinkConditions;
  readonly #waiting: Piece[] = [];
  #isHeld: boolean;
  /** When the line has carried everything that came before. */
  #idleAtMs = 0;
  #cancelNext: CancelTimer = () => {};

  constructor(from: Socket, to: Socket, conditions: () => LinkConditions, isHeld: boolean) {
    this.#from = from;
    this.#to = to;
    this.#conditions = conditions;
    this.#isHeld = isHeld;
    from.on('data', (bytes) => this.#add(bytes as Buffer));
    from.on('end', () => this.#add(undefined));
    if (isHeld) from.pause();
  }

  /** Takes and passes nothing more; what has not been taken yet fills the sender's buffers, as on a real line. */
  hold(): void {
    this.#isHeld = true;
    this.#cancelNext();
    this.#from.pause();
  }

  release(): void {
    this.#isHeld = false;
    this.#from.resume();
    this.#pass();
  }

  #add(bytes: Buffer | undefined): void {
    const { delayMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY } = this.#conditions();
    const sendingMs = ((bytes?.length ?? 0) / bytesPerSecond) * 1_000;
    this.#idleAtMs = Math.max(this.#idleAtMs, systemClock.elapsed()) + sendingMs;
    this.#waiting.push({ bytes, dueMs: this.#idleAtMs + delayMs });
    if (!this.#isHeld) this.#pass();
  }

  #pass(): void {
    this.#cancelNext();
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const waitMs = next.dueMs - systemClock.elapsed();
      if (waitMs > 0) {
        this.#cancelNext = systemClock.after(waitMs, () => this.#pass());
        return;
      }
      this.#waiting.shift();
      if (next.bytes === undefined) this.#to.end();
      else if (this.#to.writable) this.#to.write(next.bytes);
    }
  }
}
